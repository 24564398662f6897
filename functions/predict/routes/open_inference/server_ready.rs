//! `GET /v2/health/ready`: the server may be sent rows.

use serde::Serialize;

use crate::context::Context;
use crate::problem::Problem;
use crate::routes::health_ready;

/// Ready where the model gives the answers that it promised; else 503.
pub(crate) fn handle(context: &Context) -> Result<Response, Problem> {
    health_ready::handle(context)?;
    Ok(Response { ready: true })
}

/// The state of the server.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OipReady))]
pub(crate) struct Response {
    /// True.
    ready: bool,
}
