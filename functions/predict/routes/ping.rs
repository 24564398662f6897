//! `GET /ping`: whether MLflow, SageMaker and Vertex AI may send customers.

use serde::Serialize;

use super::health_ready;
use crate::context::Context;
use crate::problem::Problem;

/// An empty object where the model gives the answers that it promises.
pub(crate) fn handle(context: &Context) -> Result<Response, Problem> {
    health_ready::handle(context)?;
    Ok(Response {})
}

/// Nothing: the status says it.
#[derive(Serialize)]
pub(crate) struct Response {}
