//! `POST /outcomes`: what became of a customer. It is written to the log, where a monitor joins it to the predictions.

mod reader;

use http::HeaderMap;
use serde::Serialize;

use self::reader::Reader;
use crate::body::Format;
use crate::context::{Context, Purpose};
use crate::problem::Problem;
use crate::telemetry::{Delivery, TraceKeys, timestamp};

/// Most bytes of the body.
pub(crate) const LIMIT: usize = 64 * 1024;
/// What the body may be.
pub(crate) const FORMATS: &[Format] = &[Format::Json];

/// An outcome, and the key by which a reader of the log knows its repeats.
pub(crate) struct Request {
    key: String,
    outcome: Outcome,
}

/// What is logged of an outcome, the same for every repeat of it.
#[derive(Serialize)]
struct Outcome {
    #[serde(skip_serializing_if = "Option::is_none")]
    prediction_id: Option<String>,
    /// The customer's pseudonym: not even a hash of the whole holds his id, which could be guessed from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    churned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    contacted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_at: Option<String>,
}

/// Reads the outcome; every fault of body and header is listed.
pub(crate) fn parse(context: &Context, headers: &HeaderMap, body: &[u8]) -> Result<Request, Problem> {
    let mut reader = Reader::new(Format::Json.decode(body)?);
    let key = reader.key(headers);
    let (prediction_id, customer_id) = (reader.prediction_id(), reader.customer_id());
    let customer = customer_id.as_deref().and_then(|id| context.pseudonym(id));
    match (&prediction_id, &customer_id, &customer) {
        (None, None, _) => reader.missing("prediction_id", "it or customer_id is required"),
        (None, Some(_), None) => reader
            .missing("prediction_id", "is required: this service logs no customer ids, so nothing joins one"),
        _ => {}
    }
    let (churned, contacted) = (reader.churned(), reader.flag("contacted"));
    let (accepted, value) = (reader.accepted(contacted), reader.value());
    let observed_at = reader.observed_at(context.now);
    let churned = reader.checked(churned)?;
    let outcome = Outcome { prediction_id, customer, churned, contacted, accepted, value, observed_at };
    let key = key.unwrap_or_else(|| content_key(&outcome));
    Ok(Request { key, outcome })
}

/// The key of an outcome that came without one.
fn content_key(outcome: &Outcome) -> String {
    churn::sha256_hex(&serde_json::to_vec(outcome).expect("an outcome has a JSON form"))
}

/// Writes the outcome to the log. One that does not get there is refused, so that the caller sends it again; if it was
/// written after all, its key shows that it is a repeat. A trial is answered alike, but nothing became of anybody.
pub(crate) fn handle(context: &Context, request: Request) -> Result<Response, Problem> {
    if context.purpose == Purpose::WhatIf {
        return Ok(Response { status: "accepted", key: request.key });
    }
    let delivery = context.shared.log.write(&Line {
        severity: "INFO",
        message: "outcome",
        event: "outcome",
        key: &request.key,
        outcome: &request.outcome,
        time: timestamp(context.now),
        trace: context.trace_keys(),
    });
    match delivery {
        Delivery::Written => Ok(Response { status: "accepted", key: request.key }),
        Delivery::Waiting | Delivery::Dropped => Err(Problem::NotLogged),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    severity: &'static str,
    message: &'static str,
    event: &'static str,
    key: &'a str,
    #[serde(flatten)]
    outcome: &'a Outcome,
    time: String,
    #[serde(flatten)]
    trace: Option<TraceKeys>,
}

/// The outcome was taken.
#[derive(Serialize)]
pub(crate) struct Response {
    status: &'static str,
    key: String,
}
