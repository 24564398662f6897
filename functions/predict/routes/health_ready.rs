//! `GET /health/ready`: the model gives the answers that it promised when it was trained.

use serde::Serialize;

use crate::context::Context;
use crate::problem::Problem;

/// Scores the golden rows again; 503 where one differs by a bit.
pub(crate) fn handle(context: &Context) -> Result<Response, Problem> {
    let served = context.shared.models.champion;
    served.model.check_golden(served.golden).map_err(|mismatch| {
        tracing::error!(reason = %mismatch, "the model does not give the answers that it promises");
        Problem::NotReady
    })?;
    Ok(Response { status: "ready", golden_rows: served.golden.len(), model_version: served.version })
}

/// The state of the model.
#[derive(Serialize)]
pub(crate) struct Response {
    status: &'static str,
    golden_rows: usize,
    model_version: &'static str,
}
