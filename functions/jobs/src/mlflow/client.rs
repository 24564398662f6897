//! HTTP to one MLflow server: authentication, time limits, further tries, and limits on what it may answer.

use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::header::{CONTENT_TYPE, LOCATION};
use ureq::http::{Response, Uri};
use ureq::{Agent, Body, RequestBuilder};

use super::error::{Fault, SettingError};
use super::settings::{Authorization, Settings};
use super::tls;

/// Time to connect, encryption included.
const CONNECT: Duration = Duration::from_secs(10);
/// A transfer may take the time of a request and a second more for so many bytes.
const BYTES_A_SECOND: u64 = 64 * 1024;
/// The most that an answer of the programming interface may have.
const ANSWER_LIMIT: u64 = 4 * 1024 * 1024;
/// Characters of a server's text that are repeated in a message.
const SAID_LIMIT: usize = 200;

const API: &str = "/api/2.0/mlflow/";
const ARTIFACTS: &str = "/api/2.0/mlflow-artifacts/artifacts/";

/// An MLflow server, and how it is spoken to.
pub(crate) struct Server {
    /// The URI without a slash at its end.
    base: String,
    agent: Agent,
    authorization: Option<Authorization>,
    timeout: Duration,
    retries: u32,
    first_wait: Duration,
}

