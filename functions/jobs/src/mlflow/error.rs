//! What can go wrong with an MLflow server, and during which step.

use learner::LearnerError;
use thiserror::Error;

/// A step that did not succeed.
#[derive(Debug)]
pub(crate) struct MlflowError {
    /// What was being done, such as `uploading model/model.onnx`.
    pub(crate) step: String,
    pub(crate) fault: Fault,
}

/// Names the step that a fault belongs to.
pub(super) trait During<T> {
    fn during(self, step: impl Into<String>) -> Result<T, MlflowError>;
}

impl<T> During<T> for Result<T, Fault> {
    fn during(self, step: impl Into<String>) -> Result<T, MlflowError> {
        self.map_err(|fault| MlflowError { step: step.into(), fault })
    }
}

/// Why a step did not succeed. Texts of the server are cut short, and hold no secret of ours.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error("the server cannot be reached ({detail})")]
    Unreachable { detail: String },
    #[error("no whole answer within {seconds} s; MLFLOW_HTTP_REQUEST_TIMEOUT sets another limit")]
    Slow { seconds: u64 },
    #[error("the answer or the connection cannot be used ({detail})")]
    Http { detail: String },
    #[error(
        "the server refuses access (status {status}); set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and \
         MLFLOW_TRACKING_PASSWORD, to an account that may do this"
    )]
    Access { status: u16 },
    #[error("status {status}{said}")]
    Status { status: u16, code: String, said: String },
    #[error("the server redirects to {to:?}, which is not followed; give the final address as --mlflow")]
    Redirect { to: String },
    #[error("the answer has more than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the answer is not what an MLflow server says ({detail}); is the address one's?")]
    Foreign { detail: String },
    #[error("it reads back with SHA-256 {found}, expected {expected}")]
    Hash { expected: String, found: String },
    #[error(
        "the server keeps artifacts at {found:?} and not behind itself; start it with --artifacts-destination, and delete \
         the experiment if it was made before"
    )]
    NotProxied { found: String },
    #[error("experiment {name} is deleted; restore it, or have it deleted for good, on the server")]
    DeletedExperiment { name: &'static str },
    #[error("{what} has {found} characters, and the server would cut it at {limit}")]
    TooLong { what: String, limit: usize, found: usize },
    #[error("{what} is {found}, which is no number that a server takes")]
    NotFinite { what: String, found: f64 },
    #[error("the run starts {found} ms after 1970, which is no time of this era")]
    Start { found: i64 },
    #[error("a candidate cannot be fitted again ({0})")]
    Learner(#[from] LearnerError),
    #[error("model version {version} is {found:?}, expected READY")]
    NotReady { version: String, found: String },
    #[error("no version of {model} has this artifact; publish it with `churn train ... --mlflow URI`")]
    NoVersion { model: &'static str },
}

impl Fault {
    /// Whether the same request may succeed a moment later.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Slow { .. } => true,
            // 408 and 429 ask for another try in so many words.
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }

    /// Whether the server says that there is no such thing.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Status { status: 404, .. })
    }

    /// Whether the server says that there is such a thing already.
    pub(super) fn is_duplicate(&self) -> bool {
        matches!(self, Self::Status { code, .. } if code == "RESOURCE_ALREADY_EXISTS")
    }
}

/// Why a setting cannot be used. Values that may be secret are not repeated.
#[derive(Debug, Error)]
pub(crate) enum SettingError {
    #[error(
        "the MLflow server is given as {found:?}, expected http://HOST or https://HOST, with a port and a path if need be"
    )]
    Uri { found: String },
    #[error(
        "the MLflow server's URI holds a user or a password; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead"
    )]
    Userinfo,
    #[error("{name} holds characters that no HTTP header can carry")]
    Unprintable { name: &'static str },
    #[error(
        "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD are needed together; {missing} is not set"
    )]
    HalfAnAccount { missing: &'static str },
    #[error("{name} is {found:?}, expected {expected}")]
    Number { name: &'static str, expected: &'static str, found: String },
    #[error("https needs a processor with {needed}; use an http:// address, through a tunnel if need be")]
    Processor { needed: &'static str },
    #[error("this machine's certificate authorities cannot be read; SSL_CERT_FILE names a file of them")]
    NoAuthorities,
}
