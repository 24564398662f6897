//! `GET /health/live`: the process answers.

use serde::Serialize;

/// Alive: nothing is asked of the model.
pub(crate) fn handle() -> Response {
    Response { status: "live" }
}

/// The state of the process.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Live))]
pub(crate) struct Response {
    /// `live`.
    status: &'static str,
}
