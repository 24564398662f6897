//! The environment becomes a configuration: all of it, once, at start. A bad value stops the start.

mod keys;

use std::env::{self, VarError};
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};

use thiserror::Error;
use tracing_subscriber::filter::LevelFilter;

/// How the function is set up.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `AIP_HTTP_PORT` where it is set, else `PORT`, else 8080.
    pub port: u16,
    /// `LOG_LEVEL`: `off`, `error`, `warn`, `info` (default), `debug` or `trace`.
    pub log_level: LevelFilter,
    /// `API_KEYS_SHA256`, or the file that `API_KEYS_SHA256_FILE` names: SHA-256 of each key that may call. Empty where
    /// the platform decides who may call.
    pub api_keys: Vec<[u8; 32]>,
    /// `RATE_LIMIT`: requests a second, for each key or, without keys, for this process.
    pub rate_limit: Option<NonZeroU32>,
    /// `MAX_IN_FLIGHT`: requests at a time.
    pub max_in_flight: Option<NonZeroUsize>,
    /// `PREDICTION_LOG`: `rows` (default), `rows-always`, `counts` or `off`.
    pub prediction_log: PredictionLog,
    /// `CUSTOMER_ID_KEY`: the key under which ids of customers stand in log lines.
    pub customer_id_key: Option<Secret>,
    /// `CHALLENGER_PERCENT`: the share of customers, 0 to 100, that the challenger answers.
    pub challenger_percent: f64,
    /// `SHADOW`: whether the other model scores too, for the log alone.
    pub shadow: Shadow,
    /// `GOOGLE_CLOUD_PROJECT`: the project that traces belong to.
    pub project: Option<String>,
    /// `AWS_LAMBDA_RUNTIME_API`, which Lambda sets: whether each request leaves its metrics in the log.
    pub metric_lines: MetricLines,
    /// `AIP_PREDICT_ROUTE`: a further path of `POST /invocations`; it goes before our own paths.
    pub predict_route: Option<String>,
    /// `AIP_HEALTH_ROUTE`: a further path of `GET /ping`; it goes before our own paths.
    pub health_route: Option<String>,
}

/// What of each prediction is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PredictionLog {
    /// A line a prediction; counts for streams and for batches of more than 100.
    Rows,
    /// A line a prediction, however many.
    RowsAlways,
    /// Counts.
    Counts,
    /// Nothing.
    Off,
}

/// Whether both models score every customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shadow {
    /// The one that does not answer is logged beside the one that does.
    On,
    /// Only the one that answers scores.
    Off,
}

/// Whether metrics go into the log too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricLines {
    /// They do, as CloudWatch reads them.
    CloudWatch,
    /// Whoever wants them asks for them.
    Off,
}

/// A value that no log line and no debug output shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A variable that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{variable} is {found:?}, expected {expected}")]
pub struct ConfigError {
    /// The variable's name.
    pub variable: &'static str,
    /// What it takes.
    pub expected: &'static str,
    /// Its value.
    pub found: String,
}

impl Default for Config {
    /// What an empty environment gives.
    fn default() -> Self {
        Self {
            port: 8080,
            log_level: LevelFilter::INFO,
            api_keys: Vec::new(),
            rate_limit: None,
            max_in_flight: None,
            prediction_log: PredictionLog::Rows,
            customer_id_key: None,
            challenger_percent: 0.0,
            shadow: Shadow::Off,
            project: None,
            metric_lines: MetricLines::Off,
            predict_route: None,
            health_route: None,
        }
    }
}

