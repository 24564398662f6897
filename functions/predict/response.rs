//! Answers: their bodies and the headers that every one of them has.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use thiserror::Error;

pub(crate) mod compressed;

/// The body of every response: in one piece, or a stream.
pub type Body = UnsyncBoxBody<Bytes, CutOff>;

/// A stream that cannot be ended as it should: the connection is cut, so that nobody takes it for whole. Where nothing of
/// it was sent yet, the problem is still an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Error)]
#[error("the answer is cut off")]
pub struct CutOff {
    /// The status of the problem.
    pub status: StatusCode,
    /// The problem as JSON.
    pub problem: Bytes,
}

/// A body in one piece.
pub(crate) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// A JSON answer with status 200.
pub(crate) fn json<T: Serialize>(value: &T) -> Response<Body> {
    let body = serde_json::to_vec(value).expect("every answer has a JSON form");
    with_type("application/json", whole(Bytes::from(body)))
}

/// A JSON answer with status 202: taken, and nothing more is known yet.
pub(crate) fn accepted<T: Serialize>(value: &T) -> Response<Body> {
    let mut response = json(value);
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

/// An answer with status 200 that no cache keeps.
pub(crate) fn with_type(content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Plain text with status 200.
pub(crate) fn text(text: &'static str) -> Response<Body> {
    with_type("text/plain; charset=utf-8", whole(Bytes::from_static(text.as_bytes())))
}

/// A problem of this status, with `Allow` where methods are given.
pub(crate) fn problem(status: StatusCode, allow: Option<&'static str>, json: Bytes) -> Response<Body> {
    let mut response = with_type("application/problem+json", whole(json));
    *response.status_mut() = status;
    if let Some(methods) = allow {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    }
    response
}

/// The same head without the body, as HEAD asks for.
pub(crate) fn without_body(response: &mut Response<Body>) {
    // An answer whose length is not known before it is made is told without one.
    if let Some(length) = http_body::Body::size_hint(response.body()).exact() {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    *response.body_mut() = whole(Bytes::new());
}
