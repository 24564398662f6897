//! `GET /version`: the version of the function, as plain text; MLflow's clients ask for that of their server here.

/// The version.
pub(crate) fn handle() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
