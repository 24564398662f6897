//! The same function behind the Lambda runtime: API Gateway v2 and function URL events in, their responses out.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;
use http::{HeaderValue, Uri};
use http_body_util::{BodyExt, Full};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response, service_fn};

use crate::{App, CutOff};

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
    lambda_http::run(service_fn(move |request: Request| {
        let app = app.clone();
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
    let bytes = match body.collect().await {
        Ok(whole) => whole.to_bytes(),
        // Nothing was sent yet, so the problem takes the place of what could not be ended.
        Err(cut_off) => return problem(cut_off),
    };
    let body = match String::from_utf8(bytes.into()) {
        Ok(text) => Body::Text(text),
        Err(error) => Body::Binary(error.into_bytes()),
    };
    Response::from_parts(head, body)
}

fn problem(cut_off: CutOff) -> Response<Body> {
    let json = String::from_utf8_lossy(&cut_off.problem).into_owned();
    let mut response = Response::new(Body::Text(json));
    *response.status_mut() = cut_off.status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// The path behind the stage, where API Gateway puts its stage before it. Taken from the event's own path: that of
/// the request has the stage even where the event has none.
fn without_stage(request: &Request) -> Option<PathAndQuery> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else { return None };
    let stage = context.stage.as_deref().filter(|stage| *stage != "$default")?;
    let path = request.raw_http_path();
    let path = match path.strip_prefix('/').and_then(|rest| rest.strip_prefix(stage)) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    };
    match request.uri().query() {
        Some(query) => format!("{path}?{query}").parse().ok(),
        None => path.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::request::from_str;
    use serde_json::Value;

    use super::*;
    use crate::{Config, Sources, compiled};

    /// Answers a recorded event and gives status and JSON.
    async fn answer(event: &str) -> (u16, Value) {
        let app = App::new(compiled(), Config::default(), Sources::real());
        let response = handle(&app, from_str(event).expect("a recorded event")).await;
        let Body::Text(body) = response.body() else { panic!("JSON is text: {response:?}") };
        (response.status().as_u16(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    #[tokio::test]
    async fn every_kind_of_event_reaches_its_route() {
        let expected = answer(include_str!("tests/events/function_url_predict.json")).await;
        assert_eq!((expected.0, &expected.1["customer_id"]), (200, &"C-1001".into()));
        for event in [
            include_str!("tests/events/api_gateway_predict.json"),
            include_str!("tests/events/api_gateway_stage_predict.json"),
        ] {
            let found = answer(event).await;
            assert_eq!((found.0, &found.1["churn_probability"]), (200, &expected.1["churn_probability"]));
        }
        let (status, health) = answer(include_str!("tests/events/function_url_health.json")).await;
        assert_eq!((status, &health["status"]), (200, &"healthy".into()));
        let (status, problem) = answer(include_str!("tests/events/function_url_bad_field.json")).await;
        assert_eq!((status, &problem["errors"][0]["suggestion"]), (422, &"Credit card (automatic)".into()));
        assert_eq!(answer(include_str!("tests/events/api_gateway_stage_home.json")).await.0, 200);
    }

    #[test]
    fn only_the_whole_stage_is_taken_from_the_path() {
        let check = |stage: &str, path: &str, expected: Option<&str>| {
            let event = include_str!("tests/events/api_gateway_stage_predict.json")
                .replace("/prod/predict", path)
                .replace("\"stage\": \"prod\"", &format!("\"stage\": \"{stage}\""));
            let request = from_str(&event).expect("a recorded event");
            assert_eq!(
                without_stage(&request).as_ref().map(PathAndQuery::as_str),
                expected,
                "{stage} {path}"
            );
        };
        check("prod", "/prod/predict", Some("/predict"));
        check("prod", "/prod", Some("/"));
        check("prod", "/prod/", Some("/"));
        check("prod", "/predict", Some("/predict"));
        check("prod", "/production", Some("/production"));
        check("predict", "/predict/predict", Some("/predict"));
        check("$default", "/predict", None);
    }
}
