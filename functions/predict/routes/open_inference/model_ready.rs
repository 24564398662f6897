//! `GET /v2/models/churn_classifier/ready`: the model may be sent rows.

use serde::Serialize;

use super::NAME;
use crate::context::Context;
use crate::problem::Problem;
use crate::routes::health_ready;

/// Ready where it gives the answers that it promised; else 503.
pub(crate) fn handle(context: &Context) -> Result<Response, Problem> {
    health_ready::handle(context)?;
    Ok(Response { name: NAME, ready: true })
}

/// The state of the model.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OipModelReady))]
pub(crate) struct Response {
    /// The model's name.
    name: &'static str,
    /// True.
    ready: bool,
}
