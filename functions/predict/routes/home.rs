//! `GET /`: the page, or three lines of JSON for programs; and the files that the page is made of.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_SECURITY_POLICY};
use http::{HeaderMap, HeaderValue};
use include_dir::{Dir, File, include_dir};
use serde::Serialize;

use crate::context::Context;
use crate::response::{Body, whole, with_type};

/// The files under `web/`, a part of the binary.
static WEB: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/functions/predict/web");

/// Everything from this host, nothing inline, nothing framed.
const POLICY: &str = "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether `Accept` asks for JSON and not for HTML.
pub(crate) fn asks_for_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}

/// The page.
pub(crate) fn page() -> http::Response<Body> {
    asset(WEB.get_file("index.html").expect("the page is a part of the binary"))
}

/// The same for programs.
pub(crate) fn handle(context: &Context) -> Response {
    Response {
        message: "churn predictions: POST /predict",
        model_version: context.shared.models.champion.version,
        status: "running",
    }
}

/// For programs.
#[derive(Serialize)]
pub(crate) struct Response {
    message: &'static str,
    model_version: &'static str,
    status: &'static str,
}

/// The embedded file of this name.
pub(crate) fn file(name: &str) -> Option<&'static File<'static>> {
    WEB.get_file(name)
}

/// An embedded file.
pub(crate) fn asset(file: &'static File<'static>) -> http::Response<Body> {
    let content_type = match file.path().extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let mut response = with_type(content_type, whole(Bytes::from_static(file.contents())));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
