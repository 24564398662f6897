//! `GET /docs`: a page that shows the OpenAPI document, and `GET /openapi.json`: the document itself.

use bytes::Bytes;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, Response};

use super::home;
use crate::response::{Body, whole, with_type};

/// The document as it is kept; a test holds it equal to the code.
static DOCUMENT: &str = include_str!("../openapi.json");

/// Scripts, requests and pictures of this host alone. Styles may be inline: RapiDoc, which draws the page, puts them into
/// its elements and their attributes.
const POLICY: &str = "default-src 'none'; connect-src 'self'; img-src 'self' data:; script-src 'self'; \
                      style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page. It names its files relative to `/docs/`; asked for as `/docs` it gets the same ones from there. No address
/// begins at the root: a stage of an API gateway may stand before it.
pub(crate) fn handle(path: &str) -> Response<Body> {
    let file = home::file("docs/index.html").expect("the page is a part of the binary");
    let page = file.contents_utf8().expect("the page is text");
    let page = if path.ends_with('/') {
        Bytes::from_static(page.as_bytes())
    } else {
        page.replace("\"./", "\"docs/").replace("\"../", "\"").into()
    };
    let mut response = with_type("text/html; charset=utf-8", whole(page));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// The document.
pub(crate) fn document() -> Response<Body> {
    with_type("application/json", whole(Bytes::from_static(DOCUMENT.as_bytes())))
}
