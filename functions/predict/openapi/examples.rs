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

/// A customer in JSON: numbers where the fields take numbers.
pub(super) fn customer(id: &str, cells: [&str; Field::COUNT]) -> Value {
    let mut customer = json!({ CUSTOMER_ID: id });
    for (field, cell) in Field::ALL.into_iter().zip(cells) {
        customer[field.name()] = match field.labels() {
            [] => serde_json::from_str(cell).expect("a number"),
            _ => cell.into(),
        };
    }
    customer
}
