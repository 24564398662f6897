//! Log lines: one JSON object a line on stdout, in the keys that Cloud Logging reads. Never a customer's identity.

use std::io::Write as _;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::macros::format_description;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use uuid::Uuid;

/// Sends every event of `level` or graver to stdout, for the rest of the process.
pub fn start(level: LevelFilter) {
    tracing_subscriber::registry().with(level).with(CloudLogging).init();
}

/// `time` in RFC 3339 with milliseconds, in UTC.
pub(crate) fn timestamp(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    time.format(format).expect("a time of this era can be written")
}

/// Longest path in a log line, in bytes.
const LONGEST_PATH: usize = 200;

/// The line of one request.
pub(crate) fn access(method: &Method, path: &str, status: StatusCode, took: Duration, request_id: Uuid) {
    let path = &path[..path.floor_char_boundary(LONGEST_PATH)];
    let latency = format!("{:.6}s", took.as_secs_f64());
    let status = status.as_u16();
    macro_rules! line {
        ($level:expr) => {
            tracing::event!(
                $level,
                event = "request",
                request_id = %request_id,
                httpRequest.requestMethod = %method,
                httpRequest.requestUrl = path,
                httpRequest.status = status,
                httpRequest.latency = latency,
                "{method} {path} {status}"
            )
        };
    }
    match status {
        500.. => line!(Level::ERROR),
        400.. => line!(Level::WARN),
        _ => line!(Level::INFO),
    }
}

/// Writes events as Cloud Logging reads them.
struct CloudLogging;

impl<S: Subscriber> Layer<S> for CloudLogging {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let line = line(event, OffsetDateTime::now_utc());
        // A closed stdout must not stop requests, and there is nowhere else to say so.
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
    }
}

fn line(event: &Event<'_>, now: OffsetDateTime) -> String {
    let mut fields = Fields(Map::new());
    let severity = match *event.metadata().level() {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG | Level::TRACE => "DEBUG",
    };
    fields.put("severity", severity.into());
    fields.put("time", timestamp(now).into());
    event.record(&mut fields);
    Value::Object(fields.0).to_string() + "\n"
}

/// The fields of an event; a dotted name becomes an object in the object.
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: Value) {
        match name.split_once('.') {
            None => drop(self.0.insert(name.to_owned(), value)),
            Some((outer, inner)) => {
                let outer = self.0.entry(outer).or_insert_with(|| Map::new().into());
                outer[inner] = value;
            }
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field.name(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }
}
