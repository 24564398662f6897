//! Ids of requests and predictions, UUID version 7 (RFC 9562): made some at a time, for one request alone.
//!
//! Nothing is kept from one request to the next: a function that is restored from a snapshot must not repeat the ids of
//! its copies.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::context::Context;
use crate::score::Amount;

/// Most ids that are made at once, 640 bytes of randomness. Asked for randomness for each row, the operating system took
/// some 5 % of the time of a stream.
const BLOCK: usize = 64;

/// The ids of one request's rows.
#[derive(Debug)]
pub(crate) struct Ids {
    made: [Uuid; BLOCK],
    /// Those that were made and not yet given away are the last ones.
    left: usize,
    /// How many are made at a time.
    at_once: usize,
}

impl Ids {
    pub(crate) fn new(amount: Amount) -> Self {
        let at_once = match amount {
            Amount::Rows(rows) => rows.clamp(1, BLOCK),
            Amount::Stream => BLOCK,
        };
        Self { made: [Uuid::nil(); BLOCK], left: 0, at_once }
    }

    /// An id that nobody was given before.
    pub(crate) fn next(&mut self, context: &Context) -> Uuid {
        if self.left == 0 {
            self.left = self.at_once;
            (context.shared.sources.ids)(context.now, &mut self.made[BLOCK - self.left..]);
        }
        self.left -= 1;
        self.made[BLOCK - 1 - self.left]
    }
}

/// Fills `ids` with fresh randomness behind the time `now`.
pub(crate) fn fresh(now: OffsetDateTime, ids: &mut [Uuid]) {
    let milliseconds = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    let mut random = [[0; 10]; BLOCK];
    for ids in ids.chunks_mut(BLOCK) {
        let random = &mut random[..ids.len()];
        getrandom::fill(random.as_flattened_mut()).expect("the operating system gives randomness");
        for (id, random) in ids.iter_mut().zip(random) {
            *id = uuid::Builder::from_unix_timestamp_millis(milliseconds, random).into_uuid();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_of_version_7_with_the_time_in_front_and_none_comes_twice() {
        let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).expect("a time of this era");
        let mut ids = [Uuid::nil(); 3 * BLOCK + 1];
        fresh(now, &mut ids);
        for id in ids {
            let (seconds, _) = id.get_timestamp().expect("version 7 has a time").to_unix();
            assert_eq!((id.get_version_num(), seconds), (7, 1_700_000_000));
        }
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    }
}
