//! What the function tells its operator: log lines, one JSON object each in the keys that Cloud Logging reads, and
//! metrics. Never a customer's identity.
//!
//! `LOG_LEVEL` decides over what the program says of itself and of requests. Predictions and outcomes are data that
//! somebody reads by program: no level silences them.
//!
//! `in_flight` follows a request to the end of its answer, `ledger` the predictions in it; `writer` is the only way out.

mod access;
mod embedded;
mod events;
mod identity;
mod in_flight;
mod ledger;
mod metrics;
mod predictions;
mod trace;
mod writer;

use time::OffsetDateTime;
use time::macros::format_description;
use tracing::Level;

pub use self::events::start;
pub(crate) use self::identity::Pseudonyms;
pub(crate) use self::in_flight::InFlight;
pub(crate) use self::ledger::Ledger;
pub(crate) use self::metrics::Metrics;
pub(crate) use self::trace::{TRACEPARENT, Trace, TraceKeys, passed_on};
pub(crate) use self::writer::Delivery;
pub use self::writer::Log;

/// `time` in RFC 3339 with milliseconds, in UTC.
pub(crate) fn timestamp(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    time.format(format).expect("a time of this era can be written")
}

/// Cloud Logging's name for a level.
fn severity(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG | Level::TRACE => "DEBUG",
    }
}
