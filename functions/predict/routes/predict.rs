//! `POST /predict`: one customer, one prediction.

use churn::{CustomerRecord, Probability, RiskLevel, transform};
use serde::Serialize;
use uuid::Uuid;

use super::{malformed, value_errors};
use crate::context::Context;
use crate::problem::Problem;
use crate::telemetry::timestamp;

/// Most bytes of the body.
pub(crate) const LIMIT: usize = 64 * 1024;

/// The customer.
pub(crate) type Request = CustomerRecord;

/// Reads the customer.
pub(crate) fn parse(body: &[u8]) -> Result<Request, Problem> {
    let record = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
    CustomerRecord::parse(&record)
        .map_err(|refusals| Problem::Values { errors: value_errors("", refusals).collect() })
}

/// Scores one customer.
pub(crate) fn handle(context: &Context<'_>, request: Request) -> Response {
    let prediction = context.model.model.predict(&transform(&request.customer));
    Response {
        customer_id: request.customer_id,
        prediction_id: context.prediction_id(),
        churn_probability: prediction.probability,
        churn_prediction: prediction.label(),
        risk_level: prediction.risk,
        model_version: context.model.version,
        variant: "champion",
        prediction_timestamp: timestamp(context.now),
    }
}

/// The prediction.
#[derive(Serialize)]
pub(crate) struct Response {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    #[serde(serialize_with = "as_text")]
    prediction_id: Uuid,
    churn_probability: Probability,
    churn_prediction: &'static str,
    pub(crate) risk_level: RiskLevel,
    model_version: &'static str,
    variant: &'static str,
    prediction_timestamp: String,
}

fn as_text<S: serde::Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
