//! `GET /v2`: what kind of server this is.

use serde::Serialize;

/// Name and version of the function.
pub(crate) fn handle() -> Response {
    Response { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION"), extensions: [] }
}

/// The server. It reads binary tensors, and is silent of that extension because it answers in JSON alone.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OipServer))]
pub(crate) struct Response {
    /// The function.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// None.
    extensions: [&'static str; 0],
}
