//! `/outcomes` and `/metrics`: what monitoring is told, and what it may ask.

use utoipa::ToSchema;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use super::operation::{JSON, answer, body, call, content, get, guarded, post, refused, schema, text};
use super::{MONITORING, examples, problem};
use crate::routes::metrics;

/// What became of a customer. A null member is as good as none; further members are ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::outcomes` reads the body")]
pub(super) struct Outcome {
    /// The prediction that it is the outcome of. This or `customer_id` is required.
    #[schema(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    prediction_id: Option<String>,
    /// Your name for the customer. Enough alone where the function has a key for ids (`CUSTOMER_ID_KEY`).
    #[schema(min_length = 1, max_length = 128)]
    customer_id: Option<String>,
    /// Whether the customer left.
    churned: bool,
    /// Whether he was made an offer.
    contacted: Option<bool>,
    /// Whether he took it; only where `contacted` is true.
    accepted: Option<bool>,
    /// What he is worth, in dollars.
    #[schema(minimum = -10_000_000, maximum = 10_000_000)]
    value: Option<f64>,
    /// When it was seen (RFC 3339), at most a week ahead.
    #[schema(format = DateTime)]
    observed_at: Option<String>,
}

/// The outcome stands in the log.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::outcomes` writes the answer")]
pub(super) struct OutcomeAccepted {
    /// `accepted`.
    status: String,
    /// `Idempotency-Key`, or a hash of the content.
    key: String,
}

/// `POST /outcomes`.
pub(super) fn outcomes() -> PathItem {
    let operation = guarded(
        MONITORING,
        "outcomes",
        "What became of a customer",
        "Written to the log, where the monitor joins it to the prediction. The function keeps nothing, so it cannot know \
         repeats: each is logged with its key, and the reader drops those that it has seen. Send again what was answered \
         with a 5xx.",
    );
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Your name for this outcome, the same when you send it again."))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(255))
                .pattern(Some("^[!-~]+$")),
        ));
    let reads = [(JSON, content(schema("Outcome"), examples::outcomes()))];
    let answers = [(JSON, content(schema("OutcomeAccepted"), []))];
    let operation = call(operation.parameter(key))
        .request_body(Some(body("The outcome.", reads)))
        .response("202", answer("It was logged.", answers));
    post(refused(operation, &problem::OF_BODIES))
}

/// `GET /metrics`.
pub(super) fn metrics() -> PathItem {
    let operation = guarded(
        MONITORING,
        "metrics",
        "Figures of this instance",
        "For Prometheus: requests, latency, predictions by risk level and variant, scores, errors by code, log lines \
         dropped.",
    );
    get(operation.response("200", answer("The figures.", [(metrics::MEDIA_TYPE, text("OpenMetrics.", []))])))
}
