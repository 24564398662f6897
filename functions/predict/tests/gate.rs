//! The way in: keys, the rate limit, and the limit of requests in flight. Nobody who is turned away has his body read.

use std::collections::HashSet;
use std::num::{NonZeroU32, NonZeroUsize};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use churn_predict::{App, Body, Config, Sources};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::fixture::{UPTIME, app_of, both, counted, customer, read, sources};

/// A body that must not be read.
struct Unread;

impl http_body::Body for Unread {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        panic!("the body of a request that is turned away was read")
    }
}

/// A body of which no byte ever comes.
struct Stalled;

impl http_body::Body for Stalled {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}

fn with_keys(keys: &[&str]) -> Config {
    let api_keys = keys.iter().map(|key| Sha256::digest(key).into()).collect();
    Config { api_keys, ..Config::default() }
}

fn request<B>(method: &str, path: &str, key: Option<&str>, body: B) -> Request<B> {
    let request = Request::builder().method(method).uri(path);
    let request = key.into_iter().fold(request, |request, key| request.header("x-api-key", key));
    request.body(body).expect("a request")
}

/// Posts the customer.
async fn predict(app: &App, key: Option<&str>) -> Response<Body> {
    let body = Full::<Bytes>::from(customer().to_string());
    app.handle(request("POST", "/predict", key, body)).await
}