/// One request.
#[derive(Clone, Copy)]
enum Request<'a> {
    Get { query: &'a [(&'a str, &'a str)] },
    Download { limit: u64 },
    Post { json: &'a [u8] },
    Delete { json: &'a [u8] },
    Put { bytes: &'a [u8] },
}

impl Request<'_> {
    /// The most bytes that the answer may have.
    fn limit(&self) -> u64 {
        match self {
            Self::Download { limit } => *limit,
            _ => ANSWER_LIMIT,
        }
    }

    /// Seconds that the transfer of a file may take beyond those of any request.
    fn transfer_seconds(&self) -> u64 {
        match self {
            Self::Put { bytes } => bytes.len() as u64 / BYTES_A_SECOND,
            Self::Download { limit } => limit / BYTES_A_SECOND,
            Self::Get { .. } | Self::Post { .. } | Self::Delete { .. } => 0,
        }
    }
}

/// What an MLflow server says of an error.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    error_code: String,
    message: String,
}

impl Server {
    /// The server at `uri`, which is not asked yet.
    pub(super) fn new(uri: &str, settings: Settings) -> Result<Self, SettingError> {
        let base = base(uri)?;
        let builder = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT))
            .user_agent(concat!("churn/", env!("CARGO_PKG_VERSION")));
        let builder =
            if base.starts_with("https://") { builder.tls_config(tls::configuration()?) } else { builder };
        let Settings { authorization, timeout, retries, first_wait } = settings;
        Ok(Self { base, agent: builder.build().new_agent(), authorization, timeout, retries, first_wait })
    }

    /// The URI that the server was given as.
    pub(crate) fn uri(&self) -> &str {
        &self.base
    }

    /// Asks `path` of the programming interface, several times where need be.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, Fault> {
        self.again(|| self.get_once(path, query))
    }

    /// Asks once, for a part of something that is tried again as a whole.
    pub(super) fn get_once<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Fault> {
        self.parse(&self.send(&[API, path].concat(), Request::Get { query })?)
    }

    /// Posts `json` to `path`, several times where need be: only for what may be done twice.
    pub(super) fn post<T: DeserializeOwned>(&self, path: &str, json: &Value) -> Result<T, Fault> {
        self.again(|| self.post_once(path, json))
    }

    /// Posts once, for what must not be done twice, and for a part of something that is tried again as a whole.
    pub(super) fn post_once<T: DeserializeOwned>(&self, path: &str, json: &Value) -> Result<T, Fault> {
        let json = json.to_string();
        self.parse(&self.send(&[API, path].concat(), Request::Post { json: json.as_bytes() })?)
    }

    /// Deletes what `json` names at `path`.
    pub(super) fn delete(&self, path: &str, json: &Value) -> Result<(), Fault> {
        let json = json.to_string();
        self.patiently(&[API, path].concat(), Request::Delete { json: json.as_bytes() }).map(drop)
    }

    /// Puts a file at `path` of the artifact store.
    pub(super) fn upload(&self, path: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.patiently(&[ARTIFACTS, path].concat(), Request::Put { bytes }).map(drop)
    }

    /// The file at `path` of the artifact store, which may have at most `limit` bytes.
    pub(super) fn download(&self, path: &str, limit: u64) -> Result<Vec<u8>, Fault> {
        self.patiently(&[ARTIFACTS, path].concat(), Request::Download { limit })
    }

    /// Tries `attempt` again, after longer and longer waits, while it fails in a way that may pass.
    pub(super) fn again<T>(&self, mut attempt: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
        let mut wait = self.first_wait;
        for _ in 0..self.retries {
            match attempt() {
                Err(fault) if fault.is_transient() => thread::sleep(wait),
                result => return result,
            }
            wait *= 2;
        }
        attempt()
    }

    fn patiently(&self, path: &str, request: Request<'_>) -> Result<Vec<u8>, Fault> {
        self.again(|| self.send(path, request))
    }

    /// One try: the answer's body where its status is 200.
    fn send(&self, path: &str, request: Request<'_>) -> Result<Vec<u8>, Fault> {
        let limit = request.limit();
        let timeout = self.timeout + Duration::from_secs(request.transfer_seconds());
        let failed = |error| self.failed(error, timeout, limit);
        let mut response = self.call(&[&self.base, path].concat(), request, timeout).map_err(failed)?;
        let status = response.status().as_u16();
        if (300..400).contains(&status) {
            return Err(Fault::Redirect { to: self.target(&response) });
        }
        // One more than allowed, so that the end is seen.
        let body = response.body_mut().with_config().limit(limit + 1).read_to_vec();
        match status {
            200 => match body.map_err(|error| self.failed(error, timeout, limit))? {
                body if limit < body.len() as u64 => Err(Fault::TooLarge { limit }),
                body => Ok(body),
            },
            401 | 403 => Err(Fault::Access { status }),
            _ => Err(self.refused(status, &body.unwrap_or_default())),
        }
    }

    fn call(
        &self,
        uri: &str,
        request: Request<'_>,
        timeout: Duration,
    ) -> Result<Response<Body>, ureq::Error> {
        const JSON: &str = "application/json";
        match request {
            Request::Get { query } => {
                self.prepared(self.agent.get(uri), timeout).query_pairs(query.iter().copied()).call()
            }
            Request::Download { .. } => self.prepared(self.agent.get(uri), timeout).call(),
            Request::Post { json } => {
                self.prepared(self.agent.post(uri), timeout).header(CONTENT_TYPE, JSON).send(json)
            }
            Request::Delete { json } => self
                .prepared(self.agent.delete(uri), timeout)
                .header(CONTENT_TYPE, JSON)
                .force_send_body()
                .send(json),
            Request::Put { bytes } => self
                .prepared(self.agent.put(uri), timeout)
                .header(CONTENT_TYPE, "application/octet-stream")
                .send(bytes),
        }
    }

    fn prepared<B>(&self, builder: RequestBuilder<B>, timeout: Duration) -> RequestBuilder<B> {
        let builder = builder.config().timeout_global(Some(timeout)).build();
        match &self.authorization {
            Some(Authorization { header, .. }) => builder.header("authorization", header),
            None => builder,
        }
    }

    fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Fault> {
        serde_json::from_slice(body).map_err(|error| Fault::Foreign { detail: self.said(&error.to_string()) })
    }

    /// The fault of a request that got no whole answer.
    fn failed(&self, error: ureq::Error, timeout: Duration, limit: u64) -> Fault {
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect) => {
                Fault::Unreachable { detail: format!("no connection within {} s", CONNECT.as_secs()) }
            }
            ureq::Error::Timeout(_) => Fault::Slow { seconds: timeout.as_secs() },
            ureq::Error::BodyExceedsLimit(_) => Fault::TooLarge { limit },
            ureq::Error::HostNotFound => Fault::Unreachable { detail: "its name is not known".into() },
            // A certificate that is not trusted, or bytes that are no TLS: it will be the same a moment later.
            ureq::Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
                Fault::Http { detail: self.said(&error.to_string()) }
            }
            ureq::Error::Io(error) => Fault::Unreachable { detail: self.said(&error.to_string()) },
            ureq::Error::ConnectionFailed => Fault::Unreachable { detail: self.said(&error.to_string()) },
            error => Fault::Http { detail: self.said(&error.to_string()) },
        }
    }

    fn refused(&self, status: u16, body: &[u8]) -> Fault {
        let Said { error_code, message } = serde_json::from_slice(body).unwrap_or_default();
        let said = self.said(&message);
        let said = if said.is_empty() { said } else { format!(" ({said})") };
        Fault::Status { status, code: self.said(&error_code), said }
    }

    fn target<B>(&self, response: &Response<B>) -> String {
        let location = response.headers().get(LOCATION);
        self.said(location.and_then(|location| location.to_str().ok()).unwrap_or("nowhere"))
    }

    /// A text of the server as a message may hold it: short, on one line, and without our secrets.
    pub(super) fn said(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.authorization.iter().flat_map(|authorization| &authorization.secrets) {
            text = text.replace(secret, "***");
        }
        let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        let mut short: String = line.take(SAID_LIMIT + 1).collect();
        if let Some((end, _)) = short.char_indices().nth(SAID_LIMIT) {
            short.replace_range(end.., "...");
        }
        short
    }
}

