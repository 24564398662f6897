//! How often a caller may come: the generic cell rate algorithm, one cell a caller, with one second's worth at once.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The names of draft-ietf-httpapi-ratelimit-headers.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// The clock of all limits, a function that gives the time since some moment.
#[derive(Clone, Copy, Debug)]
struct Uptime(fn() -> Duration);

impl Clock for Uptime {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

type Cell = RateLimiter<NotKeyed, InMemoryState, Uptime, StateInformationMiddleware>;

/// The limit of every caller. The table is as long as the list of keys and never grows.
#[derive(Debug)]
pub(crate) struct Limiter {
    cells: Vec<Cell>,
    limit: NonZeroU32,
    clock: Uptime,
}

/// What a caller has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Requests a second.
    limit: NonZeroU32,
    /// Requests that would pass now.
    remaining: u32,
    /// Seconds, rounded up: until everything is back, or where nothing is left until the next request passes.
    pub(crate) seconds: u64,
}

impl Limiter {
    /// A limit of `limit` requests a second for each of `callers`, by the clock `uptime`.
    pub(crate) fn new(limit: NonZeroU32, callers: usize, uptime: fn() -> Duration) -> Self {
        let clock = Uptime(uptime);
        let cell = |_| RateLimiter::direct_with_clock(Quota::per_second(limit), clock).with_middleware();
        Self { cells: (0..callers).map(cell).collect(), limit, clock }
    }

    /// Counts one request of `caller`.
    ///
    /// # Errors
    /// Where it comes too early.
    ///
    /// # Panics
    /// Where there is no such caller.
    pub(crate) fn count(&self, caller: usize) -> Result<Rate, Rate> {
        match self.cells[caller].check() {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let used = self.limit.get().saturating_sub(remaining);
                Ok(self.rate(remaining, state.quota().replenish_interval() * used))
            }
            Err(refused) => Err(self.rate(0, refused.wait_time_from(self.clock.now()))),
        }
    }

    fn rate(&self, remaining: u32, wait: Duration) -> Rate {
        let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() != 0);
        Rate { limit: self.limit, remaining, seconds: rounded_up.max(1) }
    }
}

impl Rate {
    /// Tells the caller, whatever the answer is.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let value = |text: String| HeaderValue::try_from(text).expect("digits and signs are ASCII");
        headers.insert(POLICY, value(format!("\"default\";q={};w=1", self.limit)));
        headers.insert(STATE, value(format!("\"default\";r={};t={}", self.remaining, self.seconds)));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! { static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) }; }

    fn limiter(limit: u32, callers: usize) -> Limiter {
        Limiter::new(NonZeroU32::new(limit).unwrap(), callers, || NOW.get())
    }

    fn pass(milliseconds: u64) {
        NOW.set(NOW.get() + Duration::from_millis(milliseconds));
    }

    fn remaining(limiter: &Limiter, caller: usize) -> Result<u32, u64> {
        limiter.count(caller).map(|rate| rate.remaining).map_err(|rate| rate.seconds)
    }

    #[test]
    fn a_second_s_worth_passes_at_once_and_then_one_an_interval() {
        let limiter = limiter(4, 1);
        for left in [3, 2, 1, 0] {
            assert_eq!(remaining(&limiter, 0), Ok(left));
        }
        assert_eq!(remaining(&limiter, 0), Err(1));
        pass(249);
        assert_eq!(remaining(&limiter, 0), Err(1), "a refused request does not push the next one away");
        pass(1);
        assert_eq!(remaining(&limiter, 0), Ok(0));
        pass(500);
        assert_eq!(remaining(&limiter, 0), Ok(1));
        pass(60_000);
        assert_eq!(remaining(&limiter, 0), Ok(3), "nothing is saved up beyond a second");
    }

    #[test]
    fn one_caller_takes_nothing_from_another() {
        let limiter = limiter(1, 2);
        assert_eq!(remaining(&limiter, 1), Ok(0));
        assert_eq!(remaining(&limiter, 1), Err(1));
        assert_eq!(remaining(&limiter, 0), Ok(0));
    }

    #[test]
    fn the_largest_limit_is_no_trouble() {
        assert!(limiter(u32::MAX, 1).count(0).is_ok());
    }

    #[test]
    fn headers_follow_the_draft() {
        let limiter = limiter(100, 1);
        let mut headers = HeaderMap::new();
        limiter.count(0).unwrap().tell(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"default\";q=100;w=1");
        assert_eq!(headers["ratelimit"], "\"default\";r=99;t=1");
    }
}
