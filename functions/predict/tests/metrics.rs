//! The figures that the function gives: asked for by Prometheus, or in log lines where it runs on Lambda.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use churn_predict::{App, Config, MetricLines, PredictionLog};
use http::Request;
use http_body::Frame;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::fixture::{ARTIFACT, app, app_of, customer, customer_with, logged, read};

async fn call(app: &App, method: &str, path: &str, purpose: &str, body: &Value) -> u16 {
    let request = Request::builder().method(method).uri(path).header("x-churn-purpose", purpose);
    let body = Full::<Bytes>::from(body.to_string());
    read(app.handle(request.body(body).expect("a request")).await).await.0
}

async fn metrics(app: &App) -> String {
    let request = Request::get("/metrics").body(Full::<Bytes>::default()).expect("a request");
    let (status, headers, body) = read(app.handle(request).await).await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    String::from_utf8(body.into()).expect("text")
}

/// Checks that each of `lines` stands in the text, and alone.
fn check(text: &str, lines: &[&str]) {
    for line in lines {
        assert_eq!(text.lines().filter(|found| found == line).count(), 1, "{line}\n{text}");
    }
}

#[tokio::test]
async fn requests_predictions_and_errors_are_counted() {
    let app = app();
    call(&app, "POST", "/predict", "", &customer()).await;
    let loyal = customer_with(&json!({"tenure": 24, "Contract": "Two year"}));
    call(&app, "POST", "/batch_predict", "", &json!({"customers": [loyal, customer(), loyal]})).await;
    call(&app, "POST", "/predict", "what-if", &customer()).await;
    call(&app, "POST", "/predict", "", &customer_with(&json!({"tenure": -1}))).await;
    call(&app, "GET", "/predict", "", &Value::Null).await;
    call(&app, "BREW", "/customers/7590-VHVEG", "", &Value::Null).await;
    let text = metrics(&app).await;
    let version = &churn::sha256_hex(&ARTIFACT.encode())[..12];
    check(
        &text,
        &[
            r#"churn_requests_total{route="/predict",method="POST",status="200"} 2"#,
            r#"churn_requests_total{route="/predict",method="POST",status="422"} 1"#,
            r#"churn_requests_total{route="/predict",method="GET",status="405"} 1"#,
            r#"churn_requests_total{route="unknown",method="other",status="404"} 1"#,
            r#"churn_request_duration_seconds_count{route="/predict"} 4"#,
            r#"churn_request_duration_seconds_bucket{le="+Inf",route="/batch_predict"} 1"#,
            r#"churn_predictions_total{risk_level="HIGH",variant="champion",purpose="decision"} 2"#,
            r#"churn_predictions_total{risk_level="LOW",variant="champion",purpose="decision"} 2"#,
            r#"churn_predictions_total{risk_level="HIGH",variant="champion",purpose="what-if"} 1"#,
            r#"churn_score_bucket{le="0.15",variant="champion"} 0"#,
            r#"churn_score_bucket{le="0.2",variant="champion"} 2"#,
            r#"churn_score_bucket{le="0.75",variant="champion"} 2"#,
            r#"churn_score_bucket{le="0.8",variant="champion"} 4"#,
            r#"churn_score_bucket{le="+Inf",variant="champion"} 4"#,
            r#"churn_score_count{variant="champion"} 4"#,
            r#"churn_score_sum{variant="champion"} 2.0"#,
            r#"churn_errors_total{code="values"} 1"#,
            r#"churn_errors_total{code="method"} 1"#,
            r#"churn_errors_total{code="unknown-path"} 1"#,
            "churn_requests_in_flight 1",
            "churn_log_lines_dropped_total 0",
            "# EOF",
        ],
    );
    assert!(
        text.contains(&format!(r#"churn_build_info{{version="0.1.0",model_version="{version}","#)),
        "{text}"
    );
    assert!(!text.contains("VHVEG"));
}

/// A body that never comes.
struct Never;

impl http_body::Body for Never {
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
async fn a_request_is_in_flight_until_it_is_answered_or_given_up() {
    let app = app();
    {
        let mut waiting = pin!(app.handle(Request::post("/predict").body(Never).expect("a request")));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        check(&metrics(&app).await, &["churn_requests_in_flight 2"]);
    }
    let text = metrics(&app).await;
    let given_up = r#"churn_requests_total{route="/predict",method="POST",status="499"} 1"#;
    check(&text, &["churn_requests_in_flight 1", given_up]);
}

#[tokio::test]
async fn on_lambda_each_request_leaves_its_figures_in_the_log() {
    let config = Config {
        metric_lines: MetricLines::CloudWatch,
        prediction_log: PredictionLog::Off,
        ..Config::default()
    };
    let (app, lines) = logged(config);
    let loyal = customer_with(&json!({"tenure": 24, "Contract": "Two year"}));
    call(&app, "POST", "/batch_predict", "", &json!({"customers": [loyal, customer(), loyal]})).await;
    call(&app, "POST", "/predict", "what-if", &customer()).await;
    call(&app, "POST", "/predict", "", &json!({})).await;
    drop(app);
    let mut lines: Vec<Value> = lines.read().into_iter().filter(|line| line.get("_aws").is_some()).collect();
    for line in &mut lines {
        if let Some(latency) = line.get_mut("LatencyMs") {
            assert!(latency.as_f64().is_some_and(|latency| (0.0..60_000.0).contains(&latency)), "{latency}");
            *latency = 0.into();
        }
    }
    let line = |members: Value, dimensions: &[&str], metrics: &[(&str, &str)]| {
        let metrics: Vec<Value> =
            metrics.iter().map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect();
        let directive = json!({"Namespace": "Churn", "Dimensions": [dimensions], "Metrics": metrics});
        let mut line = members;
        line["_aws"] = json!({"Timestamp": 1_795_442_400_123_i64, "CloudWatchMetrics": [directive]});
        line
    };
    let request = |route: &str| {
        let members = json!({"Route": route, "Requests": 1.0, "LatencyMs": 0});
        line(members, &["Route"], &[("Requests", "Count"), ("LatencyMs", "Milliseconds")])
    };
    let version = &churn::sha256_hex(&ARTIFACT.encode())[..12];
    let predictions = |risk: &str, purpose: &str, rows: f64| {
        let members = json!({
            "RiskLevel": risk, "Variant": "champion", "Purpose": purpose, "Predictions": rows, "ModelVersion": version,
        });
        line(members, &["RiskLevel", "Variant", "Purpose"], &[("Predictions", "Count")])
    };
    let scores = json!({
        "Values": [0.175, 0.775], "Counts": [2, 1], "Min": 0.15, "Max": 0.8, "Count": 3, "Sum": 0.2 + 0.8 + 0.2,
    });
    let scores = json!({"Variant": "champion", "ModelVersion": version, "Score": scores});
    let scores = line(scores, &["Variant"], &[("Score", "None")]);
    let errors = line(json!({"Code": "values", "Errors": 1.0}), &["Code"], &[("Errors", "Count")]);
    let expected = [
        request("/batch_predict"),
        predictions("LOW", "decision", 2.0),
        predictions("HIGH", "decision", 1.0),
        scores,
        request("/predict"),
        predictions("HIGH", "what-if", 1.0),
        request("/predict"),
        errors,
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_path_that_the_platform_chose_counts_as_our_own() {
    let config = Config {
        predict_route: Some("/v1/m:predict".into()),
        health_route: Some("/alive/".into()),
        ..Config::default()
    };
    let app = app_of(config);
    call(&app, "POST", "/v1/m:predict", "", &json!({"instances": [customer()]})).await;
    call(&app, "GET", "/alive", "", &Value::Null).await;
    call(&app, "DELETE", "/alive", "", &Value::Null).await;
    check(
        &metrics(&app).await,
        &[
            r#"churn_requests_total{route="/invocations",method="POST",status="200"} 1"#,
            r#"churn_requests_total{route="/ping",method="GET",status="200"} 1"#,
            r#"churn_requests_total{route="/ping",method="DELETE",status="405"} 1"#,
        ],
    );
}
