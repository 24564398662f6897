//! `GET /health/ready`: the model gives the answers that it promised when it was trained.

use serde::Serialize;

use crate::app::App;
use crate::problem::Problem;

/// Scores the golden rows again; 503 where one differs by a bit.
pub(crate) fn handle(app: &App) -> Result<Response, Problem> {
    app.model.model.check_golden(app.model.golden).map_err(|mismatch| {
        tracing::error!(reason = %mismatch, "the model does not give the answers that it promises");
        Problem::NotReady
    })?;
    Ok(Response { status: "ready", golden_rows: app.model.golden.len(), model_version: app.model.version })
}

/// The state of the model.
#[derive(Serialize)]
pub(crate) struct Response {
    status: &'static str,
    golden_rows: usize,
    model_version: &'static str,
}
