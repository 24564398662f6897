//! `GET /v2/health/live`: the process answers.

use serde::Serialize;

/// Alive: nothing is asked of the model.
pub(crate) fn handle() -> Response {
    Response { live: true }
}

/// The state of the process.
#[derive(Serialize)]
pub(crate) struct Response {
    live: bool,
}
