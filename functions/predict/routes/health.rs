//! `GET /health`: what monitoring of the replaced system asks for.

use serde::Serialize;
use time::OffsetDateTime;

use crate::app::App;
use crate::telemetry::timestamp;

/// Healthy it is: the model is a part of the binary, so a process that answers has one.
pub(crate) fn handle(app: &App, now: OffsetDateTime) -> Response {
    Response {
        status: "healthy",
        model_loaded: true,
        model_version: app.model.version,
        timestamp: timestamp(now),
    }
}

/// The state of health.
#[derive(Serialize)]
pub(crate) struct Response {
    status: &'static str,
    model_loaded: bool,
    model_version: &'static str,
    timestamp: String,
}