impl Config {
    /// The configuration of this process's environment.
    ///
    /// # Errors
    /// The first variable that cannot be understood.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(|name| env::var(name))
    }

    /// The configuration of the variables that `variable` knows.
    ///
    /// # Errors
    /// The first variable that cannot be understood.
    pub fn parse(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Self::read(|name| variable(name).ok_or(VarError::NotPresent))
    }

    fn read(variable: impl Fn(&str) -> Result<String, VarError>) -> Result<Self, ConfigError> {
        let usual = Self::default();
        let read = Variables(variable);
        let port_variable = if read.text("AIP_HTTP_PORT")?.is_some() { "AIP_HTTP_PORT" } else { "PORT" };
        let port = |text: &str| text.parse().ok().filter(|port| *port != 0);
        let percent = |text: &str| text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
        Ok(Self {
            port: read.or(port_variable, usual.port, "a port from 1 to 65535", port)?,
            log_level: read.or(
                "LOG_LEVEL",
                usual.log_level,
                "off, error, warn, info, debug or trace",
                log_level,
            )?,
            api_keys: keys::read(&read)?,
            rate_limit: read.optional(
                "RATE_LIMIT",
                "a whole number of requests a second, 1 or more",
                |text| text.parse().ok(),
            )?,
            max_in_flight: read.optional(
                "MAX_IN_FLIGHT",
                "a whole number of requests, 1 or more",
                |text| text.parse().ok(),
            )?,
            prediction_log: read.or(
                "PREDICTION_LOG",
                usual.prediction_log,
                "rows, rows-always, counts or off",
                prediction_log,
            )?,
            customer_id_key: read.optional("CUSTOMER_ID_KEY", "a key of 16 characters or more", |text| {
                (16 <= text.len()).then(|| Secret(text.to_owned()))
            })?,
            challenger_percent: read.or(
                "CHALLENGER_PERCENT",
                usual.challenger_percent,
                "a number from 0 to 100",
                percent,
            )?,
            shadow: read.or("SHADOW", usual.shadow, "on or off", shadow)?,
            project: read.text("GOOGLE_CLOUD_PROJECT")?,
            metric_lines: match read.text("AWS_LAMBDA_RUNTIME_API")? {
                Some(_) => MetricLines::CloudWatch,
                None => usual.metric_lines,
            },
            predict_route: read.optional("AIP_PREDICT_ROUTE", "a path that begins with /", path)?,
            health_route: read.optional("AIP_HEALTH_ROUTE", "a path that begins with /", path)?,
        })
    }
}

/// The six words alone: the type's own parser takes digits too, and nothing at all as a level.
fn log_level(text: &str) -> Option<LevelFilter> {
    Some(match text.to_ascii_lowercase().as_str() {
        "off" => LevelFilter::OFF,
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => return None,
    })
}

fn prediction_log(text: &str) -> Option<PredictionLog> {
    Some(match text {
        "rows" => PredictionLog::Rows,
        "rows-always" => PredictionLog::RowsAlways,
        "counts" => PredictionLog::Counts,
        "off" => PredictionLog::Off,
        _ => return None,
    })
}

fn shadow(text: &str) -> Option<Shadow> {
    match text {
        "on" => Some(Shadow::On),
        "off" => Some(Shadow::Off),
        _ => None,
    }
}

fn path(text: &str) -> Option<String> {
    text.starts_with('/').then(|| text.to_owned())
}

/// The variables, and how one is read.
struct Variables<F>(F);

impl<F: Fn(&str) -> Result<String, VarError>> Variables<F> {
    /// The variable's value; `None` where it is not set. Bytes that are no text are not mended: a secret would become
    /// another one without a word.
    fn text(&self, variable: &'static str) -> Result<Option<String>, ConfigError> {
        match (self.0)(variable) {
            Ok(text) => Ok(Some(text)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => {
                Err(ConfigError { variable, expected: "text in UTF-8", found: "(not UTF-8)".into() })
            }
        }
    }

    /// What `parse` makes of the variable; `None` where it is not set.
    fn optional<T>(
        &self,
        variable: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(found) = self.text(variable)? else { return Ok(None) };
        // A secret that is not taken is not shown either.
        let shown = if variable == "CUSTOMER_ID_KEY" { "(not shown)".to_owned() } else { found.clone() };
        parse(&found).map(Some).ok_or(ConfigError { variable, expected, found: shown })
    }

    /// The same, with what it is where it is not set.
    fn or<T>(
        &self,
        variable: &'static str,
        usual: T,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        Ok(self.optional(variable, expected, parse)?.unwrap_or(usual))
    }
}

#[cfg(test)]
mod tests;
