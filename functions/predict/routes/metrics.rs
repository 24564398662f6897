//! `GET /metrics`: the figures of this process, for Prometheus.

use crate::context::Context;

/// What the answer is.
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The figures as they stand, this request among those in flight.
pub(crate) fn handle(context: &Context) -> String {
    context.shared.metrics.text()
}
