//! What an endpoint needs: the models, the time, ids, and what the caller said of the call itself.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use churn::{Code, Refusal};
use http::{HeaderMap, Request};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::app::Shared;
use crate::body::Parameters;
use crate::problem::{Fault, Problem, ValueError};
use crate::telemetry::{InFlight, Trace, TraceKeys, timestamp};
use crate::{ids, protocols, router};

/// What a request needs from outside itself; tests fix all of it.
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    /// The time.
    pub now: fn() -> OffsetDateTime,
    /// Fills the slice with new ids, UUID version 7, for the time given.
    pub ids: fn(OffsetDateTime, &mut [Uuid]),
    /// The time since some moment before the first request, which never runs backwards.
    pub uptime: fn() -> Duration,
}

impl Sources {
    /// The machine's clock and its randomness.
    #[must_use]
    pub fn real() -> Self {
        let uptime = || {
            static START: LazyLock<Instant> = LazyLock::new(Instant::now);
            START.elapsed()
        };
        Self { now: OffsetDateTime::now_utc, ids: ids::fresh, uptime }
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

impl Purpose {
    const HEADER: &str = "X-Churn-Purpose";
    const WHAT_IF: &str = "what-if";

    /// The purpose that the headers give; an empty one is as good as none.
    ///
    /// Whatever else stands there is refused: a trial whose mark is misspelt would be logged as a decision.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut purpose = Self::Decision;
        for value in headers.get_all(Self::HEADER).iter().filter(|value| !value.is_empty()) {
            if value != Self::WHAT_IF {
                return Err(Self::unknown());
            }
            purpose = Self::WhatIf;
        }
        Ok(purpose)
    }

    fn unknown() -> Problem {
        let refusal = Refusal {
            field: Self::HEADER,
            code: Code::UnknownCategory,
            detail: "must be `what-if` or absent".into(),
            allowed: &[Self::WHAT_IF],
            suggestion: Some(Self::WHAT_IF),
        };
        let error = ValueError { pointer: Self::HEADER.into(), fault: Fault::Field(refusal) };
        Problem::Values { errors: vec![error] }
    }

    /// The purpose as it stands in log lines and metrics.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::WhatIf => Self::WHAT_IF,
        }
    }
}

/// The parameters of a request that sends something, all of them `known`, and its purpose too. What is only read has no
/// purpose and takes any parameter.
pub(crate) fn sent_parameters<B>(request: &Request<B>, known: &[&str]) -> Result<Parameters, Problem> {
    Purpose::of(request.headers())?;
    Parameters::parse(request.uri(), known)
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
    /// The trace that it belongs to.
    pub(crate) trace: Option<Trace>,
    /// The request itself; when the last copy of this context goes, its answer has ended.
    pub(crate) in_flight: Arc<InFlight>,
}

impl Context {
    pub(crate) fn new<B>(shared: &Arc<Shared>, request: &Request<B>) -> Self {
        let (headers, path) = (request.headers(), request.uri().path());
        let now = (shared.sources.now)();
        // One that is unknown is refused where it matters, before anything comes of this one.
        let purpose = Purpose::of(headers).unwrap_or(Purpose::WhatIf);
        let mut request_id = Uuid::nil();
        (shared.sources.ids)(now, std::slice::from_mut(&mut request_id));
        let trace = Trace::of(headers);
        // What both of the platform's paths share takes predictions, whatever other method came.
        let own_path = protocols::own_path(&shared.config, request.method(), path).unwrap_or("/invocations");
        let asked = (request.method(), path, router::pattern(own_path));
        let in_flight = Arc::new(InFlight::new(shared, asked, (request_id, trace)));
        let timestamp = timestamp(now);
        Self { shared: Arc::clone(shared), now, timestamp, request_id, purpose, trace, in_flight }
    }

    /// The trace in a log line.
    pub(crate) fn trace_keys(&self) -> Option<TraceKeys> {
        self.trace.map(|trace| trace.keys(self.shared.config.project.as_deref()))
    }

    /// A customer in a log line; `None` where the operator gave no key for it.
    pub(crate) fn pseudonym(&self, customer_id: &str) -> Option<String> {
        self.shared.pseudonyms.as_ref().map(|pseudonyms| pseudonyms.of(customer_id))
    }
}
