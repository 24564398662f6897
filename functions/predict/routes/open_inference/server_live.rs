//! `GET /v2/health/live`: the process answers.

use serde::Serialize;

/// Alive: nothing is asked of the model.
pub(crate) fn handle() -> Response {
    Response { live: true }
}

/// The state of the process.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OipLive))]
pub(crate) struct Response {
    /// True.
    live: bool,
}
