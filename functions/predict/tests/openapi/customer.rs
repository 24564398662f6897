//! Ranges and labels of the document are those of validation: values at, just inside and just outside every bound.

use serde_json::{Value, json};

use super::document;
use super::schema::validator;
use crate::fixture::{customer, post};

/// A value of one field, and whether it is taken.
type Case = (Value, bool);

#[tokio::test]
async fn what_the_document_allows_is_what_the_function_takes() {
    let document = document().await;
    let schema = &document["components"]["schemas"]["Customer"];
    let valid = validator(&document, schema);
    let properties = schema["properties"].as_object().expect("properties");
    let mut count = 0;
    for (name, property) in properties {
        for (value, expected) in cases(property) {
            let mut customer = customer();
            customer[name] = value;
            let (status, answer) = post("/predict", &customer).await;
            let what = format!("{name} = {}", customer[name]);
            assert_eq!(valid.is_valid(&customer), expected, "the document: {what}");
            assert_eq!(
                (status == 200, status == 422),
                (expected, !expected),
                "the function: {what}: {answer}"
            );
            count += 1;
        }
    }
    assert!(130 <= count, "{count} values were sent");
}

#[tokio::test]
async fn what_the_document_requires_is_what_the_function_requires() {
    let document = document().await;
    let schema = &document["components"]["schemas"]["Customer"];
    let required = schema["required"].as_array().expect("names");
    for name in schema["properties"].as_object().expect("properties").keys() {
        let mut customer = customer();
        customer.as_object_mut().expect("an object").remove(name);
        let expected = if required.contains(&json!(name)) { 422 } else { 200 };
        assert_eq!(post("/predict", &customer).await.0, expected, "{name}");
    }
}

#[tokio::test]
async fn a_blank_total_is_taken_from_new_customers_alone() {
    let document = document().await;
    let valid = validator(&document, &document["components"]["schemas"]["Customer"]);
    for blank in [json!(null), json!(""), json!(" \t ")] {
        for (tenure, status) in [(0, 200), (1, 422)] {
            let mut customer = customer();
            customer["tenure"] = json!(tenure);
            customer["TotalCharges"] = blank.clone();
            assert_eq!(post("/predict", &customer).await.0, status, "{blank} with {tenure}");
            // The rule between two fields stands in words.
            assert!(valid.is_valid(&customer));
        }
    }
}

fn cases(property: &Value) -> Vec<Case> {
    if let Some(labels) = property["enum"].as_array() {
        return labels_and_near(labels);
    }
    if let Some(any) = property["anyOf"].as_array() {
        let (number, text, blank) = (&any[0], &any[1], &any[2]);
        assert_eq!([&number["title"], &text["title"], &blank["title"]], ["number", "text", "blank"]);
        // Blanks depend on the tenure, and have their own test.
        return [numbers(number, &[json!(true), json!([]), json!({})]), texts(number)].concat();
    }
    match &property["type"] {
        Value::String(kind) if kind == "integer" => {
            let fractions = [json!(0.5), json!("1"), json!(""), json!(true), Value::Null, json!([1])];
            [numbers(property, &fractions), vec![(json!(1.0), true)]].concat()
        }
        Value::String(kind) if kind == "number" => {
            numbers(property, &[json!("1"), json!(""), json!(false), Value::Null, json!({})])
        }
        _ => {
            let most = property["maxLength"].as_u64().expect("a length") as usize;
            let text = |length: usize| json!("é".repeat(length));
            vec![
                (text(most), true),
                (text(most - 1), true),
                (text(most + 1), false),
                (json!(""), true),
                (Value::Null, true),
                (json!(7), false),
                (json!(["a"]), false),
            ]
        }
    }
}

fn labels_and_near(labels: &[Value]) -> Vec<Case> {
    let mut cases: Vec<Case> = labels.iter().map(|label| (label.clone(), true)).collect();
    for label in labels.iter().filter_map(Value::as_str) {
        let near = [label.to_lowercase(), format!("{label} "), label[1..].to_owned()];
        cases.extend(near.map(|near| (json!(near), labels.contains(&json!(near)))));
    }
    cases.extend([json!(""), json!(0), json!(true), Value::Null, json!(["No"])].map(|value| (value, false)));
    cases
}

/// At, inside and outside both bounds; then values that are never taken.
fn numbers(property: &Value, never: &[Value]) -> Vec<Case> {
    let max = property["maximum"].as_f64().expect("a maximum");
    let mut cases = vec![(json!(max), true), (json!(max.next_up()), false), (json!(max + 1.0), false)];
    cases.push((json!(max - 1.0), true));
    match (property["minimum"].as_f64(), property["exclusiveMinimum"].as_f64()) {
        (Some(min), None) => cases.extend([
            (json!(min), true),
            (json!(min + 1.0), true),
            (json!(min.next_down()), false),
            (json!(min - 1.0), false),
        ]),
        (None, Some(min)) => cases.extend([
            (json!(min), false),
            (json!(min.next_up()), true),
            (json!(min + 0.01), true),
            (json!(min.next_down()), false),
        ]),
        bounds => panic!("one lower bound is needed, not {bounds:?}"),
    }
    cases.extend(never.iter().map(|value| (value.clone(), false)));
    cases
}

/// The same bounds as text, and what is no number in JSON's grammar.
fn texts(number: &Value) -> Vec<Case> {
    let max = number["maximum"].as_f64().expect("a maximum");
    let taken = ["0", "0.0", "151.65", " 151.65 ", "\t7\r\n", "9999999.99"].map(str::to_owned);
    let taken = taken.into_iter().chain([max.to_string(), format!("{max}.0")]);
    let refused =
        ["-1", "-0.01", "+5", ".5", "5.", "05", "0x10", "inf", "nan", "NaN", "1,5", "1e400", "$7", "7 7"];
    let refused = refused.map(str::to_owned).into_iter().chain([
        format!("{max}.01"),
        (max + 1.0).to_string(),
        format!("{max}0"),
    ]);
    let cases = taken.map(|text| (json!(text), true));
    cases.chain(refused.map(|text| (json!(text), false))).collect()
}
