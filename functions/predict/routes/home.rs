//! `GET /`: the page, or three lines of JSON for programs; and the files that the page is made of.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, VARY};
use http::{HeaderMap, HeaderValue};
use include_dir::{Dir, File, include_dir};
use serde::Serialize;

use crate::context::Context;
use crate::response::{Body, compressed, whole, with_type};

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
    asset(WEB.get_file("index.html").expect("the page is a part of the binary"), &HeaderMap::new())
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
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Home))]
pub(crate) struct Response {
    /// Where to begin.
    message: &'static str,
    /// The champion's version.
    model_version: &'static str,
    /// `running`.
    status: &'static str,
}

/// The embedded file of this name; one that is large is kept in gzip, as `name.gz`.
pub(crate) fn file(name: &str) -> Option<&'static File<'static>> {
    WEB.get_file(name).or_else(|| WEB.get_file(format!("{name}.gz")))
}

/// A file that is kept in gzip, as it is or inflated.
fn kept(content_type: &'static str, bytes: Bytes, headers: &HeaderMap) -> http::Response<Body> {
    let mut response = if compressed::is_asked_for(headers) {
        let mut response = with_type(content_type, whole(bytes));
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        with_type(content_type, whole(compressed::inflated(&bytes)))
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// An embedded file, for a caller with these headers.
pub(crate) fn asset(file: &'static File<'static>, headers: &HeaderMap) -> http::Response<Body> {
    let name = file.path().to_str().expect("names of files are text");
    let inner = name.strip_suffix(".gz").unwrap_or(name);
    let content_type = match inner.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let bytes = Bytes::from_static(file.contents());
    let mut response = if inner == name {
        with_type(content_type, whole(bytes))
    } else {
        kept(content_type, bytes, headers)
    };
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
