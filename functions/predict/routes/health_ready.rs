//! `GET /health/ready`: each model gives the answers that it promised when it was trained.

use serde::Serialize;

use crate::context::Context;
use crate::problem::Problem;

/// Scores the golden rows of all models again; 503 where one differs by a bit.
pub(crate) fn handle(context: &Context) -> Result<Response, Problem> {
    let models = context.shared.models;
    let mut golden_rows = 0;
    for served in [Some(models.champion), models.challenger].into_iter().flatten() {
        served.model.check_golden(served.golden).map_err(|mismatch| {
            let (reason, model_version) = (&mismatch, served.version);
            tracing::error!(%reason, model_version, "the model does not give the answers that it promises");
            Problem::NotReady
        })?;
        golden_rows += served.golden.len();
    }
    Ok(Response { status: "ready", golden_rows, model_version: models.champion.version })
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
