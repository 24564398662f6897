//! `?explain=true`: why a probability is what it is, and what would change it.

use serde_json::{Value, json};

use crate::fixture::{customer, customer_with, post};

#[tokio::test]
async fn an_explained_prediction_is_the_same_prediction_with_its_parts() {
    let (_, plain) = post("/predict", &customer()).await;
    let (status, mut explained) = post("/predict?explain=true", &customer()).await;
    assert_eq!(status, 200);
    let explanation = explained["explanation"].take();
    assert_eq!(explained["levers"]["changes"].as_array().map(Vec::len), Some(7));
    let members = explained.as_object_mut().expect("an object");
    members.retain(|name, _| name != "explanation" && name != "levers");
    assert_eq!(explained, plain);
    // Stumps: tenure 0.9 or 0.3 with covers 4 and 6, contract 0.7 or 0.1 with 5 and 5; their mean.
    let (tenure, contract) = ((0.9 - 0.54) / 2.0, (0.7 - 0.4) / 2.0);
    let close = |value: &Value, expected: f64| (value.as_f64().expect("a number") - expected).abs() < 1e-12;
    assert!(close(&explanation["base_value"], (0.54 + 0.4) / 2.0), "{explanation}");
    let first = &explanation["contributions"][0];
    assert_eq!((&first["feature"], &first["value"]), (&json!("tenure"), &json!(2)));
    assert!(close(&first["contribution"], tenure), "{explanation}");
    let second = &explanation["contributions"][1];
    assert_eq!((&second["feature"], &second["value"]), (&json!("Contract"), &json!("Month-to-month")));
    assert!(close(&second["contribution"], contract), "{explanation}");
    assert_eq!(explanation["contributions"].as_array().map(Vec::len), Some(8));
    assert_eq!(
        explanation["reasons"],
        json!(["2 months with us: +18 points", "Month-to-month contract: +15 points"])
    );
}

#[tokio::test]
async fn a_lever_is_what_the_changed_customer_gets() {
    let (_, explained) = post("/predict?explain=true", &customer()).await;
    let changes = explained["levers"]["changes"].as_array().expect("a list").clone();
    assert!(
        explained["levers"]["note"].as_str().is_some_and(|note| note.contains("no promise")),
        "{explained}"
    );
    for lever in changes {
        let change = &lever["change"];
        let field = change["field"].as_str().expect("a name");
        let (_, changed) = post("/predict", &customer_with(&json!({ field: change["to"] }))).await;
        assert_eq!(changed["churn_probability"], lever["churn_probability"], "{lever}");
        assert_eq!(customer()[field], change["from"], "{lever}");
    }
}

#[tokio::test]
async fn the_parameter_is_true_or_false_and_given_once() {
    let (status, answer) = post("/predict?explain=false", &customer()).await;
    assert_eq!((status, answer.get("explanation")), (200, None));
    for (query, pointer, code) in [
        ("explain=yes", "?explain", "wrong_type"),
        ("explain", "?explain", "wrong_type"),
        ("explain=true&explain=true", "?explain", "duplicate_key"),
        ("explian=true", "?explian", "unknown_parameter"),
    ] {
        let (status, answer) = post(&format!("/predict?{query}"), &customer()).await;
        assert_eq!(status, 422, "{query}");
        assert_eq!(
            (&answer["errors"][0]["pointer"], &answer["errors"][0]["code"]),
            (&json!(pointer), &json!(code))
        );
    }
}
