//! `POST /predict`: one customer, one prediction.

use churn::{CustomerRecord, Probability, Record, RiskLevel};
use serde::Serialize;
use uuid::Uuid;

use super::value_errors;
use crate::body::{Format, Parameters};
use crate::context::Context;
use crate::problem::Problem;
use crate::score::{Row, Scored, score};
use crate::telemetry::timestamp;

/// Most bytes of the body.
pub(crate) const LIMIT: usize = 64 * 1024;

/// What the body may be.
pub(crate) const FORMATS: &[Format] = &[Format::Json, Format::MessagePack];

/// The customer, and whether the answer says why.
pub(crate) struct Request {
    record: CustomerRecord,
    explains: bool,
}

/// Reads the customer.
pub(crate) fn parse(format: Format, body: &[u8], parameters: &Parameters) -> Result<Request, Problem> {
    let explains = parameters.is_true("explain")?;
    let record: Record<'_> = format.decode(body)?;
    let record = CustomerRecord::parse(&record)
        .map_err(|refusals| Problem::Values { errors: value_errors("", refusals).collect() })?;
    Ok(Request { record, explains })
}

/// Scores one customer.
pub(crate) fn handle(context: &Context, request: Request) -> Response {
    let _ = request.explains;
    let scored = score(context, [Row::of(&request.record)].into_iter())[0];
    Response::new(context, request.record.customer_id, &scored)
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

impl Response {
    pub(crate) fn new(context: &Context, customer_id: Option<String>, scored: &Scored) -> Self {
        Self {
            customer_id,
            prediction_id: scored.prediction_id,
            churn_probability: scored.prediction.probability,
            churn_prediction: scored.prediction.label(),
            risk_level: scored.prediction.risk,
            model_version: scored.served.version,
            variant: scored.variant,
            prediction_timestamp: timestamp(context.now),
        }
    }
}

fn as_text<S: serde::Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
