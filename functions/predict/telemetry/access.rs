//! The access line: one a request, whatever became of it.

use std::time::Duration;

use serde::Serialize;
use tracing::Level;

use super::{InFlight, TraceKeys, severity, timestamp};
use crate::router;

/// Paths that machines ask every few seconds.
const ASKED_BY_MACHINES: [&str; 4] = ["/health", "/metrics", "/ping", "/v2/health"];

#[derive(Serialize)]
struct Line<'a> {
    severity: &'static str,
    message: String,
    event: &'static str,
    request_id: String,
    #[serde(rename = "httpRequest")]
    request: HttpRequest<'a>,
    /// All that is told of a path that does not exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<usize>,
    time: String,
    #[serde(flatten)]
    trace: Option<TraceKeys>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpRequest<'a> {
    request_method: &'a str,
    request_url: &'a str,
    status: u16,
    latency: String,
}

/// Writes the line of `request`, where the operator wants lines of its level.
pub(super) fn write(request: &InFlight, status: u16, took: Duration) {
    let level = level(request.route, status);
    if request.shared.config.log_level < level {
        return;
    }
    let method = request.method.as_str();
    // Never the path itself: callers put ids of customers into paths that do not exist.
    let path = request.route;
    request.shared.log.write(&Line {
        severity: severity(level),
        message: format!("{method} {path} {status}"),
        event: "request",
        request_id: request.request_id.to_string(),
        request: HttpRequest {
            request_method: method,
            request_url: path,
            status,
            latency: format!("{:.6}s", took.as_secs_f64()),
        },
        path_bytes: (path == router::UNKNOWN).then_some(request.path.len()),
        time: timestamp((request.shared.sources.now)()),
        trace: request.trace.map(|trace| trace.keys(request.shared.config.project.as_deref())),
    });
}

fn level(route: &str, status: u16) -> Level {
    match status {
        500.. => Level::ERROR,
        400.. => Level::WARN,
        _ if ASKED_BY_MACHINES.iter().any(|path| route.starts_with(path)) => Level::DEBUG,
        _ => Level::INFO,
    }
}
