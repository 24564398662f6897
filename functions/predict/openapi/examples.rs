//! Customers for the document. A test sends every one of them and holds the answer against the schema.

use churn::{CUSTOMER_ID, Field};
use serde_json::{Value, json};

use super::operation::Named;

/// The fields of a customer, in their order.
const FIBER: [&str; Field::COUNT] = [
    "0",
    "2",
    "70.7",
    "151.65",
    "Fiber optic",
    "No",
    "No",
    "No",
    "Month-to-month",
    "Electronic check",
    "Yes",
];
const LOYAL: [&str; Field::COUNT] = [
    "1",
    "60",
    "20.05",
    "1203.0",
    "No",
    "No internet service",
    "No internet service",
    "No internet service",
    "Two year",
    "Credit card (automatic)",
    "No",
];

/// The first customer, coded.
const CODES: [f64; churn::FEATURE_COUNT] = [2.0, 70.7, 151.65, 0.0, 1.0, 0.0, 2.0, 1.0];

/// Single customers.
pub(super) fn customers() -> Vec<Named> {
    let mut as_text = customer("C-1001", FIBER);
    as_text[Field::TotalCharges.name()] = json!(" 151.65 ");
    let mut joining = customer("C-1003", FIBER);
    joining[Field::Tenure.name()] = json!(0);
    joining[Field::TotalCharges.name()] = Value::Null;
    vec![
        ("fiber".into(), "Two months with us, month to month", customer("C-1001", FIBER)),
        ("loyal".into(), "Five years with us, bound for two", customer("C-1002", LOYAL)),
        ("text".into(), "The total as text, as the source system exports it", as_text),
        ("joining".into(), "Joined today: nothing was paid yet", joining),
    ]
}

/// A batch of two.
pub(super) fn batch() -> Named {
    let customers = [customer("C-1001", FIBER), customer("C-1002", LOYAL)];
    ("two".into(), "Two customers", json!({ "customers": customers }))
}

/// NDJSON of three rows, the second of which is not taken.
pub(super) fn lines() -> Named {
    let mut bad = customer("C-1004", LOYAL);
    bad[Field::Contract.name()] = json!("Three year");
    let rows = [customer("C-1001", FIBER), bad, customer("C-1002", LOYAL)];
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    ("three".into(), "Three rows; the second becomes an error row", lines.into())
}

/// CSV of two records.
pub(super) fn table() -> Named {
    let header = Field::ALL.map(Field::name).join(",");
    let record = |id: &str, cells: [&str; Field::COUNT]| format!("{id},{}\n", cells.join(","));
    let table = format!("{CUSTOMER_ID},{header}\n{}{}", record("C-1001", FIBER), record("C-1002", LOYAL));
    ("two".into(), "Two records under a header", table.into())
}

/// Calls of BigQuery, by position.
pub(super) fn calls() -> Value {
    let calls = [values(FIBER), values(LOYAL)];
    json!({
        "requestId": "124ab1c", "caller": "//bigquery.googleapis.com/projects/p/jobs/p:US.j",
        "sessionUser": "analyst@example.com", "calls": calls
    })
}

/// A call of BigQuery with an object.
pub(super) fn full_call() -> Value {
    json!({ "userDefinedContext": { "output": "full" }, "calls": [[customer("C-1001", FIBER)]] })
}

/// The forms of MLflow.
pub(super) fn invocations() -> Vec<Named> {
    let names = Field::ALL.map(Field::name);
    let rows = [values(FIBER), values(LOYAL)];
    let split = json!({ "dataframe_split": { "columns": names, "data": rows } });
    let records = json!({ "dataframe_records": [customer("C-1001", FIBER)] });
    let instances = json!({ "instances": [customer("C-1001", FIBER), customer("C-1002", LOYAL)] });
    let columns: serde_json::Map<String, Value> = Field::ALL
        .into_iter()
        .zip(values(FIBER).into_iter().zip(values(LOYAL)))
        .map(|(field, (a, b))| (field.name().to_owned(), json!([a, b])))
        .collect();
    vec![
        ("split".into(), "A table, as pandas splits it", split),
        ("records".into(), "Rows by name", records),
        ("instances".into(), "As SageMaker and Vertex AI send them", instances),
        ("columns".into(), "A list of values for each column", json!({ "inputs": columns })),
        ("codes".into(), "The eight coded features", json!({ "inputs": [CODES] })),
    ]
}

/// Tensors.
pub(super) fn tensors() -> Vec<Named> {
    let features = json!({ "name": "features", "shape": [1, 8], "datatype": "FP32", "data": CODES });
    let fields = Field::ALL.into_iter().zip(values(FIBER)).map(|(field, value)| {
        let datatype = if value.is_string() { "BYTES" } else { "FP32" };
        json!({ "name": field.name(), "shape": [1], "datatype": datatype, "data": [value] })
    });
    let fields = json!({ "id": "call 7", "inputs": fields.collect::<Vec<_>>() });
    vec![
        ("features".into(), "One tensor of coded rows", json!({ "inputs": [features] })),
        ("fields".into(), "One tensor a field", fields),
    ]
}

/// What became of customers.
pub(super) fn outcomes() -> Vec<Named> {
    const ID: &str = "019ab122-6a7b-7000-8000-000000000001";
    let kept = json!({
        "prediction_id": ID, "churned": false, "contacted": true, "accepted": true, "value": 540.0,
        "observed_at": "2026-11-20T09:30:00Z"
    });
    vec![
        ("left".into(), "The customer left", json!({ "prediction_id": ID, "churned": true })),
        ("kept".into(), "He took the offer and stayed", kept),
    ]
}

/// A customer in JSON: numbers where the fields take numbers.
pub(super) fn customer(id: &str, cells: [&str; Field::COUNT]) -> Value {
    let mut customer = json!({ CUSTOMER_ID: id });
    for (field, value) in Field::ALL.into_iter().zip(values(cells)) {
        customer[field.name()] = value;
    }
    customer
}

/// The values of the fields: numbers where they take numbers.
fn values(cells: [&str; Field::COUNT]) -> Vec<Value> {
    let value = |(field, cell): (Field, &str)| match field.labels() {
        [] => serde_json::from_str(cell).expect("a number"),
        _ => cell.into(),
    };
    Field::ALL.into_iter().zip(cells).map(value).collect()
}
