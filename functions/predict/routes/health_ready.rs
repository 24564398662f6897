//! `GET /health/ready`: the model gives the answers that it promised when it was trained.

use serde::Serialize;

use crate::context::Context;
use crate::problem::Problem;

/// Scores the golden rows again; 503 where one differs by a bit.
pub(crate) fn handle(context: &Context<'_>) -> Result<Response, Problem> {
    context.model.model.check_golden(context.model.golden).map_err(|mismatch| {
        tracing::error!(reason = %mismatch, "the model does not give the answers that it promises");
        Problem::NotReady
    })?;
    Ok(Response {
        status: "ready",
        golden_rows: context.model.golden.len(),
        model_version: context.model.version,
    })
}

/// The state of the model.
#[derive(Serialize)]
pub(crate) struct Response {
    status: &'static str,
    golden_rows: usize,
    model_version: &'static str,
}
