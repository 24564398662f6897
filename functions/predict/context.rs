//! What an endpoint needs: the model, the time, and ids.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::model::ServedModel;

/// What a request needs from outside itself; tests fix both.
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    /// The time.
    pub now: fn() -> OffsetDateTime,
    /// A new id, UUID version 7, for the time given.
    pub id: fn(OffsetDateTime) -> Uuid,
}

impl Sources {
    /// The machine's clock, and ids with fresh randomness each: a function that is restored from a snapshot must not
    /// repeat the ids of its copies.
    #[must_use]
    pub fn real() -> Self {
        let id = |now: OffsetDateTime| {
            let mut random = [0; 10];
            getrandom::fill(&mut random).expect("the operating system gives randomness");
            let milliseconds = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
            uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
        };
        Self { now: OffsetDateTime::now_utc, id }
    }
}

/// One request's surroundings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    /// The model that answers.
    pub(crate) model: &'a ServedModel,
    /// When the request came.
    pub(crate) now: OffsetDateTime,
    /// The request's own id, in its log line and in its problem.
    pub(crate) request_id: Uuid,
    sources: Sources,
}

impl<'a> Context<'a> {
    pub(crate) fn new(model: &'a ServedModel, sources: Sources) -> Self {
        let now = (sources.now)();
        Self { model, now, request_id: (sources.id)(now), sources }
    }

    /// A fresh prediction id.
    pub(crate) fn prediction_id(&self) -> Uuid {
        (self.sources.id)(self.now)
    }
}
