//! The way in, before a byte of the body is read: who calls, how many are inside, how often the caller comes.

use http::{HeaderMap, Response};

use crate::access::Keys;
use crate::config::Config;
use crate::context::Sources;
use crate::in_flight::{InFlight, Permit};
use crate::problem::Problem;
use crate::rate::{Limiter, Rate};
use crate::response::Body;
use crate::router::Route;

/// What a route asks of those who come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// Nothing: a probe must be answered where the function is busy, or the platform would end it for that.
    Probe,
    /// A place alone: what a browser opens before anybody can give a key.
    Public,
    /// A key where keys are set, a place, and patience.
    Guarded,
}

/// All that stands between a request and its route.
#[derive(Debug)]
pub(crate) struct Gate {
    keys: Keys,
    in_flight: Option<InFlight>,
    limiter: Option<Limiter>,
}

/// What a request holds after the gate, let in or not.
#[derive(Debug, Default)]
pub(crate) struct Entered {
    permit: Option<Permit>,
    rate: Option<Rate>,
}

impl Gate {
    pub(crate) fn new(config: &Config, sources: &Sources) -> Self {
        let keys = Keys::new(config.api_keys.clone());
        let limiter = config.rate_limit.map(|limit| Limiter::new(limit, keys.callers(), sources.uptime));
        Self { in_flight: config.max_in_flight.map(InFlight::new), limiter, keys }
    }

    /// The route where the request may go there. What the router refuses is refused only after the key: who has none
    /// learns nothing of the paths. Open paths are no secret, and say their methods to everybody.
    pub(crate) fn enter(
        &self,
        (entrance, route): (Entrance, Result<Route, Problem>),
        headers: &HeaderMap,
        entered: &mut Entered,
    ) -> Result<Route, Problem> {
        let caller = match entrance {
            Entrance::Probe => return route,
            Entrance::Public => None,
            Entrance::Guarded => Some(self.keys.caller(headers)?),
        };
        let route = route?;
        if let Some(in_flight) = &self.in_flight {
            entered.permit = Some(in_flight.enter().ok_or(Problem::Busy)?);
        }
        if let (Some(caller), Some(limiter)) = (caller, &self.limiter) {
            let counted = limiter.count(caller);
            let (Ok(rate) | Err(rate)) = counted;
            entered.rate = Some(rate);
            counted.map_err(|rate| Problem::TooOften { seconds: rate.seconds })?;
        }
        Ok(route)
    }
}

impl Entered {
    /// Tells the caller what is left to him, and keeps the place until the answer has ended.
    pub(crate) fn leave(self, response: Response<Body>) -> Response<Body> {
        let (mut head, mut body) = response.into_parts();
        if let Some(rate) = self.rate {
            rate.tell(&mut head.headers);
        }
        if let Some(permit) = self.permit {
            body = permit.hold(body);
        }
        Response::from_parts(head, body)
    }
}
