//! The environment becomes a configuration: all of it, once, at start. A bad value stops the start.

use std::env::{self, VarError};

use thiserror::Error;
use tracing_subscriber::filter::LevelFilter;

/// How the function is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// `AIP_HTTP_PORT` where it is set, else `PORT`, else 8080.
    pub port: u16,
    /// `LOG_LEVEL`: `off`, `error`, `warn`, `info` (default), `debug` or `trace`.
    pub log_level: LevelFilter,
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

impl Config {
    /// The configuration of this process's environment.
    ///
    /// # Errors
    /// The first variable that cannot be understood.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::parse(|name| match env::var(name) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(value)) => Some(value.to_string_lossy().into_owned()),
        })
    }

    /// The configuration of the variables that `variable` knows.
    ///
    /// # Errors
    /// The first variable that cannot be understood.
    pub fn parse(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let port_variable = if variable("AIP_HTTP_PORT").is_some() { "AIP_HTTP_PORT" } else { "PORT" };
        let port = match variable(port_variable) {
            None => 8080,
            Some(found) => found.parse().ok().filter(|port| *port != 0).ok_or(ConfigError {
                variable: port_variable,
                expected: "a port from 1 to 65535",
                found,
            })?,
        };
        let log_level = match variable("LOG_LEVEL") {
            None => LevelFilter::INFO,
            Some(found) => found.parse().map_err(|_| ConfigError {
                variable: "LOG_LEVEL",
                expected: "off, error, warn, info, debug or trace",
                found,
            })?,
        };
        Ok(Self { port, log_level })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(variables: &[(&str, &str)]) -> Result<Config, String> {
        let find =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Config::parse(find).map_err(|error| error.to_string())
    }

    #[test]
    fn variables_have_defaults_and_vertex_ai_overrides_the_port() {
        assert_eq!(parse(&[]), Ok(Config { port: 8080, log_level: LevelFilter::INFO }));
        assert_eq!(parse(&[("PORT", "9000")]).unwrap().port, 9000);
        assert_eq!(parse(&[("PORT", "9000"), ("AIP_HTTP_PORT", "9001")]).unwrap().port, 9001);
        assert_eq!(parse(&[("LOG_LEVEL", "WARN")]).unwrap().log_level, LevelFilter::WARN);
    }

    #[test]
    fn a_bad_value_is_named_with_what_it_takes() {
        for port in ["", "0", "http", "65536", "-1", " 80"] {
            let expected = format!("PORT is {port:?}, expected a port from 1 to 65535");
            assert_eq!(parse(&[("PORT", port)]), Err(expected));
        }
        let expected = "LOG_LEVEL is \"loud\", expected off, error, warn, info, debug or trace";
        assert_eq!(parse(&[("LOG_LEVEL", "loud")]), Err(expected.to_owned()));
    }
}
