//! Answers: their bodies and the headers that every one of them has.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;

/// The body of every response.
pub type Body = Full<Bytes>;

/// A JSON answer with status 200.
pub(crate) fn json<T: Serialize>(value: &T) -> Response<Body> {
    let body = serde_json::to_vec(value).expect("every answer has a JSON form");
    with_type("application/json", Bytes::from(body))
}

/// An answer with status 200 that no cache keeps.
pub(crate) fn with_type(content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A problem of this status, with `Allow` where methods are given.
pub(crate) fn problem<T: Serialize>(
    status: StatusCode,
    allow: Option<&'static str>,
    value: &T,
) -> Response<Body> {
    let body = serde_json::to_vec(value).expect("every problem has a JSON form");
    let mut response = with_type("application/problem+json", Bytes::from(body));
    *response.status_mut() = status;
    if let Some(methods) = allow {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    }
    response
}

/// The same head without the body, as HEAD asks for.
pub(crate) fn without_body(response: &mut Response<Body>) {
    let length = http_body::Body::size_hint(response.body()).exact().unwrap_or(0);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = Full::default();
}
