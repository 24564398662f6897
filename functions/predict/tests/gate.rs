//! The way in: keys. Nobody who is turned away has his body read.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use churn_predict::{App, Body, Config};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::Full;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fixture::{app_of, customer, read};

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
