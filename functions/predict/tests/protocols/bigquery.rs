//! BigQuery: calls that are not as they should be, and many of them.

use churn::Field;
use serde_json::{Value, json};

use crate::fixture::{customer, customer_with, send};

async fn ask(body: &Value) -> (u16, Value) {
    send("POST", "/bigquery", body.to_string()).await
}

/// The customer's fields in the order of the contract, written here once more.
fn call() -> Value {
    json!([
        0,
        2,
        70.7,
        "151.65",
        "Fiber optic",
        "No",
        "No",
        "No",
        "Month-to-month",
        "Electronic check",
        "Yes"
    ])
}

fn faults(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().expect("errors");
    errors.iter().map(|error| format!("{} {}", error["pointer"], error["code"]).replace('"', "")).collect()
}

#[tokio::test]
async fn fields_are_positional_in_the_order_of_the_contract() {
    let expected = [
        "SeniorCitizen",
        "tenure",
        "MonthlyCharges",
        "TotalCharges",
        "InternetService",
        "OnlineSecurity",
        "TechSupport",
        "StreamingTV",
        "Contract",
        "PaymentMethod",
        "PaperlessBilling",
    ];
    assert_eq!(Field::ALL.map(Field::name), expected);
    let replies = json!({"replies": [0.8, 0.8, 0.8, 0.8]});
    let text = customer().to_string();
    assert_eq!(ask(&json!({"calls": [call(), [customer()], customer(), [text]]})).await, (200, replies));
}

#[tokio::test]
async fn numbers_may_be_texts_at_this_door_alone() {
    let texts = json!({"SeniorCitizen": "0", "tenure": "2", "MonthlyCharges": " 70.7 "});
    let body = json!({"calls": [customer_with(&texts)]});
    assert_eq!(ask(&body).await, (200, json!({"replies": [0.8]})));
    assert_eq!(send("POST", "/predict", customer_with(&texts).to_string()).await.0, 422);
    let body = json!({"instances": [customer_with(&texts)]}).to_string();
    assert_eq!(send("POST", "/invocations", body).await.0, 400);
    for text in ["NaN", "Infinity", "-inf", "+5", "1e400", "0x10", ".5", "two"] {
        let (status, answer) = ask(&json!({"calls": [customer_with(&json!({"tenure": text}))]})).await;
        assert_eq!((status, faults(&answer)), (400, vec!["/calls/0/tenure not_a_number".into()]), "{text}");
    }
    let (_, answer) = ask(&json!({"calls": [customer_with(&json!({"tenure": " "}))]})).await;
    assert_eq!(faults(&answer), ["/calls/0/tenure missing"]);
}

#[tokio::test]
async fn a_bad_call_is_named() {
    let mut bad = call();
    bad[9] = "Credit card".into();
    let (status, answer) =
        ask(&json!({"calls": [call(), bad, [], [1], ["{"], [[customer()]], [{}, {}]]})).await;
    assert_eq!(status, 400);
    let expected = [
        "/calls/1/9 unknown_category",
        "/calls/2 wrong_type",
        "/calls/3 wrong_type",
        "/calls/4 wrong_type",
        "/calls/5 wrong_type",
        "/calls/6 wrong_type",
    ];
    assert_eq!(faults(&answer), expected);
    assert_eq!(answer["errors"][0]["suggestion"], "Credit card (automatic)");
    let text = answer["errorMessage"].as_str().unwrap();
    assert!(text.contains("perhaps `Credit card (automatic)` is meant"), "{text}");
    assert!(text.contains("row 1, PaymentMethod: ") && text.contains("row 6: has 2 arguments"), "{text}");
    let mut long = call().as_array().unwrap().clone();
    long.push("7590-VHVEG".into());
    assert_eq!(faults(&ask(&json!({"calls": [long]})).await.1), ["/calls/0 wrong_type"]);
}

#[tokio::test]
async fn the_envelope_is_checked() {
    for body in [
        json!({}),
        json!({"calls": null}),
        json!({"calls": {}}),
        json!({"calls": [5]}),
        json!({"calls": ["x"]}),
        json!({"calls": [], "userDefinedContext": {"output": "risk"}}),
        json!({"calls": [], "userDefinedContext": {"output": 1}}),
        json!({"calls": [], "userDefinedContext": ["full"]}),
    ] {
        assert_eq!(ask(&body).await.0, 400, "{body}");
    }
    for context in [json!(null), json!({}), json!({"output": null}), json!({"output": "probability"})] {
        let body = json!({"calls": [call()], "userDefinedContext": context});
        assert_eq!(ask(&body).await, (200, json!({"replies": [0.8]})));
    }
    assert_eq!(send("POST", "/bigquery", r#"{"calls":[],"calls":[]}"#).await.0, 400);
}

#[tokio::test]
async fn many_calls_give_as_many_replies_and_never_a_huge_refusal() {
    let one = call().to_string();
    let many = 20_000;
    let body = format!("{{\"calls\":[{}{one}]}}", format!("{one},").repeat(many - 1));
    let (status, answer) = send("POST", "/bigquery", body).await;
    assert_eq!((status, answer["replies"].as_array().map(Vec::len)), (200, Some(many)));
    let body = format!("{{\"calls\":[{}[]]}}", "[],".repeat(99_999));
    let (status, answer) = send("POST", "/bigquery", body).await;
    assert_eq!((status, answer["errors"].as_array().map(Vec::len)), (400, Some(1000)));
    let body = format!("{{\"calls\":[[{}1]]}}", "1,".repeat(1_000_000));
    assert_eq!(send("POST", "/bigquery", body).await.0, 400);
}
