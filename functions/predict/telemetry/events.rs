//! What the program itself has to say, such as that it serves or shuts down: events of `tracing` become log lines.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::{Log, severity, timestamp};

/// Sends every event of `level` or graver to `log`, for the rest of the process.
pub fn start(level: LevelFilter, log: Log) {
    tracing_subscriber::registry().with(level).with(CloudLogging(log)).init();
}

/// Writes events as Cloud Logging reads them.
struct CloudLogging(Log);

impl<S: Subscriber> Layer<S> for CloudLogging {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.0.write(&line(event, OffsetDateTime::now_utc()));
    }
}

fn line(event: &Event<'_>, now: OffsetDateTime) -> Value {
    let mut fields = Fields(Map::new());
    fields.put("severity", severity(*event.metadata().level()).into());
    fields.put("time", timestamp(now).into());
    event.record(&mut fields);
    Value::Object(fields.0)
}

/// The fields of an event.
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
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