/// `uri` without a slash at its end.
fn base(uri: &str) -> Result<String, SettingError> {
    let parsed: Option<Uri> = uri.parse().ok();
    if uri.contains('@') {
        return Err(SettingError::Userinfo);
    }
    let sound = parsed.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.query().is_none()
    });
    if !sound || uri.contains('#') {
        let address = uri.split(['?', '#']).next().unwrap_or_default();
        return Err(SettingError::Uri { found: address.to_owned() });
    }
    Ok(uri.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(secret: Option<&str>) -> Server {
        let authorization = secret.map(|secret| Authorization {
            header: format!("Bearer {secret}"),
            secrets: vec![secret.to_owned()],
        });
        let settings = Settings {
            authorization,
            timeout: Duration::from_secs(1),
            retries: 2,
            first_wait: Duration::from_millis(1),
        };
        Server::new("http://localhost:1", settings).expect("a sound URI")
    }

    #[test]
    fn an_address_is_http_or_https_and_holds_no_secret() {
        let check = |uri: &str, expected: Result<&str, &str>| {
            let found = base(uri).map_err(|error| error.to_string());
            match expected {
                Ok(expected) => assert_eq!(found.as_deref(), Ok(expected), "{uri}"),
                Err(expected) => {
                    assert!(found.as_ref().is_err_and(|e| e.contains(expected)), "{uri}: {found:?}")
                }
            }
        };
        check("http://localhost:5000", Ok("http://localhost:5000"));
        check("https://host/mlflow/", Ok("https://host/mlflow"));
        check("http://[::1]:5000//", Ok("http://[::1]:5000"));
        for uri in [
            "localhost:5000",
            "databricks",
            "file:///tmp/mlruns",
            "sqlite:///m.db",
            "http://",
            "http://h?a=b",
            "http://h/#a",
            "",
        ] {
            check(uri, Err("expected http://HOST or https://HOST"));
        }
        check("http://ann:hunter2@host", Err("holds a user or a password"));
        assert!(!base("http://ann:hunter2@host").is_err_and(|error| error.to_string().contains("hunter2")));
    }

    #[test]
    fn a_text_of_the_server_is_cut_to_one_line_without_our_secrets() {
        let server = server(Some("t0k"));
        assert_eq!(server.said("a\r\n\u{1b}[31mt0k b"), "a   [31m*** b");
        assert_eq!(server.said(&"ä".repeat(201)), "ä".repeat(200) + "...");
        assert_eq!(server.said(&"ä".repeat(200)), "ä".repeat(200));
    }

    #[test]
    fn only_a_failure_that_may_pass_is_tried_again() {
        let server = server(None);
        let check = |fault: fn() -> Fault, expected: u32| {
            let mut attempts = 0;
            let result: Result<(), Fault> = server.again(|| {
                attempts += 1;
                Err(fault())
            });
            assert_eq!((result.is_err(), attempts), (true, expected), "{}", fault());
        };
        check(|| Fault::Unreachable { detail: "refused".into() }, 3);
        check(|| Fault::Slow { seconds: 1 }, 3);
        check(|| Fault::Status { status: 503, code: String::new(), said: String::new() }, 3);
        check(|| Fault::Status { status: 429, code: String::new(), said: String::new() }, 3);
        check(|| Fault::Status { status: 408, code: String::new(), said: String::new() }, 3);
        check(|| Fault::Status { status: 400, code: String::new(), said: String::new() }, 1);
        check(|| Fault::Access { status: 401 }, 1);
        check(|| Fault::Redirect { to: "x".into() }, 1);
    }
}
