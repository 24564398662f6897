//! What the function logs, line by line, and that whoever reads the log cannot stop it.

use bytes::Bytes;
use churn_predict::{App, Config, PredictionLog, Shadow};
use http::{HeaderMap, Request};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::fixture::{ARTIFACT, CHALLENGER, ID, both, customer, customer_with, logged, logged_of, read};

const KEY: &str = "a key of sixteen characters or more";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn config(variables: &[(&str, &str)]) -> Config {
    let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
    Config::parse(find).expect("a sound configuration")
}

async fn call(app: &App, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> HeaderMap {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = Full::<Bytes>::from(body.to_string());
    let (_, headers, _) = read(app.handle(request.body(body).expect("a request")).await).await;
    headers
}

fn version() -> String {
    churn::sha256_hex(&ARTIFACT.encode())[..12].to_owned()
}

/// The line of a prediction for the fixture's customer.
fn prediction_line() -> Value {
    json!({
        "severity": "INFO", "message": "prediction", "event": "prediction", "prediction_id": ID,
        "model_version": version(), "variant": "champion",
        "features": [2.0, 70.7, 151.65, 0.0, 1.0, 0.0, 2.0, 1.0],
        "fields": {"OnlineSecurity": "No", "TechSupport": "No", "StreamingTV": "No"},
        "probability": (0.9 + 0.7) / 2.0, "risk_level": "HIGH", "purpose": "decision",
        "time": "2026-11-23T14:00:00.123Z",
    })
}

/// A line whose latency, which no clock of ours fixes, was checked and taken out.
fn without_latency(mut line: Value) -> Value {
    let latency = line["httpRequest"].as_object_mut().and_then(|request| request.remove("latency"));
    let latency = latency.expect("a latency");
    let seconds = latency.as_str().and_then(|text| text.strip_suffix('s')).and_then(|text| text.parse().ok());
    assert!(seconds.is_some_and(|seconds: f64| (0.0..60.0).contains(&seconds)), "{latency}");
    line
}

#[tokio::test]
async fn a_prediction_leaves_its_line_and_that_of_its_request() {
    let (app, lines) = logged(Config::default());
    call(&app, "POST", "/predict", &[], &customer()).await;
    drop(app);
    let [prediction, access] = lines.read().try_into().expect("two lines");
    // Without a key there is no customer in the line.
    assert_eq!(prediction, prediction_line());
    let access = without_latency(access);
    let expected = json!({
        "severity": "INFO", "message": "POST /predict 200", "event": "request", "request_id": ID,
        "httpRequest": {"requestMethod": "POST", "requestUrl": "/predict", "status": 200},
        "time": "2026-11-23T14:00:00.123Z",
    });
    assert_eq!(access, expected);
}

#[tokio::test]
async fn both_lines_carry_the_trace_and_the_answer_passes_it_on() {
    let (app, lines) = logged(config(&[("GOOGLE_CLOUD_PROJECT", "p"), ("CUSTOMER_ID_KEY", KEY)]));
    let headers = call(&app, "POST", "/predict", &[("traceparent", TRACEPARENT)], &customer()).await;
    assert_eq!(headers["traceparent"], TRACEPARENT);
    let google = [("x-cloud-trace-context", "0af7651916cd43dd8448eb211c80319c/17;o=0")];
    let headers = call(&app, "GET", "/model_info", &google, &Value::Null).await;
    assert!(!headers.contains_key("traceparent"));
    drop(app);
    let lines = lines.read();
    let keys = |span: &str, sampled: bool| {
        json!({
            "logging.googleapis.com/trace": "projects/p/traces/0af7651916cd43dd8448eb211c80319c",
            "logging.googleapis.com/spanId": span, "logging.googleapis.com/trace_sampled": sampled,
        })
    };
    for (line, keys) in lines.iter().zip([
        keys("b7ad6b7169203331", true),
        keys("b7ad6b7169203331", true),
        keys("0000000000000011", false),
    ]) {
        for (key, value) in keys.as_object().expect("an object") {
            assert_eq!(&line[key], value, "{line}");
        }
    }
    let mut expected = prediction_line();
    expected
        .as_object_mut()
        .expect("an object")
        .extend(keys("b7ad6b7169203331", true).as_object().expect("an object").clone());
    // Python: hmac.new(KEY, b"7590-VHVEG", "sha256").hexdigest()[:32]
    expected["customer"] = "da83561848e103fb5d92f6be7ea03cea".into();
    assert_eq!(lines[0], expected);
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn no_line_holds_a_customers_id() {
    for key in [&[][..], &[("CUSTOMER_ID_KEY", KEY)]] {
        let (app, lines) = logged(config(key));
        call(&app, "POST", "/predict", &[], &customer()).await;
        call(&app, "POST", "/predict", &[], &customer_with(&json!({"tenure": -1}))).await;
        call(&app, "POST", "/batch_predict", &[], &json!({"customers": vec![customer(); 101]})).await;
        drop(app);
        let lines = lines.read();
        assert_eq!(lines.len(), 5);
        assert!(lines.iter().all(|line| !line.to_string().contains("VHVEG")), "{lines:?}");
    }
}

#[tokio::test]
async fn machines_that_ask_for_health_are_logged_only_where_everything_is() {
    let paths = ["/health", "/health/live", "/health/ready"];
    for (level, expected) in [("info", 0), ("debug", 3)] {
        let (app, lines) = logged(config(&[("LOG_LEVEL", level)]));
        for path in paths {
            call(&app, "GET", path, &[], &Value::Null).await;
        }
        drop(app);
        let lines = lines.of("request");
        assert_eq!(lines.len(), expected, "{level}");
        assert!(lines.iter().all(|line| line["severity"] == "DEBUG"));
    }
}

#[tokio::test]
async fn a_refused_request_is_a_warning_without_the_path_that_somebody_made_up() {
    let (app, lines) = logged(Config::default());
    call(&app, "GET", "/predict/7590-VHVEG", &[], &Value::Null).await;
    drop(app);
    let [line] = lines.read().try_into().expect("one line");
    assert_eq!((&line["severity"], &line["httpRequest"]["status"]), (&"WARNING".into(), &404.into()));
    assert_eq!((&line["message"], &line["path_bytes"]), (&"GET unknown 404".into(), &19.into()));
    assert_eq!(line["httpRequest"]["requestUrl"], "unknown");
    assert!(!line.to_string().contains("VHVEG"), "{line}");
}

#[tokio::test]
async fn a_path_that_the_platform_chose_is_logged_as_our_own() {
    let routes = [("AIP_PREDICT_ROUTE", "/v1/m:predict"), ("AIP_HEALTH_ROUTE", "/alive")];
    let (app, lines) = logged(config(&routes));
    call(&app, "GET", "/alive", &[], &Value::Null).await;
    call(&app, "POST", "/v1/m:predict/", &[], &json!({"instances": [customer()]})).await;
    drop(app);
    let [line] = lines.of("request").try_into().expect("no line of the probe");
    assert_eq!(line["message"], "POST /invocations 200");
}

/// The counts of `rows` of the fixture's customer.
fn counts_line(rows: u64) -> Value {
    let one = |bins: usize, bin: usize| {
        let mut counts = vec![0; bins];
        counts[bin] = rows;
        counts
    };
    // The two rows of the fixture's reference are alike in SeniorCitizen, which leaves one bin; the one edge of the
    // other numbers and of PaperlessBilling lies at the smaller value.
    let features = json!({
        "tenure": one(2, 0), "MonthlyCharges": one(2, 1), "TotalCharges": one(2, 0), "SeniorCitizen": one(1, 0),
        "InternetService": one(3, 1), "Contract": one(3, 0), "PaymentMethod": one(4, 2), "PaperlessBilling": one(2, 1),
    });
    json!({
        "severity": "INFO", "message": "prediction counts", "event": "prediction_counts",
        "model_version": version(), "variant": "champion", "rows": rows, "features": features,
        "score": one(20, 15), "risk": {"LOW": 0, "MEDIUM": 0, "HIGH": rows}, "time": "2026-11-23T14:00:00.123Z",
    })
}

async fn predictions(mode: PredictionLog, rows: usize, headers: &[(&str, &str)]) -> Vec<Value> {
    let (app, lines) = logged(Config { prediction_log: mode, ..Config::default() });
    call(&app, "POST", "/batch_predict", headers, &json!({"customers": vec![customer(); rows]})).await;
    drop(app);
    lines.read().into_iter().filter(|line| line["event"] != "request").collect()
}

#[tokio::test]
async fn many_rows_are_counted_where_few_are_listed() {
    assert_eq!(predictions(PredictionLog::Rows, 100, &[]).await, vec![prediction_line(); 100]);
    assert_eq!(predictions(PredictionLog::Rows, 101, &[]).await, [counts_line(101)]);
    assert_eq!(predictions(PredictionLog::RowsAlways, 101, &[]).await, vec![prediction_line(); 101]);
    assert_eq!(predictions(PredictionLog::Counts, 1, &[]).await, [counts_line(1)]);
    assert_eq!(predictions(PredictionLog::Counts, 0, &[]).await, [] as [Value; 0]);
    assert_eq!(predictions(PredictionLog::Off, 101, &[]).await, [] as [Value; 0]);
}

/// The lines of `rows` customers whom the champion answers while the challenger scores too.
async fn shadowed(mode: PredictionLog, rows: usize) -> Vec<Value> {
    let config = Config { prediction_log: mode, shadow: Shadow::On, ..Config::default() };
    let (app, lines) = logged_of(both(), config);
    call(&app, "POST", "/batch_predict", &[], &json!({"customers": vec![customer(); rows]})).await;
    drop(app);
    lines.read().into_iter().filter(|line| line["event"] != "request").collect()
}

#[tokio::test]
async fn a_shadow_stands_beside_its_answer_and_is_counted_apart() {
    let challenger = churn::sha256_hex(&CHALLENGER.encode())[..12].to_owned();
    let mut line = prediction_line();
    line["shadow"] = json!({"model_version": challenger, "probability": (0.6 + 0.5) / 2.0});
    assert_eq!(shadowed(PredictionLog::Rows, 2).await, [line.clone(), line]);
    let mut counts = counts_line(101);
    for (name, value) in
        [("model_version", challenger.as_str()), ("variant", "challenger"), ("role", "shadow")]
    {
        counts[name] = value.into();
    }
    counts["risk"] = json!({"LOW": 0, "MEDIUM": 101, "HIGH": 0});
    let score = counts["score"].as_array_mut().expect("counts");
    score.swap(15, 10);
    assert_eq!(shadowed(PredictionLog::Rows, 101).await, [counts_line(101), counts]);
    assert_eq!(shadowed(PredictionLog::Off, 101).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_block_of_counts_has_ten_thousand_rows() {
    let expected = [counts_line(10_000), counts_line(10_000), counts_line(1)];
    assert_eq!(predictions(PredictionLog::Rows, 20_001, &[]).await, expected);
}

#[tokio::test]
async fn a_trial_is_no_prediction() {
    let what_if = [("x-churn-purpose", "what-if")];
    for mode in [PredictionLog::Rows, PredictionLog::RowsAlways, PredictionLog::Counts] {
        assert_eq!(predictions(mode, 1, &what_if).await, [] as [Value; 0]);
    }
}
