//! `/predict` and `/batch_predict`: what is said of one customer and of many.

use churn::RiskLevel;
use utoipa::ToSchema;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{Object, ObjectBuilder, Required, Type};

use super::operation::{answer, body, call, content, guarded, post, refused, schema, text};
use super::{PREDICTIONS, examples, problem};
use crate::body::Format;
use crate::routes::{batch_predict, predict};

/// What the model says of one customer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::predict` writes the answer")]
pub(super) struct Prediction {
    /// The record's `customerID`; absent where it has none.
    #[schema(nullable = false)]
    customer_id: Option<String>,
    /// A fresh UUID version 7; name it when you report the outcome.
    #[schema(format = "uuid")]
    prediction_id: String,
    /// Probability that the customer leaves, not rounded.
    #[schema(minimum = 0, maximum = 1)]
    churn_probability: f64,
    /// `Yes` where the probability reaches the model's decision threshold (`/model_info`).
    #[schema(schema_with = decisions)]
    churn_prediction: String,
    /// The band of the probability; the bands stand in `/model_info`.
    #[schema(schema_with = risk_levels)]
    risk_level: String,
    /// The first 12 hex digits of the SHA-256 of the model's artifact.
    #[schema(pattern = "^[0-9a-f]{12}$")]
    model_version: String,
    /// The model that answered, where two are compared.
    #[schema(schema_with = variants)]
    variant: String,
    /// When, in UTC (RFC 3339).
    #[schema(format = DateTime)]
    prediction_timestamp: String,
    /// Why; with `explain=true` alone.
    #[schema(nullable = false)]
    explanation: Option<Explanation>,
    /// What would change it; with `explain=true` alone.
    #[schema(nullable = false)]
    levers: Option<Levers>,
}

/// The probability in parts: `base_value` and all contributions add up to `churn_probability`, to 1e-9.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; crate `churn` writes the answer")]
pub(super) struct Explanation {
    /// The probability where nothing is known of the customer.
    #[schema(minimum = 0, maximum = 1)]
    base_value: f64,
    /// All eight features of the model, the strongest first.
    #[schema(min_items = 8, max_items = 8)]
    contributions: Vec<Contribution>,
    /// The same in sentences for a retention agent, in points of percent; those that round to 0 are left out.
    reasons: Vec<String>,
}

/// How far one feature moves the probability: its exact Shapley value.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; crate `churn` writes the answer")]
pub(super) struct Contribution {
    /// The field's name.
    feature: String,
    /// The customer's value of it.
    #[schema(schema_with = values)]
    value: String,
    /// Above 0 it makes leaving likelier.
    #[schema(minimum = -1, maximum = 1)]
    contribution: f64,
}

/// What the model would say if one thing about the customer were different.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; crate `churn` writes the answer")]
pub(super) struct Levers {
    /// That this is the model's view and no promise of cause.
    note: String,
    /// Longer contracts, other ways to pay, lower monthly prices.
    changes: Vec<Lever>,
}

/// The model's answer after one change.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; crate `churn` writes the answer")]
pub(super) struct Lever {
    /// What would be different.
    change: Change,
    /// Probability after the change.
    #[schema(minimum = 0, maximum = 1)]
    churn_probability: f64,
    /// That probability less the one before.
    #[schema(minimum = -1, maximum = 1)]
    difference: f64,
}

/// Another value of one field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; crate `churn` writes the answer")]
pub(super) struct Change {
    /// The field's name.
    field: String,
    /// The customer's value.
    #[schema(schema_with = values)]
    from: String,
    /// The value instead.
    #[schema(schema_with = values)]
    to: String,
}

/// The answer to a batch in JSON or MessagePack.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::batch_predict` writes the answer")]
pub(super) struct Predictions {
    /// One a customer, in their order.
    predictions: Vec<Prediction>,
    /// How many there are.
    total_customers: u64,
    /// How many of them have `risk_level` `HIGH`.
    high_risk_count: u64,
    /// The champion's version.
    #[schema(pattern = "^[0-9a-f]{12}$")]
    model_version: String,
}

/// A line of a streamed answer, in the place of a row that is not taken.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::batch_stream` writes the answer")]
pub(super) struct RowErrors {
    /// The row, from 1; blank lines are no rows.
    #[schema(minimum = 1)]
    row: u64,
    /// Every value of it that is not taken.
    #[schema(min_items = 1)]
    errors: Vec<problem::ValueErrorSchema>,
}

