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
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Ready))]
pub(crate) struct Response {
    /// `ready`.
    status: &'static str,
    /// How many rows gave the answer that they gave when the model was trained.
    golden_rows: usize,
    /// The champion's version.
    model_version: &'static str,
}
