//! What an endpoint needs: the models, the time, ids, and what the caller said of the call itself.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use http::HeaderMap;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::app::Shared;
use crate::telemetry::timestamp;

/// What a request needs from outside itself; tests fix all of it.
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    /// The time.
    pub now: fn() -> OffsetDateTime,
    /// A new id, UUID version 7, for the time given.
    pub id: fn(OffsetDateTime) -> Uuid,
    /// The time since some moment before the first request, which never runs backwards.
    pub uptime: fn() -> Duration,
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
        let uptime = || {
            static START: LazyLock<Instant> = LazyLock::new(Instant::now);
            START.elapsed()
        };
        Self { now: OffsetDateTime::now_utc, id, uptime }
    }
}

/// Why a customer is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Somebody may act on it.
    Decision,
    /// A trial, said by `X-Churn-Purpose: what-if`: counted apart, not logged, and no part of a comparison.
    WhatIf,
}

/// One request's surroundings; a copy may outlive the request's own task.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// What all requests share.
    pub(crate) shared: Arc<Shared>,
    /// When the request came.
    pub(crate) now: OffsetDateTime,
    /// The same, as answers write it.
    pub(crate) timestamp: String,
    /// The request's own id, in its log line and in its problem.
    pub(crate) request_id: Uuid,
    /// Why it came.
    pub(crate) purpose: Purpose,
}

impl Context {
    pub(crate) fn new(shared: &Arc<Shared>, headers: &HeaderMap) -> Self {
        let now = (shared.sources.now)();
        let purpose = match headers.get("x-churn-purpose") {
            Some(purpose) if purpose == "what-if" => Purpose::WhatIf,
            _ => Purpose::Decision,
        };
        Self {
            shared: Arc::clone(shared),
            now,
            timestamp: timestamp(now),
            request_id: (shared.sources.id)(now),
            purpose,
        }
    }

    /// A fresh prediction id.
    pub(crate) fn prediction_id(&self) -> Uuid {
        (self.shared.sources.id)(self.now)
    }
}
