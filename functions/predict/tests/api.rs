//! Every endpoint over the fixture: what it answers, and how it refuses.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::fixture::{ARTIFACT, ID, app, app_with, customer, customer_with, exchange, post, read, send};
use bytes::Bytes;
use churn::Golden;
use http::{HeaderValue, Request};
use http_body::Frame;
use http_body_util::Full;
use serde_json::{Value, json};

fn version() -> String {
    churn::sha256_hex(&ARTIFACT.encode())[..12].to_owned()
}

fn prediction(customer_id: Option<&str>, probability: f64, label: &str, risk: &str) -> Value {
    let mut prediction = json!({
        "prediction_id": ID, "churn_probability": probability, "churn_prediction": label, "risk_level": risk,
        "model_version": version(), "variant": "champion", "prediction_timestamp": "2026-11-23T14:00:00.123Z",
    });
    if let Some(id) = customer_id {
        prediction["customer_id"] = id.into();
    }
    prediction
}

#[tokio::test]
async fn a_customer_gets_a_prediction() {
    let expected = prediction(Some("7590-VHVEG"), (0.9 + 0.7) / 2.0, "Yes", "HIGH");
    assert_eq!(post("/predict", &customer()).await, (200, expected));
    let changes = json!({"customerID": null, "tenure": 24.0, "notes": {"any": ["thing"]}});
    assert_eq!(
        post("/predict", &customer_with(&changes)).await,
        (200, prediction(None, 0.5, "Yes", "MEDIUM"))
    );
    let loyal = json!({"tenure": 24, "Contract": "Two year"});
    let expected = prediction(Some("7590-VHVEG"), (0.3 + 0.1) / 2.0, "No", "LOW");
    assert_eq!(post("/predict/", &customer_with(&loyal)).await, (200, expected));
}

#[tokio::test]
async fn one_bad_field_is_explained() {
    let cases = [
        ("PaymentMethod", "Credit card", "Credit card (automatic)", 4),
        ("Contract", "month to month", "Month-to-month", 3),
        ("InternetService", "fiber", "Fiber optic", 3),
    ];
    for (field, sent, suggestion, labels) in cases {
        let (status, answer) = post("/predict", &customer_with(&json!({ field: sent }))).await;
        assert_eq!(status, 422);
        assert_eq!(answer["type"], "urn:churn:problem:values");
        assert_eq!(answer["status"], 422);
        assert_eq!(answer["instance"], format!("urn:uuid:{ID}"));
        let error = &answer["errors"][0];
        assert_eq!(error["pointer"], format!("/{field}"));
        assert_eq!(error["code"], "unknown_category");
        assert_eq!(error["suggestion"], suggestion);
        assert_eq!(error["allowed"].as_array().map(Vec::len), Some(labels), "{field}");
    }
}

