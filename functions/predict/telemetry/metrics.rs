//! The figures of this process, for Prometheus to ask for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::Registry;

use super::Log;
use super::ledger::{RISKS, SCORE_BINS, SCORE_EDGES, Tally};
use crate::context::Purpose;
use crate::model::ServedModel;

/// Upper bounds of latency in seconds: a prediction takes about the first, a large batch about the last.
const LATENCIES: [f64; 15] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// All figures. A request or a block of rows adds to them; no row does.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    predictions: Family<PredictionLabels, Counter>,
    scores: Family<VariantLabels, Scores>,
    errors: Family<CodeLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    method: &'static str,
    status: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PredictionLabels {
    risk_level: &'static str,
    variant: &'static str,
    purpose: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VariantLabels {
    variant: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabels {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
    model_version: &'static str,
    model_sha256: &'static str,
}

impl Metrics {
    /// Figures that all stand at zero.
    pub(crate) fn new(served: &'static ServedModel, log: &Log) -> Self {
        let latencies: fn() -> Histogram = || Histogram::new(LATENCIES);
        let metrics = Self {
            registry: Registry::with_prefix("churn"),
            requests: Family::default(),
            durations: Family::new_with_constructor(latencies),
            in_flight: Gauge::default(),
            predictions: Family::default(),
            scores: Family::default(),
            errors: Family::default(),
        };
        metrics.registered(served, log.dropped())
    }

    fn registered(mut self, served: &'static ServedModel, dropped: Counter) -> Self {
        let registry = &mut self.registry;
        registry.register("requests", "Requests whose answer has ended", self.requests.clone());
        registry.register(
            "request_duration_seconds",
            "Time from a request's head to the end of its answer",
            self.durations.clone(),
        );
        registry.register("requests_in_flight", "Requests that are being answered", self.in_flight.clone());
        registry.register("predictions", "Customers who were scored", self.predictions.clone());
        registry.register("score", "Probabilities of churn of decisions", self.scores.clone());
        registry.register("errors", "Requests that were answered with a problem", self.errors.clone());
        registry.register("log_lines_dropped", "Log lines that nobody took", dropped);
        let build = BuildLabels {
            version: env!("CARGO_PKG_VERSION"),
            model_version: served.version,
            model_sha256: served.sha256,
        };
        registry.register("build", "What is running", Info::new(build));
        self
    }

    /// All figures in OpenMetrics text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("a string takes everything");
        text
    }

    pub(super) fn begin(&self) {
        self.in_flight.inc();
    }

    pub(super) fn end(&self, route: &'static str, method: &Method, status: u16, took: Duration) {
        self.in_flight.dec();
        self.requests
            .get_or_create(&RequestLabels { route, method: name(method), status: u32::from(status) })
            .inc();
        self.durations.get_or_create(&RouteLabels { route }).observe(took.as_secs_f64());
    }

    pub(super) fn refused(&self, code: &'static str) {
        self.errors.get_or_create(&CodeLabels { code }).inc();
    }

    /// Adds the rows of one block.
    pub(super) fn predicted(&self, purpose: Purpose, tally: &Tally) {
        for (level, rows) in RISKS.into_iter().zip(tally.risk).filter(|(_, rows)| 0 < *rows) {
            let labels = PredictionLabels {
                risk_level: level.label(),
                variant: tally.variant,
                purpose: purpose.label(),
            };
            self.predictions.get_or_create(&labels).inc_by(rows);
        }
        // Trials would hide how customers are spread.
        if purpose == Purpose::Decision {
            self.scores.get_or_create(&VariantLabels { variant: tally.variant }).add(tally);
        }
    }
}

/// The method as a label: anybody may make up methods, and each label costs memory for ever.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

/// A histogram that takes many values at once, counted already; the library's own takes one at a time.
#[derive(Clone, Debug, Default)]
struct Scores(Arc<Mutex<ScoreCounts>>);

#[derive(Debug, Default)]
struct ScoreCounts {
    bins: [u64; SCORE_BINS],
    sum: f64,
}

impl Scores {
    fn add(&self, tally: &Tally) {
        let mut counts = self.counts();
        counts.bins.iter_mut().zip(tally.scores).for_each(|(bin, rows)| *bin += rows);
        counts.sum += tally.sum;
    }

    fn counts(&self) -> MutexGuard<'_, ScoreCounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TypedMetric for Scores {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Scores {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        let counts = self.counts();
        let bounds = SCORE_EDGES.into_iter().chain([f64::INFINITY]);
        let bins: Vec<(f64, u64)> = bounds.zip(counts.bins).collect();
        let rows = counts.bins.iter().sum();
        encoder.encode_histogram::<Vec<(&str, &str)>>(counts.sum, rows, &bins, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}
