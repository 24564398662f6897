//! `GET /v2`: what kind of server this is.

use serde::Serialize;

/// Name and version of the function.
pub(crate) fn handle() -> Response {
    Response { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION"), extensions: [] }
}

/// The server. It reads binary tensors, and is silent of that extension because it answers in JSON alone.
#[derive(Serialize)]
pub(crate) struct Response {
    name: &'static str,
    version: &'static str,
    extensions: [&'static str; 0],
}