fn labels(labels: impl IntoIterator<Item = &'static str>, description: &str) -> Object {
    let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(labels));
    text.description(Some(description)).build()
}

fn decisions() -> Object {
    labels(
        ["Yes", "No"],
        "`Yes` where the probability reaches the model's decision threshold (`/model_info`).",
    )
}

fn variants() -> Object {
    labels(["champion", "challenger"], "The model that answered, where two are compared.")
}

fn risk_levels() -> Object {
    let levels = [RiskLevel::High, RiskLevel::Medium, RiskLevel::Low].map(RiskLevel::label);
    labels(levels, "The band of the probability; the bands stand in `/model_info`.")
}

/// A value of any field.
fn values() -> AnyOfBuilder {
    let number = ObjectBuilder::new().schema_type(Type::Number);
    let label = ObjectBuilder::new().schema_type(Type::String);
    AnyOfBuilder::new().item(number).item(label).description(Some("A number or a label."))
}

/// `POST /predict`.
pub(super) fn predict() -> PathItem {
    let operation = guarded(
        PREDICTIONS,
        "predict",
        "One customer, one prediction",
        "Takes one record of up to 64 KiB. With `explain=true` the answer also says why, and what would change it.",
    );
    let explain = ParameterBuilder::new()
        .name("explain")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some("Adds `explanation` and `levers` to the answer."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean).default(Some(false.into()))));
    let customer = |examples: Vec<_>| content(schema("Customer"), examples);
    let reads = predict::FORMATS.iter().map(|format| match format {
        Format::Json => (format.media_type(), customer(examples::customers())),
        _ => (format.media_type(), customer(Vec::new())),
    });
    let answers =
        predict::FORMATS.iter().map(|format| (format.media_type(), content(schema("Prediction"), [])));
    let operation = call(operation.parameter(explain))
        .request_body(Some(body("The customer.", reads)))
        .response("200", answer("The prediction, in the format of the request.", answers));
    post(refused(operation, &problem::OF_BODIES))
}

/// `POST /batch_predict`.
pub(super) fn batch_predict() -> PathItem {
    let operation = guarded(
        PREDICTIONS,
        "batch_predict",
        "Many customers",
        "JSON and MessagePack: up to 8 MiB at once; one bad row refuses the whole batch, and every fault of every row is \
         listed.\n\nNDJSON and CSV: the answer streams in the same format, row by row, while the request is still being \
         sent; no limit of ours to its length (Cloud Run takes 32 MiB over HTTP/1, Lambda 6 MB), 64 KiB a row. A row \
         that is not taken becomes an error row in its place, and the status stays 200. Read while you send: the \
         function stops reading from a client who does not read.",
    );
    let reads = batch_predict::FORMATS.iter().map(|format| (format.media_type(), batch(*format)));
    let answers = batch_predict::FORMATS.iter().map(|format| (format.media_type(), predictions(*format)));
    let operation = call(operation)
        .request_body(Some(body("The customers.", reads)))
        .response("200", answer("The predictions, in the order and the format of the request.", answers));
    post(refused(operation, &problem::OF_BODIES))
}

fn batch(format: Format) -> utoipa::openapi::content::Content {
    match format {
        Format::Json => content(schema("Batch"), [examples::batch()]),
        Format::MessagePack | Format::Octets => content(schema("Batch"), []),
        Format::Ndjson => text("A `Customer` a line.", [examples::lines()]),
        Format::Csv => text(
            "A header with the names of the fields, in any order, then a customer a record (RFC 4180). Other columns \
             are ignored.",
            [examples::table()],
        ),
    }
}

fn predictions(format: Format) -> utoipa::openapi::content::Content {
    match format {
        Format::Json | Format::MessagePack | Format::Octets => content(schema("Predictions"), []),
        Format::Ndjson => text("A `Prediction` a line, or a `RowErrors` in the place of a bad row.", []),
        Format::Csv => text(
            "A header, then a record a row: `row,customer_id,churn_probability,churn_prediction,risk_level,\
             model_version,error`.",
            [],
        ),
    }
}

/// The body of a batch.
pub(super) fn batch_schema() -> Object {
    let customers = utoipa::openapi::ArrayBuilder::new().items(schema("Customer"));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("Customers to predict; further members are ignored."))
        .property("customers", customers)
        .required("customers")
        .build()
}
