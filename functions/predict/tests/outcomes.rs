//! What became of customers: what is taken, what is refused, and that nothing is taken that is not kept.

use bytes::Bytes;
use churn_predict::{App, Config};
use http::{HeaderMap, Request};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::fixture::{ID, logged, read};

const KEY: &str = "a key of sixteen characters or more";

fn with_key() -> Config {
    Config::parse(|name| (name == "CUSTOMER_ID_KEY").then(|| KEY.to_owned())).expect("a sound configuration")
}

async fn post(app: &App, key: Option<&str>, body: &Value) -> (u16, HeaderMap, Value) {
    let mut request = Request::post("/outcomes");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let request = request.body(Full::<Bytes>::from(body.to_string())).expect("a request");
    let (status, headers, body) = read(app.handle(request).await).await;
    (status, headers, serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn an_outcome_is_kept_with_its_key() {
    let (app, lines) = logged(with_key());
    let sent = json!({
        "prediction_id": ID.to_uppercase(), "customer_id": "7590-VHVEG", "churned": false, "contacted": true,
        "accepted": true, "value": 120, "observed_at": "2026-11-24T15:30:00.5+02:00", "note": "ignored",
    });
    let (status, headers, answer) = post(&app, Some("crm-17"), &sent).await;
    assert_eq!((status, answer), (202, json!({"status": "accepted", "key": "crm-17"})));
    assert_eq!(headers["content-type"], "application/json");
    drop(app);
    let [line] = lines.of("outcome").try_into().expect("one line");
    let expected = json!({
        "severity": "INFO", "message": "outcome", "event": "outcome", "key": "crm-17", "prediction_id": ID,
        "customer": "da83561848e103fb5d92f6be7ea03cea", "churned": false, "contacted": true, "accepted": true,
        "value": 120.0, "observed_at": "2026-11-24T13:30:00.5Z", "time": "2026-11-23T14:00:00.123Z",
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn the_same_content_has_the_same_key_and_another_has_another() {
    let (app, lines) = logged(with_key());
    let mut keys = Vec::new();
    for sent in [
        json!({"customer_id": "C-1", "churned": true, "value": 5}),
        json!({"value": 5.0, "churned": true, "customer_id": "C-1", "contacted": null, "extra": 1}),
        json!({"customer_id": "C-2", "churned": true, "value": 5}),
        json!({"customer_id": "C-1", "churned": false, "value": 5}),
    ] {
        let (status, _, answer) = post(&app, None, &sent).await;
        assert_eq!(status, 202, "{answer}");
        keys.push(answer["key"].as_str().expect("a key").to_owned());
    }
    drop(app);
    assert_eq!(keys[0], keys[1]);
    assert!(keys[0] != keys[2] && keys[0] != keys[3] && keys[2] != keys[3]);
    let lines = lines.of("outcome");
    assert!(lines.iter().zip(&keys).all(|(line, key)| line["key"] == *key.as_str()));
    // Who guesses an id must not find it by hashing the content himself.
    let guess = churn::sha256_hex(br#"{"customer_id":"C-1","churned":true,"value":5.0}"#);
    assert_ne!(keys[0], guess);
    assert!(lines.iter().all(|line| !line.to_string().contains("C-1")));
}

async fn check(config: Config, key: Option<&str>, body: Value, expected: &[(&str, &str)]) {
    let (app, lines) = logged(config);
    let (status, _, answer) = post(&app, key, &body).await;
    assert_eq!(status, 422, "{body} {answer}");
    let text = |error: &Value, member: &str| error[member].as_str().expect("a text").to_owned();
    let found: Vec<(String, String)> = answer["errors"]
        .as_array()
        .expect("a list of errors")
        .iter()
        .map(|error| (text(error, "pointer"), text(error, "code")))
        .collect();
    let expected: Vec<(String, String)> =
        expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect();
    assert_eq!(found, expected, "{body}");
    drop(app);
    assert_eq!(lines.of("outcome").len(), 0);
}

#[tokio::test]
async fn every_fault_is_listed_at_once() {
    let long = "x".repeat(256);
    let body = json!({
        "prediction_id": 7, "customer_id": "x".repeat(129), "churned": "no", "contacted": 1, "accepted": [],
        "value": 1e8, "observed_at": "yesterday",
    });
    let expected = [
        ("Idempotency-Key", "too_long"),
        ("/prediction_id", "wrong_type"),
        ("/customer_id", "too_long"),
        ("/churned", "wrong_type"),
        ("/contacted", "wrong_type"),
        ("/accepted", "wrong_type"),
        ("/value", "out_of_range"),
        ("/observed_at", "wrong_type"),
    ];
    check(with_key(), Some(&long), body, &expected).await;
}

#[tokio::test]
async fn each_rule_is_held() {
    let with = |changes: Value| {
        let mut body = json!({"prediction_id": ID, "churned": true});
        for (name, value) in changes.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body
    };
    for (changes, pointer, code) in [
        (json!({"prediction_id": null}), "/prediction_id", "missing"),
        (json!({"prediction_id": ID.replace('-', "")}), "/prediction_id", "wrong_type"),
        (json!({"customer_id": ""}), "/customer_id", "missing"),
        (json!({"churned": null}), "/churned", "missing"),
        (json!({"accepted": true}), "/accepted", "inconsistent"),
        (json!({"accepted": true, "contacted": false}), "/accepted", "inconsistent"),
        (json!({"value": "5"}), "/value", "wrong_type"),
        (json!({"value": -10_000_000.5}), "/value", "out_of_range"),
        (json!({"observed_at": "2026-11-24T14:00:01Z"}), "/observed_at", "out_of_range"),
        (json!({"observed_at": "2026-11-24"}), "/observed_at", "wrong_type"),
        (json!({"observed_at": "0000-01-01T00:00:00+23:59"}), "/observed_at", "out_of_range"),
        (json!({"observed_at": 1_795_442_400}), "/observed_at", "wrong_type"),
    ] {
        check(with_key(), None, with(changes), &[(pointer, code)]).await;
    }
    for key in ["", "two words", "é"] {
        let code = if key.is_empty() { "missing" } else { "wrong_type" };
        check(with_key(), Some(key), with(json!({})), &[("Idempotency-Key", code)]).await;
    }
    for sound in [
        json!({"customer_id": "é".repeat(128)}),
        json!({"accepted": false}),
        json!({"value": -10_000_000}),
        json!({"observed_at": "2026-11-24T14:00:00Z"}),
    ] {
        let (app, _lines) = logged(with_key());
        let (status, _, answer) = post(&app, Some(&"~".repeat(255)), &with(sound)).await;
        assert_eq!(status, 202, "{answer}");
    }
}

#[tokio::test]
async fn a_member_that_comes_twice_is_refused() {
    let (app, _lines) = logged(Config::default());
    let body = format!(r#"{{"churned":true,"prediction_id":"{ID}","churned":false}}"#);
    let request = Request::post("/outcomes").body(Full::<Bytes>::from(body)).expect("a request");
    let (status, _, body) = read(app.handle(request).await).await;
    let answer: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!((status, &answer["errors"][0]["code"]), (422, &"duplicate_key".into()));
    assert_eq!(post(&app, None, &json!([true])).await.0, 400);
}

#[tokio::test]
async fn a_customer_who_cannot_be_named_in_the_log_needs_his_prediction() {
    let body = json!({"customer_id": "C-1", "churned": true});
    check(Config::default(), None, body, &[("/prediction_id", "missing")]).await;
    let (app, lines) = logged(Config::default());
    let body = json!({"customer_id": "C-1", "prediction_id": ID, "churned": true});
    assert_eq!(post(&app, None, &body).await.0, 202);
    drop(app);
    assert_eq!(lines.of("outcome")[0].get("customer"), None);
}

#[tokio::test]
async fn an_outcome_that_the_log_does_not_take_is_not_taken() {
    let body = json!({"prediction_id": ID, "churned": true});
    let refused = |(status, headers, answer): (u16, HeaderMap, Value)| {
        assert_eq!(status, 503, "{answer}");
        assert_eq!(headers["retry-after"], "5");
        assert_eq!(answer["type"], "urn:churn:problem:not-logged");
    };
    let (app, lines) = logged(Config::default());
    drop(lines);
    refused(post(&app, None, &body).await);
    // A log that nobody reads takes the first and, when it is full, no more.
    let (app, _lines) = logged(Config::default());
    let mut answers = Vec::new();
    for _ in 0..2000 {
        answers.push(post(&app, None, &body).await);
    }
    assert_eq!(answers[0].0, 202);
    refused(answers.pop().expect("the last"));
}

#[tokio::test]
async fn a_trial_is_checked_and_answered_but_not_kept() {
    let (app, lines) = logged(with_key());
    let request = |body: Value| {
        let request = Request::post("/outcomes").header("x-churn-purpose", "what-if");
        let request = request.header("idempotency-key", "crm-17");
        request.body(Full::<Bytes>::from(body.to_string())).expect("a request")
    };
    let (status, _, answer) =
        read(app.handle(request(json!({"prediction_id": ID, "churned": true}))).await).await;
    assert_eq!((status, &answer[..]), (202, &br#"{"status":"accepted","key":"crm-17"}"#[..]));
    assert_eq!(read(app.handle(request(json!({"churned": 7}))).await).await.0, 422);
    drop(app);
    assert_eq!(lines.of("outcome"), [] as [Value; 0]);
}
