//! `GET /health`: what monitoring of the replaced system asks for.

use serde::Serialize;

use crate::context::Context;
use crate::telemetry::timestamp;

/// Healthy it is: the model is a part of the binary, so a process that answers has one.
pub(crate) fn handle(context: &Context) -> Response {
    Response {
        status: "healthy",
        model_loaded: true,
        model_version: context.shared.models.champion.version,
        timestamp: timestamp(context.now),
    }
}

/// The state of health.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Health))]
pub(crate) struct Response {
    /// `healthy`.
    status: &'static str,
    /// True: there is no function without its model.
    model_loaded: bool,
    /// The champion's version.
    model_version: &'static str,
    /// Now, in UTC.
    #[cfg_attr(test, schema(format = DateTime))]
    timestamp: String,
}
