//! Values against the document's schemas.

use jsonschema::Validator;
use serde_json::{Value, json};

/// A schema of the document, references included.
pub(super) fn validator(document: &Value, schema: &Value) -> Validator {
    let root = json!({ "allOf": [schema], "components": document["components"] });
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&root)
        .expect("the document's schemas are sound")
}

/// Holds `value` against `schema`, and against nothing more than it describes.
pub(super) fn check_all_described(document: &Value, schema: &Value, value: &Value, what: &str) {
    let mut closed = document.clone();
    close(&mut closed["components"]["schemas"]);
    let faults: Vec<String> = validator(&closed, schema)
        .iter_errors(value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{what}: {faults:?}\nin {value}");
}

/// Members that are not described are not allowed: an answer may then hold none.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("type") == Some(&json!("object")) && members.contains_key("properties") {
                members.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// What `value` refers to, or itself.
pub(super) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).expect("every reference leads somewhere"),
        None => value,
    }
}
