//! The doors of foreign protocols: every file in `protocols/golden` is a request and its whole answer, as those in
//! `golden` are for our own paths; what is hostile stands in a module a protocol.

mod bigquery;
mod invocations;
mod open_inference;

use std::path::Path;

use churn_predict::Config;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::fixture::{ARTIFACT, app, app_of, customer, exchange, read, send};

/// The request of a golden file, where versions are not written out.
fn request(golden: &Value) -> Request<Full<bytes::Bytes>> {
    let golden = &golden["request"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut body = match &golden["body"] {
        Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        json => json.to_string().into_bytes(),
    };
    let method = text(&golden["method"]).expect("a method");
    let mut request = Request::builder().method(&*method).uri(text(&golden["path"]).expect("a path"));
    for (name, value) in golden["headers"].as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().expect("a text"));
    }
    if let Some(hex) = text(&golden["behind"]) {
        request = request.header("inference-header-content-length", body.len());
        let digits = hex.as_bytes().chunks(2);
        let byte = |pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
        body.extend(digits.map(|pair| byte(pair).expect("two digits")));
    }
    request.body(Full::from(body)).expect("a request")
}

/// Checks every file of a folder, at least so many.
async fn check_golden(folder: &str, least: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions/predict/tests").join(folder);
    let sha256 = churn::sha256_hex(&ARTIFACT.encode());
    let mut seen = 0;
    for file in std::fs::read_dir(folder).expect("the folder of golden files") {
        let path = file.expect("a file").path();
        let golden = std::fs::read_to_string(&path).expect("a golden file");
        let golden = golden
            .replace("MODEL_VERSION", &sha256[..12])
            .replace("ARTIFACT_SHA256", &sha256)
            .replace("CRATE_VERSION", env!("CARGO_PKG_VERSION"));
        let golden: Value = serde_json::from_str(&golden).expect("a golden file is JSON");
        let (status, headers, body) = read(app().handle(request(&golden)).await).await;
        let body = match serde_json::from_slice(&body) {
            Ok(json) => json,
            Err(_) => Value::from(String::from_utf8(body.to_vec()).expect("text")),
        };
        let found = json!({
            "status": status, "content_type": headers["content-type"].to_str().expect("a type"), "body": body,
        });
        assert_eq!(found, golden["answer"], "{}", path.display());
        seen += 1;
    }
    assert!(least <= seen, "{seen} golden files");
}

#[tokio::test]
async fn every_golden_request_gets_its_whole_answer() {
    check_golden("golden", 13).await;
    check_golden("protocols/golden", 35).await;
}

#[tokio::test]
async fn every_problem_speaks_every_protocol() {
    let (status, answer) = send("POST", "/predict", "{}").await;
    assert_eq!((status, &answer["error_code"]), (422, &"INVALID_PARAMETER_VALUE".into()));
    assert!(
        answer["errorMessage"]
            .as_str()
            .unwrap()
            .starts_with("11 values are not taken: /SeniorCitizen is required")
    );
    assert_eq!(answer["error"], answer["message"]);
    let (status, answer) = send("GET", "/nothing", "").await;
    assert_eq!((status, &answer["error_code"]), (404, &"ENDPOINT_NOT_FOUND".into()));
    assert_eq!(answer["error"], "GET / lists what there is");
    for path in ["/bigquery", "/invocations", "/v2/models/churn_classifier/infer"] {
        let (status, answer) = send("POST", &format!("{path}?explain=true"), "{}").await;
        assert_eq!((status, &answer["errors"][0]["code"]), (400, &"unknown_parameter".into()), "{path}");
        let what_if = [("x-churn-purpose", "what_if")];
        assert_eq!(exchange(path, &what_if, "{}").await.0, 400, "{path}");
        for body in ["", " ", "null", "[]", "7", "{", "{} {}"] {
            let (status, answer) = send("POST", path, body).await;
            assert_eq!((status, &answer["error_code"]), (400, &"BAD_REQUEST".into()), "{path} {body}");
            let text = answer["error"].as_str().unwrap();
            assert!(!text.contains("struct") && !text.is_empty(), "{path} {body}: {text}");
        }
        assert_eq!(send("GET", path, "").await.0, 405);
        assert_eq!(send("POST", path, " ".repeat(8 * 1024 * 1024 + 1)).await.0, 413);
    }
}

#[tokio::test]
async fn a_summary_is_cut_between_characters() {
    let long = "ü".repeat(200);
    let calls: Vec<Value> = (0..50).map(|_| json!({"tenure": 1, "Contract": long})).collect();
    let (status, answer) = send("POST", "/bigquery", json!({"calls": calls}).to_string()).await;
    let text = answer["errorMessage"].as_str().unwrap();
    assert_eq!(status, 400);
    assert!((900..1024).contains(&text.len()) && text.ends_with("..."), "{} {text}", text.len());
    assert!(text.contains("row 0, SeniorCitizen: is required"), "{text}");
}

#[tokio::test]
async fn vertex_ai_chooses_its_paths() {
    let config = Config {
        predict_route: Some("/predict".into()),
        health_route: Some("/predict".into()),
        ..Config::default()
    };
    let app = app_of(config);
    let body = json!({"instances": [customer()], "parameters": {}}).to_string();
    let (status, _, answer) =
        read(app.handle(Request::post("/predict").body(Full::from(body)).unwrap()).await).await;
    assert_eq!((status, &answer[..]), (200, &br#"{"predictions":[0.8]}"#[..]));
    let (status, _, answer) =
        read(app.handle(Request::get("/predict").body(Full::<bytes::Bytes>::default()).unwrap()).await).await;
    assert_eq!((status, &answer[..]), (200, &b"{}"[..]));
}