/// The answer to a request whose body must not be read.
async fn unread(app: &App, method: &str, path: &str, key: Option<&str>) -> (u16, HeaderMap, Value) {
    let (status, headers, body) = read(app.handle(request(method, path, key, Unread)).await).await;
    (status, headers, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn where_keys_are_set_only_the_pages_and_the_health_are_open() {
    let app = app_of(with_keys(&["one"]));
    for path in ["/", "/style.css", "/health", "/health/live", "/health/ready", "/health/"] {
        assert_eq!(unread(&app, "GET", path, None).await.0, 200, "{path}");
    }
    for (method, path) in [
        ("POST", "/predict"),
        ("POST", "/batch_predict"),
        ("GET", "/model_info"),
        ("HEAD", "/model_info"),
        ("GET", "/predict"),
        ("GET", "/no/such/path"),
    ] {
        let (status, headers, problem) = unread(&app, method, path, None).await;
        assert_eq!(status, 401, "{method} {path}");
        assert_eq!(headers["www-authenticate"], "Bearer realm=\"churn\"");
        assert_eq!(headers["content-type"], "application/problem+json");
        if method != "HEAD" {
            assert_eq!(problem["type"], "urn:churn:problem:no-key");
            assert_eq!(problem["status"], 401);
        }
        let (status, headers, _) = unread(&app, method, path, Some("two")).await;
        assert_eq!(status, 401, "{method} {path}");
        assert_eq!(headers["www-authenticate"], "Bearer realm=\"churn\", error=\"invalid_token\"");
    }
}

#[tokio::test]
async fn an_open_path_tells_everybody_its_methods() {
    let app = app_of(with_keys(&["one"]));
    for path in ["/", "/style.css", "/health", "/health/live", "/ping", "/v2/health/ready", "/docs"] {
        let (status, headers, _) = unread(&app, "POST", path, None).await;
        assert_eq!(status, 405, "{path}");
        assert_eq!(headers["allow"], "GET, HEAD", "{path}");
    }
}

#[tokio::test]
async fn every_live_key_lets_in_and_then_paths_and_methods_are_judged() {
    let app = app_of(with_keys(&["old", "new"]));
    for key in ["old", "new"] {
        assert_eq!(predict(&app, Some(key)).await.status(), 200);
        assert_eq!(unread(&app, "GET", "/model_info", Some(key)).await.0, 200);
        assert_eq!(unread(&app, "GET", "/no/such/path", Some(key)).await.0, 404);
        assert_eq!(unread(&app, "GET", "/predict", Some(key)).await.0, 405);
    }
    let body = Full::<Bytes>::from(customer().to_string());
    let mut bearer = request("POST", "/predict", None, body);
    bearer.headers_mut().insert("authorization", "Bearer new".parse().expect("a value"));
    assert_eq!(app.handle(bearer).await.status(), 200);
    assert_eq!(predict(&app_of(Config::default()), Some("any")).await.status(), 200, "no keys are set");
}

fn limited(limit: u32, config: Config) -> App {
    app_of(Config { rate_limit: NonZeroU32::new(limit), ..config })
}

fn rate(headers: &HeaderMap) -> (&str, &str) {
    let text = |name| headers.get(name).map_or("", |value| value.to_str().expect("ASCII"));
    (text("ratelimit-policy"), text("ratelimit"))
}

#[tokio::test]
async fn over_the_rate_limit_a_request_is_told_when_to_come_again() {
    let app = limited(2, Config::default());
    let policy = "\"default\";q=2;w=1";
    let (status, headers, _) = read(predict(&app, None).await).await;
    assert_eq!((status, rate(&headers)), (200, (policy, "\"default\";r=1;t=1")));
    let bad = request("POST", "/predict", None, Full::<Bytes>::from("no JSON"));
    let (status, headers, _) = read(app.handle(bad).await).await;
    assert_eq!((status, rate(&headers)), (400, (policy, "\"default\";r=0;t=1")));
    let (status, headers, problem) = unread(&app, "POST", "/predict", None).await;
    assert_eq!((status, rate(&headers)), (429, (policy, "\"default\";r=0;t=1")));
    assert_eq!(headers["retry-after"], "1");
    assert_eq!(problem["type"], "urn:churn:problem:too-often");
    UPTIME.set(Duration::from_millis(499));
    assert_eq!(unread(&app, "GET", "/model_info", None).await.0, 429, "one limit for all routes");
    UPTIME.set(Duration::from_millis(500));
    assert_eq!(unread(&app, "GET", "/model_info", None).await.0, 200);
    assert_eq!(unread(&app, "GET", "/model_info", None).await.0, 429);
    for path in ["/", "/style.css", "/health", "/health/live", "/health/ready"] {
        let (status, headers, _) = unread(&app, "GET", path, None).await;
        assert_eq!((status, rate(&headers)), (200, ("", "")), "{path} is not limited");
    }
    let (_, headers, _) = read(predict(&app_of(Config::default()), None).await).await;
    assert_eq!(rate(&headers), ("", ""), "no limit is set");
}

#[tokio::test]
async fn each_key_has_its_own_limit_and_a_wrong_key_uses_up_none() {
    let app = limited(1, with_keys(&["a", "b"]));
    for _ in 0..3 {
        assert_eq!(unread(&app, "POST", "/predict", Some("c")).await.0, 401);
    }
    assert_eq!(predict(&app, Some("a")).await.status(), 200);
    assert_eq!(unread(&app, "POST", "/predict", Some("a")).await.0, 429);
    assert_eq!(predict(&app, Some("b")).await.status(), 200);
}

fn places(most: usize) -> Config {
    Config { max_in_flight: NonZeroUsize::new(most), ..Config::default() }
}

async fn refused(app: &App) {
    let (status, headers, problem) = unread(app, "POST", "/predict", None).await;
    assert_eq!((status, &problem["type"]), (503, &json!("urn:churn:problem:busy")));
    let seconds: u32 = headers["retry-after"].to_str().expect("ASCII").parse().expect("seconds");
    assert!((1..=3).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_request_has_its_place_until_its_answer_was_read() {
    let app = app_of(places(2));
    let (first, second) = (predict(&app, None).await, predict(&app, None).await);
    refused(&app).await;
    assert_eq!(unread(&app, "GET", "/", None).await.0, 503, "a page takes a place too");
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(unread(&app, "GET", path, None).await.0, 200, "{path} is answered where all is busy");
    }
    first.into_body().collect().await.expect("a whole answer");
    let third = predict(&app, None).await;
    assert_eq!(third.status(), 200);
    refused(&app).await;
    drop(second);
    assert_eq!(predict(&app, None).await.status(), 200);
    assert_eq!(predict(&app, None).await.status(), 200, "an answer that nobody reads keeps no place");
}

#[tokio::test]
async fn a_request_that_is_being_answered_has_its_place_and_gives_it_back_when_its_client_leaves() {
    let app = app_of(places(1));
    {
        let mut waiting = pin!(app.handle(request("POST", "/predict", None, Stalled)));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        refused(&app).await;
    }
    assert_eq!(predict(&app, None).await.status(), 200);
}

#[tokio::test]
async fn a_stream_in_gzip_keeps_its_place_and_a_body_in_one_piece_its_length() {
    let app = app_of(places(1));
    let body = Full::<Bytes>::from(json!({"customers": vec![customer(); 20]}).to_string());
    let mut batch = request("POST", "/batch_predict", None, body);
    batch.headers_mut().insert("accept-encoding", "gzip".parse().expect("a value"));
    let mut stream = app.handle(batch).await.into_body();
    assert_eq!(http_body::Body::size_hint(&stream).exact(), None);
    assert!(stream.frame().await.is_some_and(|frame| frame.is_ok()));
    refused(&app).await;
    while stream.frame().await.is_some() {}
    let answer = predict(&app, None).await;
    assert!(http_body::Body::size_hint(answer.body()).exact().is_some_and(|length| 100 < length));
}

#[tokio::test]
async fn those_who_are_sent_away_together_are_not_told_the_same_time() {
    let app = App::new(both(), places(1), Sources { ids: counted, ..sources() });
    let _first = predict(&app, None).await;
    let mut told = HashSet::new();
    for _ in 0..9 {
        told.insert(unread(&app, "POST", "/predict", None).await.1["retry-after"].clone());
    }
    assert_eq!(told, ["1", "2", "3"].map(http::HeaderValue::from_static).into());
}

#[tokio::test]
async fn who_finds_no_place_uses_up_nothing_of_his_limit() {
    let app = limited(2, places(1));
    let first = predict(&app, None).await;
    refused(&app).await;
    refused(&app).await;
    drop(first);
    assert_eq!(predict(&app, None).await.status(), 200);
}
