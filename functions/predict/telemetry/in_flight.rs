//! A request from its arrival to the end of its answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::embedded::{self, Figures};
use super::ledger::{RISKS, SCORE_BINS, Tally};
use super::{Delivery, Trace, access};
use crate::app::Shared;
use crate::config::MetricLines;
use crate::context::Purpose;
use crate::model::ServedModel;
use crate::problem::{CLIENT_LEFT, PANICKED};

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
    /// One a model that answered.
    predicted: Vec<Predicted>,
}

/// The answers of one model.
#[derive(Debug)]
struct Predicted {
    purpose: Purpose,
    served: &'static ServedModel,
    variant: &'static str,
    risk: [u64; RISKS.len()],
    scores: [u64; SCORE_BINS],
    sum: f64,
}

impl Predicted {
    fn add(&mut self, tally: &Tally) {
        self.risk.iter_mut().zip(tally.risk).for_each(|(rows, more)| *rows += more);
        self.scores.iter_mut().zip(tally.scores).for_each(|(rows, more)| *rows += more);
        self.sum += tally.sum;
    }

    /// How the probabilities are spread: the middles of the bins that are not empty, with their rows.
    fn distribution(&self) -> Value {
        let filled = || (0_u32..).zip(self.scores).filter(|(_, rows)| 0 < *rows);
        let at = |place: f64| place / SCORE_BINS as f64;
        json!({
            "Values": filled().map(|(bin, _)| at(f64::from(bin) + 0.5)).collect::<Vec<_>>(),
            "Counts": filled().map(|(_, rows)| rows).collect::<Vec<_>>(),
            "Min": filled().next().map(|(bin, _)| at(f64::from(bin))),
            "Max": filled().last().map(|(bin, _)| at(f64::from(bin) + 1.0)),
            "Count": self.scores.iter().sum::<u64>(),
            "Sum": self.sum,
        })
    }
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
        if self.shared.config.metric_lines == MetricLines::Off {
            return;
        }
        let predicted = &mut self.end().predicted;
        let index = predicted.iter().position(|known| known.variant == tally.variant).unwrap_or_else(|| {
            let (risk, scores) = ([0; RISKS.len()], [0; SCORE_BINS]);
            let (served, variant) = (tally.served, tally.variant);
            predicted.push(Predicted { purpose, served, variant, risk, scores, sum: 0.0 });
            predicted.len() - 1
        });
        predicted[index].add(tally);
    }

    /// The figures of this request, where nobody can ask the process for its own.
    fn write_metrics(&self, end: &End, took: Duration) {
        let now = (self.shared.sources.now)().unix_timestamp_nanos() / 1_000_000;
        let milliseconds = i64::try_from(now).unwrap_or(0);
        let write = |figures: Figures<'_>| embedded::write(&self.shared.log, milliseconds, figures);
        let latency = took.as_secs_f64() * 1000.0;
        write(Figures {
            dimensions: &[("Route", self.route)],
            metrics: &[("Requests", "Count", 1.0.into()), ("LatencyMs", "Milliseconds", latency.into())],
            members: &[],
        });
        if let Some(code) = end.problem {
            let metrics = &[("Errors", "Count", 1.0.into())];
            write(Figures { dimensions: &[("Code", code)], metrics, members: &[] });
        }
        for predicted in &end.predicted {
            write_predicted(predicted, write);
        }
        let log = &self.shared.log;
        log.tell_dropped(|lines| {
            let metrics = &[("LogLinesDropped", "Count", lines.into())];
            write(Figures { dimensions: &[], metrics, members: &[] })
        });
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_predicted(predicted: &Predicted, write: impl Fn(Figures<'_>) -> Delivery) {
    let members = &[("ModelVersion", predicted.served.version)];
    let (variant, purpose) = (("Variant", predicted.variant), ("Purpose", predicted.purpose.label()));
    for (level, rows) in RISKS.into_iter().zip(predicted.risk).filter(|(_, rows)| 0 < *rows) {
        let dimensions = &[("RiskLevel", level.label()), variant, purpose];
        write(Figures { dimensions, metrics: &[("Predictions", "Count", (rows as f64).into())], members });
    }
    // Trials would hide how customers are spread.
    if predicted.purpose == Purpose::Decision {
        let metrics = &[("Score", "None", predicted.distribution())];
        write(Figures { dimensions: &[variant], metrics, members });
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let end = std::mem::take(&mut *self.end());
        let status = match end.status {
            Some(status) => status.as_u16(),
            None if std::thread::panicking() => PANICKED,
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
