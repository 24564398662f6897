//! The one handler, and what it needs: a model, a clock and a source of ids.

use std::time::Instant;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::model::ServedModel;
use crate::problem::Problem;
use crate::router::{self, Route};
use crate::{routes, telemetry};

/// The body of every response.
pub type Body = Full<Bytes>;

/// What a request needs from outside itself; tests fix both.
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    /// The time.
    pub now: fn() -> OffsetDateTime,
    /// A new id, UUID version 7, for the time given.
    pub id: fn(OffsetDateTime) -> Uuid,
}

impl Sources {
    /// The machine's clock, and ids with fresh randomness each: a function that is restored from a snapshot must not
    /// repeat the ids of its copies.
    #[must_use]
    pub fn real() -> Self {
        let id = |now: OffsetDateTime| {
            let mut random = [0; 10];
            getrandom::fill(&mut random).expect("the operating system gives randomness");
            let milliseconds = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
            uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
        };
        Self { now: OffsetDateTime::now_utc, id }
    }
}

/// The function. One lives as long as its process.
#[derive(Debug)]
pub struct App {
    pub(crate) model: ServedModel,
    sources: Sources,
}

/// What one request is called and when it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) now: OffsetDateTime,
    pub(crate) request_id: Uuid,
}

impl App {
    /// A function that serves `model`.
    #[must_use]
    pub fn new(model: ServedModel, sources: Sources) -> Self {
        Self { model, sources }
    }

    /// A fresh prediction id.
    pub(crate) fn id(&self, now: OffsetDateTime) -> Uuid {
        (self.sources.id)(now)
    }

    /// Answers one request. Every error is an answer too, so this cannot fail.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        let start = Instant::now();
        let now = (self.sources.now)();
        let context = Context { now, request_id: self.id(now) };
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let mut response = match self.answer(request, context).await {
            Ok(response) => response,
            Err(problem) => problem.into_response(context.request_id),
        };
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if method == Method::HEAD {
            without_body(&mut response);
        }
        telemetry::access(&method, uri.path(), response.status(), start.elapsed(), context.request_id);
        response
    }

    async fn answer<B>(&self, request: Request<B>, context: Context) -> Result<Response<Body>, Problem>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        match router::route(request.method(), request.uri().path())? {
            Route::Predict => routes::predict::answer(self, request, context).await,
            Route::BatchPredict => routes::batch_predict::answer(self, request, context).await,
            Route::Health => Ok(json(&routes::health::handle(self, context.now))),
            Route::Live => Ok(json(&routes::health_live::handle())),
            Route::Ready => routes::health_ready::handle(self).map(|ready| json(&ready)),
            Route::ModelInfo => Ok(json(&routes::model_info::handle(self))),
            Route::Home => Ok(routes::home::answer(self, request.headers())),
            Route::Asset(file) => Ok(routes::home::asset(file)),
        }
    }
}

/// A JSON answer with status 200.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Response<Body> {
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

/// An answer of another status, with `Allow` where methods are given.
pub(crate) fn problem(status: StatusCode, allow: Option<&'static str>, body: Vec<u8>) -> Response<Body> {
    let mut response = with_type("application/problem+json", Bytes::from(body));
    *response.status_mut() = status;
    if let Some(methods) = allow {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    }
    response
}

/// The same head without the body, as HEAD asks for.
fn without_body(response: &mut Response<Body>) {
    let length = http_body::Body::size_hint(response.body()).exact().unwrap_or(0);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = Full::default();
}
