//! `POST /predict`: one customer, one prediction.

use churn::{CustomerRecord, Explanation, Levers, Probability, Record, RiskLevel};
use serde::Serialize;
use uuid::Uuid;

use super::value_errors;
use crate::body::{Format, Parameters};
use crate::context::Context;
use crate::problem::Problem;
use crate::score::{Row, Scored, score};

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
pub(crate) fn handle<'a>(context: &'a Context, request: &'a Request) -> Response<'a> {
    let customer = &request.record.customer;
    let scored = score(context, [Row::of(&request.record)].into_iter())[0];
    let model = &scored.served.model;
    Response {
        explanation: request.explains.then(|| model.explain(customer)),
        levers: request.explains.then(|| model.levers(customer)),
        ..Response::new(context, request.record.customer_id.as_deref(), &scored)
    }
}

/// The prediction.
#[derive(Serialize)]
pub(crate) struct Response<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<&'a str>,
    #[serde(serialize_with = "as_text")]
    prediction_id: Uuid,
    churn_probability: Probability,
    churn_prediction: &'static str,
    pub(crate) risk_level: RiskLevel,
    model_version: &'static str,
    variant: &'static str,
    prediction_timestamp: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    levers: Option<Levers>,
}

impl<'a> Response<'a> {
    pub(crate) fn new(context: &'a Context, customer_id: Option<&'a str>, scored: &Scored) -> Self {
        Self {
            customer_id,
            prediction_id: scored.prediction_id,
            churn_probability: scored.prediction.probability,
            churn_prediction: scored.prediction.label(),
            risk_level: scored.prediction.risk,
            model_version: scored.served.version,
            variant: scored.variant,
            prediction_timestamp: &context.timestamp,
            explanation: None,
            levers: None,
        }
    }
}

fn as_text<S: serde::Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
