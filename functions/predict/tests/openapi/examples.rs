//! Every example of the document is sent, and every answer is of the shape that the document describes.

use bytes::Bytes;
use churn_predict::{App, Config};
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use super::schema::{check_all_described, resolved, validator};
use super::{ask, document, media_type, operations};
use crate::fixture::{both, read, sources};

#[tokio::test]
async fn every_example_is_answered_as_described() {
    let document = document().await;
    let mut sent = 0;
    for (path, method, operation) in operations(&document) {
        let Some(contents) = operation["requestBody"]["content"].as_object() else { continue };
        for (kind, content) in contents {
            let examples = content["examples"].as_object().into_iter().flatten();
            for (name, example) in examples {
                let what = format!("{method} {path}, {kind}, example {name}");
                let value = &resolved(&document, example)["value"];
                assert!(
                    validator(&document, &content["schema"]).is_valid(value),
                    "{what} is not of its schema"
                );
                let body = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                for query in queries(&document, operation) {
                    let headers = [("content-type", kind.as_str())];
                    let answer = ask(&method, &format!("{path}{query}"), &headers, body.clone()).await;
                    check_answer(&document, operation, answer, &format!("{what}{query}"));
                    sent += 1;
                }
            }
        }
    }
    assert!(15 <= sent, "{sent} examples were sent");
}

/// Without parameters, and with each that is true or false.
fn queries(document: &Value, operation: &Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let flags = parameters
        .map(|parameter| resolved(document, parameter))
        .filter(|parameter| parameter["in"] == "query" && parameter["schema"]["type"] == "boolean")
        .flat_map(|parameter| {
            ["false", "true"]
                .map(|value| format!("?{}={value}", parameter["name"].as_str().unwrap_or_default()))
        });
    std::iter::once(String::new()).chain(flags).collect()
}

#[tokio::test]
async fn every_get_is_answered_as_described() {
    let document = document().await;
    for (path, method, operation) in operations(&document) {
        if method != "GET" {
            continue;
        }
        let described = operation["responses"]["200"]["content"].as_object().expect("an answer");
        for kind in described.keys() {
            let accept = kind.split(';').next().unwrap_or_default();
            let answer = ask("GET", &path, &[("accept", accept)], Bytes::new()).await;
            assert_eq!(media_type(&answer.1), kind, "{path}");
            check_answer(&document, operation, answer, &path);
        }
    }
}

/// The answer's status is the good one, and its body is what the document says of its type.
fn check_answer(
    document: &Value,
    operation: &Value,
    (status, headers, body): (u16, http::HeaderMap, Bytes),
    what: &str,
) {
    let text = String::from_utf8_lossy(&body);
    let good = operation["responses"].as_object().expect("responses").keys().next().expect("a good one");
    assert_eq!(status.to_string(), *good, "{what}: {text}");
    let media_type = media_type(&headers);
    let content = &operation["responses"][good]["content"][media_type];
    let schema = &content["schema"];
    assert!(schema.is_object(), "{what}: {media_type} is not described");
    match media_type {
        "application/json" => check_all_described(document, schema, &json_of(&text), what),
        "application/x-ndjson" => {
            let row = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
            for line in text.lines().map(json_of) {
                let name = if line.get("errors").is_some() { "RowErrors" } else { "Prediction" };
                check_all_described(document, &row(name), &line, what);
            }
        }
        "text/csv" => {
            let header = text.lines().next().expect("a header");
            let described = schema["description"].as_str().unwrap_or_default();
            assert!(described.contains(&format!("`{header}`")), "{what}: {header}");
        }
        _ => check_all_described(document, schema, &Value::from(text.as_ref()), what),
    }
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("the answer is JSON")
}

#[tokio::test]
async fn a_challenger_is_described_too() {
    let document = document().await;
    let app = App::new(both(), Config::default(), sources());
    let request = Request::get("/model_info").body(Full::<Bytes>::default()).expect("a request");
    let answer = read(app.handle(request).await).await;
    assert!(String::from_utf8_lossy(&answer.2).contains("\"percent\""));
    check_answer(&document, &document["paths"]["/model_info"]["get"], answer, "with a challenger");
}

#[tokio::test]
async fn every_refusal_that_is_described_is_of_its_own_schema() {
    let document = document().await;
    let responses = document["components"]["responses"].as_object().expect("responses");
    for (name, response) in responses {
        for content in response["content"].as_object().expect("a body").values() {
            for example in content["examples"].as_object().expect("an example").values() {
                check_all_described(&document, &content["schema"], &example["value"], name);
            }
        }
    }
}

#[tokio::test]
async fn refusals_are_answered_as_described() {
    let document = document().await;
    let json = ("content-type", "application/json");
    let cases = [
        (400, json, "{".to_owned()),
        (413, json, " ".repeat(65_537)),
        (415, ("content-type", "text/plain"), "{}".to_owned()),
        (415, ("content-encoding", "br"), "{}".to_owned()),
        (422, json, "{\"Contract\":\"weekly\"}".to_owned()),
    ];
    for (status, header, body) in cases {
        let (found, headers, body) = ask("POST", "/predict", &[header], body).await;
        assert_eq!(found, status);
        let response = &document["paths"]["/predict"]["post"]["responses"][status.to_string()];
        let media_type = media_type(&headers);
        let content = &resolved(&document, response)["content"][media_type];
        check_all_described(
            &document,
            &content["schema"],
            &json_of(&String::from_utf8_lossy(&body)),
            media_type,
        );
    }
}
