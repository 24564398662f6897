//! The same function behind the Lambda runtime: API Gateway v2 and function URL events in, their responses out.

use std::sync::Arc;

use bytes::Bytes;
use http::Uri;
use http::uri::PathAndQuery;
use http_body_util::{BodyExt, Full};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response, service_fn};

use crate::App;

/// Whether the Lambda runtime started this process.
#[must_use]
pub fn is_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Serves `app` to the Lambda runtime.
///
/// # Errors
/// Where the runtime cannot be reached.
pub async fn run(app: App) -> Result<(), lambda_http::Error> {
    let app = Arc::new(app);
    lambda_http::run(service_fn(move |request: Request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, std::convert::Infallible>(handle(&app, request).await) }
    }))
    .await
}

async fn handle(app: &App, mut request: Request) -> Response<Body> {
    if let Some(path) = without_stage(&request) {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(path);
        *request.uri_mut() = Uri::from_parts(parts).expect("another path keeps a URI whole");
    }
    let request = request.map(|body| match body {
        Body::Empty => Full::default(),
        Body::Text(text) => Full::new(Bytes::from(text)),
        Body::Binary(bytes) => Full::new(Bytes::from(bytes)),
        // The enum may grow; an unknown kind of body has no bytes that we could read.
        _ => Full::default(),
    });
    let (head, body) = app.handle(request).await.into_parts();
    let bytes = body.collect().await.map_or_else(|never| match never {}, http_body_util::Collected::to_bytes);
    let body = match String::from_utf8(bytes.into()) {
        Ok(text) => Body::Text(text),
        Err(error) => Body::Binary(error.into_bytes()),
    };
    Response::from_parts(head, body)
}

/// The path behind the stage, where API Gateway puts its stage before it.
fn without_stage(request: &Request) -> Option<PathAndQuery> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else { return None };
    let stage = context.stage.as_deref().filter(|stage| *stage != "$default")?;
    let path = request.uri().path_and_query()?.as_str();
    let rest = path.strip_prefix('/')?.strip_prefix(stage)?;
    match rest.chars().next() {
        None => Some(PathAndQuery::from_static("/")),
        Some('/') => rest.parse().ok(),
        Some('?') => format!("/{rest}").parse().ok(),
        Some(_) => None,
    }
}
