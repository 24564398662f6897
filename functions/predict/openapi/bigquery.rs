//! `POST /bigquery`: what a BigQuery remote function sends and gets.

use churn::Field;
use serde_json::{Value, json};
use utoipa::openapi::path::PathItem;
use utoipa::openapi::{Object, ObjectBuilder, Type};

use super::operation::{JSON, answer, body, call, content, guarded, post, refused, schema};
use super::shapes::{any, either, list, of, or_null};
use super::{PROTOCOLS, examples, problem};

/// `POST /bigquery`.
pub(super) fn path() -> PathItem {
    let operation = guarded(
        PROTOCOLS,
        "bigquery",
        "BigQuery remote function",
        "Give this address to `CREATE FUNCTION ... REMOTE WITH CONNECTION`. A bad call refuses the request with status 400, \
         which BigQuery shows (`errorMessage`) and does not send again.",
    );
    let named = [
        ("probability".into(), "Two calls by position", examples::calls()),
        ("full".into(), "A call with an object, answered in full", examples::full_call()),
    ];
    let operation = call(operation)
        .request_body(Some(body("The calls.", [(JSON, content(schema("BigQueryCalls"), named))])))
        .response(
            "200",
            answer("As many replies as calls.", [(JSON, content(schema("BigQueryReplies"), []))]),
        );
    post(refused(operation, &problem::OF_PROTOCOLS))
}

/// What BigQuery sends.
pub(super) fn calls() -> Object {
    let positions = Field::ALL.map(Field::name).join("`, `");
    let by_position = list(
        any("A value."),
        &format!(
            "The arguments: the eleven fields `{positions}`, or one JSON object of a customer, as such or as text. Numbers may \
         be text, as BigQuery sends large ones."
        ),
    );
    let object = of(Type::Object, "A customer, by the names of his fields.");
    let outputs = [Value::from("probability"), "full".into(), Value::Null];
    let output = or_null(Type::String, "What a reply is; `probability` where it is left out.");
    let output = output.enum_values(Some(outputs));
    let context =
        or_null(Type::Object, "Set with the function: `user_defined_context`.").property("output", output);
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("A batch of calls; further members of BigQuery are not looked at."))
        .property("calls", list(either(by_position, object, "One call."), "One a row."))
        .required("calls")
        .property("userDefinedContext", context)
        .property("requestId", any("BigQuery's own."))
        .property("caller", any("BigQuery's own."))
        .property("sessionUser", any("BigQuery's own."))
        .examples([json!({ "calls": [] })])
        .build()
}

/// What it gets.
pub(super) fn replies() -> Object {
    let probability = of(Type::Number, "Probability of churn.").minimum(Some(0)).maximum(Some(1));
    let reply =
        either(probability, schema("Prediction"), "A probability, or with `full` all of a prediction.");
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("The replies, in the order of the calls."))
        .property("replies", list(reply, "One a call."))
        .required("replies")
        .build()
}
