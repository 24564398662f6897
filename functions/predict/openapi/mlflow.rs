//! `/invocations`, `/ping` and `/version`: the scoring protocol of MLflow, which SageMaker and Vertex AI speak too.

use churn::FEATURES;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::schema::{OneOfBuilder, Schema};
use utoipa::openapi::{Object, ObjectBuilder, RefOr, Type};

use super::operation::{JSON, answer, body, call, content, get, guarded, open, post, refused, schema, text};
use super::shapes::{any, either, list, of};
use super::{PROTOCOLS, examples, problem};

const CSV: &str = crate::body::Format::Csv.media_type();
const PLAIN: &str = "text/plain; charset=utf-8";

/// `POST /invocations`.
pub(super) fn invocations() -> PathItem {
    let features = FEATURES.map(churn::Field::name).join("`, `");
    let operation = guarded(
        PROTOCOLS,
        "invocations",
        "MLflow, SageMaker and Vertex AI",
        &format!(
            "A row is a customer with his eleven fields, or the eight features as numbers, in this order where they have \
             no names: `{features}`. A category's code is its index among the labels of `/model_info`. Bad rows refuse the \
             request with status 400. On Vertex AI the path is `AIP_PREDICT_ROUTE`."
        ),
    );
    let reads = [
        (JSON, content(schema("Invocation"), examples::invocations())),
        (
            CSV,
            text("A header with the names of fields or features, then a row a record.", [examples::table()]),
        ),
    ];
    let operation = call(operation)
        .request_body(Some(body("The rows.", reads)))
        .response("200", answer("A probability a row.", [(JSON, content(schema("Probabilities"), []))]));
    post(refused(operation, &problem::OF_PROTOCOLS))
}

/// `GET /ping`.
pub(super) fn ping() -> PathItem {
    let operation = open(
        PROTOCOLS,
        "ping",
        "May customers be sent?",
        "An empty object where the model gives its promised answers. On Vertex AI the path is `AIP_HEALTH_ROUTE`.",
    );
    let empty = content(of(Type::Object, "Nothing: the status says it.").build(), []);
    get(refused(operation.response("200", answer("They may.", [(JSON, empty)])), &[503]))
}

/// `GET /version`.
pub(super) fn version() -> PathItem {
    let operation =
        guarded(PROTOCOLS, "version", "Version of the function", "As MLflow's clients ask for it.");
    get(operation.response("200", answer("The version.", [(PLAIN, text("The version.", []))])))
}

/// Rows in one of four forms.
pub(super) fn rows() -> OneOfBuilder {
    let customer = || of(Type::Object, "A customer, or his coded features by name.");
    let codes = || list(any("A value."), "The eight coded features.");
    let row = || either(customer(), codes(), "One row.");
    let split = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("A table, as pandas splits it."))
        .property("columns", list(of(Type::String, "A name."), "The names of the columns."))
        .required("columns")
        .property("data", list(list(any("A value."), "A row: as many values as columns."), "The rows."))
        .required("data")
        .property("index", any("Not looked at."));
    let column = list(any("A value."), "The values of one column.");
    let columns = of(Type::Object, "A table: a list of values for each column.")
        .additional_properties(Some(RefOr::T(Schema::from(column))));
    let inputs = either(list(row(), "Rows."), columns, "Rows, or a table of columns.");
    OneOfBuilder::new()
        .description(Some("Exactly one of four forms; `params` and `parameters` are not looked at."))
        .item(form("dataframe_split", split.into()))
        .item(form("dataframe_records", list(customer(), "Rows by name.").into()))
        .item(form("instances", list(row(), "Rows.").into()))
        .item(form("inputs", inputs.into()))
}

fn form(name: &str, schema: RefOr<Schema>) -> Object {
    ObjectBuilder::new()
        .title(Some(name))
        .schema_type(Type::Object)
        .property(name, schema)
        .required(name)
        .build()
}

/// The answer.
pub(super) fn probabilities() -> Object {
    let probability = of(Type::Number, "Probability of churn.").minimum(Some(0)).maximum(Some(1));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("Probabilities, in the order of the rows."))
        .property("predictions", list(probability, "One a row."))
        .required("predictions")
        .build()
}
