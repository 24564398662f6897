//! The environment of an MLflow client, under the names that MLflow's own clients read.

use std::env::VarError;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::SettingError;

/// Waiting for one answer, where nothing else is set.
const TIMEOUT_SECONDS: u64 = 30;
/// Further tries after a failure that may pass: with doubled waits from [`FIRST_WAIT`] they take 7.5 s.
const RETRIES: u32 = 4;
/// The wait before the first further try.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Who we are, and how long we wait.
pub(super) struct Settings {
    /// Value of the header `Authorization`, and what of it is secret.
    pub(super) authorization: Option<Authorization>,
    /// Time for one request, from connecting to the end of the answer.
    pub(super) timeout: Duration,
    /// Further tries after the first.
    pub(super) retries: u32,
    /// The wait before the first further try; each next one is twice as long.
    pub(super) first_wait: Duration,
}

/// A header, and the texts that must appear in no message.
pub(super) struct Authorization {
    pub(super) header: String,
    pub(super) secrets: Vec<String>,
}

impl Settings {
    /// Reads `MLFLOW_TRACKING_TOKEN`, `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`,
    /// `MLFLOW_HTTP_REQUEST_TIMEOUT` (seconds) and `MLFLOW_HTTP_REQUEST_MAX_RETRIES`.
    pub(super) fn from_environment() -> Result<Self, SettingError> {
        Self::read(variable)
    }

    fn read(
        variable: impl Fn(&'static str) -> Result<Option<String>, SettingError>,
    ) -> Result<Self, SettingError> {
        let number = |name, expected, range: std::ops::RangeInclusive<u64>, default| match variable(name)? {
            None => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if range.contains(&number) => Ok(number),
                _ => Err(SettingError::Number { name, expected, found: text }),
            },
        };
        let timeout = number("MLFLOW_HTTP_REQUEST_TIMEOUT", "1 to 3600 seconds", 1..=3600, TIMEOUT_SECONDS)?;
        let retries = number("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0 to 10", 0..=10, RETRIES.into())?;
        Ok(Self {
            authorization: authorization(
                variable("MLFLOW_TRACKING_TOKEN")?,
                variable("MLFLOW_TRACKING_USERNAME")?,
                variable("MLFLOW_TRACKING_PASSWORD")?,
            )?,
            timeout: Duration::from_secs(timeout),
            retries: retries as u32,
            first_wait: FIRST_WAIT,
        })
    }
}

/// A variable of the environment; an empty one is none.
fn variable(name: &'static str) -> Result<Option<String>, SettingError> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(SettingError::Unprintable { name }),
    }
}

/// User and password go before a token, as in MLflow's own client.
fn authorization(
    token: Option<String>,
    user: Option<String>,
    password: Option<String>,
) -> Result<Option<Authorization>, SettingError> {
    match (user, password, token) {
        (Some(user), Some(password), _) => {
            let encoded = STANDARD.encode(format!("{user}:{password}"));
            Ok(Some(Authorization { header: format!("Basic {encoded}"), secrets: vec![password, encoded] }))
        }
        (Some(_), None, _) => Err(SettingError::HalfAnAccount { missing: "MLFLOW_TRACKING_PASSWORD" }),
        (None, Some(_), _) => Err(SettingError::HalfAnAccount { missing: "MLFLOW_TRACKING_USERNAME" }),
        (None, None, Some(token)) if !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(SettingError::Unprintable { name: "MLFLOW_TRACKING_TOKEN" })
        }
        (None, None, Some(token)) => {
            Ok(Some(Authorization { header: format!("Bearer {token}"), secrets: vec![token] }))
        }
        (None, None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header, or the error, of an environment with these variables.
    fn check(variables: &[(&'static str, &str)], expected: &str) {
        let find =
            |name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let found = match Settings::read(|name| Ok(find(name))) {
            Ok(settings) => settings.authorization.map_or_else(|| "none".to_owned(), |found| found.header),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{variables:?}");
    }

    #[test]
    fn an_account_or_a_token_becomes_a_header_and_half_an_account_is_refused() {
        let (user, password) = (("MLFLOW_TRACKING_USERNAME", "ann"), ("MLFLOW_TRACKING_PASSWORD", "hunter2"));
        let token = ("MLFLOW_TRACKING_TOKEN", "t0k");
        check(&[], "none");
        check(&[token], "Bearer t0k");
        check(&[user, password], "Basic YW5uOmh1bnRlcjI=");
        check(&[user, password, token], "Basic YW5uOmh1bnRlcjI=");
        let half = "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD are needed together; ";
        check(&[user, token], &format!("{half}MLFLOW_TRACKING_PASSWORD is not set"));
        check(&[password], &format!("{half}MLFLOW_TRACKING_USERNAME is not set"));
        let carried = "MLFLOW_TRACKING_TOKEN holds characters that no HTTP header can carry";
        check(&[("MLFLOW_TRACKING_TOKEN", "a\r\nX: y")], carried);
    }

    #[test]
    fn limits_that_are_no_numbers_in_range_are_refused() {
        let (timeout, retries) = ("MLFLOW_HTTP_REQUEST_TIMEOUT", "MLFLOW_HTTP_REQUEST_MAX_RETRIES");
        check(&[(timeout, "5"), (retries, "0")], "none");
        check(&[(timeout, "0")], "MLFLOW_HTTP_REQUEST_TIMEOUT is \"0\", expected 1 to 3600 seconds");
        check(&[(retries, "many")], "MLFLOW_HTTP_REQUEST_MAX_RETRIES is \"many\", expected 0 to 10");
    }
}
