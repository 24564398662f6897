//! A request from its arrival to the end of its answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use uuid::Uuid;

use super::ledger::{RISKS, Tally};
use super::{Trace, access, embedded};
use crate::app::Shared;
use crate::config::MetricLines;
use crate::context::Purpose;

/// What is told of a request whose client left before there was an answer: nginx's number for it.
const CLIENT_LEFT: u16 = 499;

/// One request that is being answered.
///
/// It stands in the request's context, and a stream that makes the answer holds a copy of that. When the last copy goes
/// the answer has ended, and the request is told of: once, however it ended.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(super) shared: Arc<Shared>,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) route: &'static str,
    pub(super) request_id: Uuid,
    pub(super) trace: Option<Trace>,
    start: Instant,
    end: Mutex<End>,
}

/// How it ended, as far as it is known.
#[derive(Debug, Default)]
struct End {
    status: Option<StatusCode>,
    /// The code of the problem that it was answered with.
    problem: Option<&'static str>,
    /// Decisions by risk level and variant.
    decisions: Vec<(&'static str, &'static str, u64)>,
}

impl InFlight {
    /// A request of `route` has come.
    pub(crate) fn new(
        shared: &Arc<Shared>,
        (method, path, route): (&Method, &str, &'static str),
        (request_id, trace): (Uuid, Option<Trace>),
    ) -> Self {
        shared.metrics.begin();
        Self {
            shared: Arc::clone(shared),
            method: method.clone(),
            path: path.to_owned(),
            route,
            request_id,
            trace,
            start: Instant::now(),
            end: Mutex::default(),
        }
    }

    /// The answer's head is known.
    pub(crate) fn answered(&self, status: StatusCode) {
        self.end().status = Some(status);
    }

    /// The answer is a problem.
    pub(crate) fn refused(&self, code: &'static str) {
        self.end().problem = Some(code);
    }

    /// So many rows of it were scored.
    pub(super) fn predicted(&self, purpose: Purpose, tally: &Tally) {
        // Only lines need to be told by request.
        if purpose == Purpose::WhatIf || self.shared.config.metric_lines == MetricLines::Off {
            return;
        }
        let risks = RISKS.into_iter().zip(tally.risk).filter(|(_, rows)| 0 < *rows);
        self.end().decisions.extend(risks.map(|(level, rows)| (level.label(), tally.variant, rows)));
    }

    /// The figures of this request, where nobody can ask the process for its own.
    fn write_metrics(&self, end: &End, took: Duration) {
        let now = (self.shared.sources.now)().unix_timestamp_nanos() / 1_000_000;
        let milliseconds = i64::try_from(now).unwrap_or(0);
        let write = |dimensions: &[(&str, &str)], metrics: &[(&str, &str, f64)]| {
            embedded::write(&self.shared.log, milliseconds, dimensions, metrics);
        };
        let latency = took.as_secs_f64() * 1000.0;
        write(
            &[("Route", self.route)],
            &[("Requests", "Count", 1.0), ("LatencyMs", "Milliseconds", latency)],
        );
        if let Some(code) = end.problem {
            write(&[("Code", code)], &[("Errors", "Count", 1.0)]);
        }
        for (risk_level, variant, rows) in &end.decisions {
            let dimensions = [("RiskLevel", *risk_level), ("Variant", *variant)];
            write(&dimensions, &[("Predictions", "Count", *rows as f64)]);
        }
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let end = std::mem::take(&mut *self.end());
        let status = match end.status {
            Some(status) => status.as_u16(),
            None if std::thread::panicking() => StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
            None => CLIENT_LEFT,
        };
        let took = self.start.elapsed();
        let metrics = &self.shared.metrics;
        metrics.end(self.route, &self.method, status, took);
        if let Some(code) = end.problem {
            metrics.refused(code);
        }
        if self.shared.config.metric_lines == MetricLines::CloudWatch {
            self.write_metrics(&end, took);
        }
        access::write(self, status, took);
    }
}