fn faults(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let errors = answer["errors"].as_array().expect("a list of errors");
    errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

#[tokio::test]
async fn five_bad_fields_are_five_errors_in_one_answer() {
    let five = json!({
        "SeniorCitizen": 2, "tenure": "two", "MonthlyCharges": -1, "TotalCharges": "", "Contract": "weekly"
    });
    let (status, answer) = post("/predict", &customer_with(&five)).await;
    assert_eq!(status, 422);
    // The total is blank, but as long as the tenure is unknown that may be right.
    let expected = [
        ("/SeniorCitizen", "out_of_range"),
        ("/tenure", "wrong_type"),
        ("/MonthlyCharges", "out_of_range"),
        ("/Contract", "unknown_category"),
    ];
    assert_eq!(faults(&answer), expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
    let (_, answer) =
        post("/predict", &customer_with(&json!({"TotalCharges": "", "PaperlessBilling": 1}))).await;
    let expected = [("/TotalCharges", "inconsistent"), ("/PaperlessBilling", "wrong_type")];
    assert_eq!(faults(&answer), expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
    let five = json!({
        "SeniorCitizen": 2, "tenure": -1, "MonthlyCharges": true, "TotalCharges": "1e400", "PaymentMethod": "PayPal"
    });
    assert_eq!(faults(&post("/predict", &customer_with(&five)).await.1).len(), 5);
}

#[tokio::test]
async fn what_is_no_json_object_is_a_bad_request() {
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(25_000), "]".repeat(25_000));
    let wide = format!("{{\"x\":{}", "[".repeat(50_000));
    let not_utf8 = [&b"{\"notes\":\""[..], &[0xff, 0xfe], b"\"}"].concat();
    let bodies: [&[u8]; 14] = [
        b"",
        b" ",
        b"not json",
        b"[1]",
        b"null",
        b"7",
        b"\"text\"",
        b"{\"tenure\":NaN}",
        b"{\"x\":1e400}",
        b"{\"tenure\":1,}",
        b"{} {}",
        deep.as_bytes(),
        wide.as_bytes(),
        &not_utf8,
    ];
    for body in bodies {
        for path in ["/predict", "/batch_predict"] {
            let (status, answer) = send("POST", path, Bytes::copy_from_slice(body)).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(30)]).into_owned();
            assert_eq!(status, 400, "{path} {shown}: {answer}");
            assert!(
                answer["detail"].as_str().is_some_and(|detail| (10..=200).contains(&detail.len())),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn a_batch_is_predicted_in_order() {
    let second = customer_with(&json!({"customerID": "B", "tenure": 30, "Contract": "One year"}));
    let third = customer_with(&json!({"customerID": null, "tenure": 24}));
    let batch = json!({"customers": [customer(), second, third], "note": [1]});
    let (status, answer) = post("/batch_predict", &batch).await;
    let expected = json!({
        "predictions": [
            prediction(Some("7590-VHVEG"), (0.9 + 0.7) / 2.0, "Yes", "HIGH"),
            prediction(Some("B"), (0.3 + 0.1) / 2.0, "No", "LOW"),
            prediction(None, 0.5, "Yes", "MEDIUM"),
        ],
        "total_customers": 3, "high_risk_count": 1, "model_version": version(),
    });
    assert_eq!((status, answer), (200, expected));
    let (status, answer) = post("/batch_predict", &json!({"customers": []})).await;
    assert_eq!((status, &answer["total_customers"]), (200, &json!(0)));
}

#[tokio::test]
async fn one_bad_row_refuses_the_batch_and_every_fault_is_listed() {
    let bad = |changes: Value| customer_with(&changes);
    let batch = json!({"customers": [customer(), bad(json!({"tenure": -1, "Contract": 7})), bad(json!({"TechSupport": "?"}))]});
    let (status, answer) = post("/batch_predict", &batch).await;
    assert_eq!(status, 422);
    let expected = [
        ("/customers/1/tenure", "out_of_range"),
        ("/customers/1/Contract", "wrong_type"),
        ("/customers/2/TechSupport", "unknown_category"),
    ];
    assert_eq!(faults(&answer), expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
}

#[tokio::test]
async fn a_batch_needs_one_array_of_objects() {
    let (status, answer) = send("POST", "/batch_predict", "{}").await;
    assert_eq!((status, faults(&answer)), (422, vec![("/customers".to_owned(), "missing".to_owned())]));
    let (status, answer) = send("POST", "/batch_predict", r#"{"customers":[],"customers":[]}"#).await;
    assert_eq!((status, faults(&answer)), (422, vec![("/customers".to_owned(), "duplicate_key".to_owned())]));
    for body in [r#"{"customers":5}"#, r#"{"customers":{}}"#, r#"{"customers":[5]}"#, r#"{"customers":[[]]}"#]
    {
        assert_eq!(send("POST", "/batch_predict", body).await.0, 400, "{body}");
    }
}

#[tokio::test]
async fn a_small_body_cannot_ask_for_a_huge_answer() {
    let body = format!("{{\"customers\":[{}{{}}]}}", "{},".repeat(200_000));
    let (status, answer) = send("POST", "/batch_predict", body).await;
    assert_eq!(status, 422);
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1000));
    assert_eq!(answer["detail"], "the first 1000 values that are not taken are listed");
}

/// A body that must not be read.
struct Untouchable;

impl http_body::Body for Untouchable {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("the body was read");
    }
}

/// A body of which nothing ever comes.
struct Silent;

impl http_body::Body for Silent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_body_announced_as_too_large_is_refused_unread() {
    for (path, limit) in [("/predict", 64 * 1024), ("/batch_predict", 8 * 1024 * 1024)] {
        let request = Request::post(path).header("content-length", limit + 1).body(Untouchable).unwrap();
        let (status, _, body) = read(app().handle(request).await).await;
        let answer: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(status, 413);
        assert_eq!(answer["detail"], format!("the body may have {limit} bytes"));
    }
}

#[tokio::test]
async fn an_unannounced_body_ends_at_the_limit() {
    let spaces = |count: usize| format!("{}{}", " ".repeat(count), customer());
    let room = 64 * 1024 - customer().to_string().len();
    assert_eq!(send("POST", "/predict", spaces(room)).await.0, 200);
    assert_eq!(send("POST", "/predict", spaces(room + 1)).await.0, 413);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stays_away_is_given_up() {
    let start = tokio::time::Instant::now();
    let (status, ..) = read(app().handle(Request::post("/predict").body(Silent).unwrap()).await).await;
    assert_eq!((status, start.elapsed().as_secs()), (408, 10));
}

#[tokio::test]
async fn who_sends_a_form_is_told_how_curl_names_a_type() {
    let form = Request::post("/predict").header("content-type", "application/x-www-form-urlencoded");
    let (status, _, body) = read(app().handle(form.body(Full::from("{}")).unwrap()).await).await;
    let answer: Value = serde_json::from_slice(&body).unwrap();
    let detail = answer["detail"].as_str().unwrap();
    assert!(status == 415 && detail.contains("with curl, say -H 'Content-Type"), "{detail}");
}

#[tokio::test]
async fn only_json_without_encoding_is_read() {
    let status = async |name: &str, value: &str| {
        let request =
            Request::post("/predict").header(name, value).body(Full::from(customer().to_string())).unwrap();
        read(app().handle(request).await).await.0
    };
    assert_eq!(status("content-type", "application/json").await, 200);
    assert_eq!(status("content-type", "Application/JSON; charset=utf-8").await, 200);
    assert_eq!(status("content-type", "text/plain").await, 415);
    assert_eq!(status("content-type", "application/x-www-form-urlencoded").await, 415);
    assert_eq!(status("content-encoding", "identity").await, 200);
    assert_eq!(status("content-encoding", "br").await, 415);
}

#[tokio::test]
async fn unknown_paths_methods_and_parameters_are_refused() {
    assert_eq!(send("GET", "/nothing", "").await.0, 404);
    assert_eq!(send("DELETE", "/health", "").await.0, 405);
    let request = Request::get("/predict").body(Full::<Bytes>::default()).unwrap();
    let (status, headers, _) = read(app().handle(request).await).await;
    assert_eq!((status, &headers["allow"]), (405, &HeaderValue::from_static("POST")));
    let (status, answer) = post("/predict?explian=true&x", &customer()).await;
    let expected = ["?explian", "?x"].map(|pointer| (pointer.to_owned(), "unknown_parameter".to_owned()));
    assert_eq!((status, faults(&answer)), (422, expected.to_vec()));
}

#[tokio::test]
async fn health_says_what_it_is() {
    let expected = json!({
        "status": "healthy", "model_loaded": true, "model_version": version(), "timestamp": "2026-11-23T14:00:00.123Z"
    });
    assert_eq!(send("GET", "/health", "").await, (200, expected));
    assert_eq!(send("GET", "/health/live", "").await, (200, json!({"status": "live"})));
    let expected = json!({"status": "ready", "golden_rows": 2, "model_version": version()});
    assert_eq!(send("GET", "/health/ready", "").await, (200, expected));
}

#[tokio::test]
async fn a_model_that_breaks_its_promise_is_not_ready() {
    let mut golden = ARTIFACT.golden.clone();
    golden[1] = Golden { probability: golden[1].probability.next_up(), ..golden[1] };
    let request = Request::get("/health/ready").body(Full::<Bytes>::default()).unwrap();
    let (status, _, body) = read(app_with(golden).handle(request).await).await;
    assert_eq!(status, 503);
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["type"], "urn:churn:problem:not-ready");
}

#[tokio::test]
async fn the_model_says_where_it_comes_from() {
    let (status, answer) = send("GET", "/model_info", "").await;
    assert_eq!(status, 200);
    assert_eq!(answer["name"], "churn_classifier");
    assert_eq!(answer["model_version"], version());
    assert_eq!(answer["features"][0], json!({"name": "tenure"}));
    let contract = json!({"name": "Contract", "categories": ["Month-to-month", "One year", "Two year"]});
    assert_eq!(answer["features"][5], contract);
    assert_eq!(answer["features"].as_array().map(Vec::len), Some(8));
    assert_eq!(answer["decision"], json!({"threshold": 0.5, "medium": 0.4, "high": 0.7}));
    assert_eq!(answer["metrics"]["cross_validation"]["roc_auc_mean"], 0.75);
    assert_eq!(answer["data"]["rows"], 2);
    assert_eq!(answer["git_revision"], "0123456789abcdef");
}

#[tokio::test]
async fn the_home_is_a_page_for_browsers_and_json_for_programs() {
    let home = async |accept: &str| {
        let request = Request::get("/").header("accept", accept).body(Full::<Bytes>::default()).unwrap();
        read(app().handle(request).await).await
    };
    let (status, headers, page) = home("text/html,application/xhtml+xml,*/*;q=0.8").await;
    assert_eq!(
        (status, &headers["content-type"]),
        (200, &HeaderValue::from_static("text/html; charset=utf-8"))
    );
    assert!(
        headers["content-security-policy"]
            .to_str()
            .is_ok_and(|policy| policy.starts_with("default-src 'none'"))
    );
    let page = String::from_utf8(page.into()).unwrap();
    for file in ["style.css", "page.js", "icon.svg"] {
        assert!(page.contains(&format!("\"{file}\"")), "the page uses {file}");
        let request = Request::get(format!("/{file}")).body(Full::<Bytes>::default()).unwrap();
        assert_eq!(read(app().handle(request).await).await.0, 200, "{file}");
    }
    let (_, _, body) = home("application/json").await;
    let expected = json!({"message": "churn predictions: POST /predict", "model_version": version(), "status": "running"});
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    for path in ["/", "/health", "/health/live", "/health/ready", "/model_info", "/nothing"] {
        let ask = async |method: &str| {
            let request = Request::builder().method(method).uri(path).body(Full::<Bytes>::default()).unwrap();
            read(app().handle(request).await).await
        };
        let (get, head) = (ask("GET").await, ask("HEAD").await);
        assert_eq!(head.0, get.0, "{path}");
        assert!(head.2.is_empty() && !get.2.is_empty());
        assert_eq!(head.1["content-length"], get.2.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn a_blank_is_no_id() {
    for blank in ["", " ", "\t"] {
        let (status, answer) = post("/predict", &customer_with(&json!({"customerID": blank}))).await;
        assert_eq!((status, answer.get("customer_id")), (200, None), "{blank:?}");
    }
}

#[tokio::test]
async fn reading_takes_any_parameter_and_sending_none_that_it_does_not_know() {
    let reads = ["/ping", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/churn_classifier"];
    let own = ["/health", "/health/live", "/health/ready", "/model_info"];
    for path in reads.into_iter().chain(own) {
        assert_eq!(send("GET", &format!("{path}?x=1"), "").await.0, 200, "{path}");
    }
    for path in ["/predict", "/batch_predict", "/outcomes"] {
        let (status, answer) = send("POST", &format!("{path}?x=1"), "{}").await;
        assert_eq!((status, &answer["errors"][0]["pointer"]), (422, &"?x".into()), "{path}");
    }
}

#[tokio::test]
async fn a_purpose_that_nobody_knows_is_refused_before_it_becomes_a_decision() {
    let body = customer().to_string();
    for bad in ["what_if", "What-If", "decision", "what-if, what-if", "\u{fc}"] {
        let (status, _, answer) = exchange("/predict", &[("x-churn-purpose", bad)], body.clone()).await;
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        assert_eq!(status, 422, "{bad}");
        let expected = json!([{
            "pointer": "X-Churn-Purpose", "code": "unknown_category", "detail": "must be `what-if` or absent",
            "allowed": ["what-if"], "suggestion": "what-if",
        }]);
        assert_eq!(answer["errors"], expected, "{bad}");
    }
    let both = [("x-churn-purpose", "what-if"), ("x-churn-purpose", "decision")];
    assert_eq!(exchange("/predict", &both, body.clone()).await.0, 422);
    for good in ["", "what-if"] {
        assert_eq!(exchange("/predict", &[("x-churn-purpose", good)], body.clone()).await.0, 200, "{good}");
    }
    let probe = Request::get("/health/ready").header("x-churn-purpose", "probe");
    let probe = probe.body(Full::<Bytes>::default()).expect("a request");
    assert_eq!(read(app().handle(probe).await).await.0, 200, "what scores nobody has no purpose");
}
