//! Every error becomes one shape of answer, `application/problem+json` (RFC 9457). The only place that knows status
//! codes of errors. Nothing of the inside stands in a text: no paths, no types, no source of the program.

use churn::Refusal;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Serialize;
use uuid::Uuid;

use crate::response::{self, Body, CutOff};

/// The type of a form, which no route reads.
const FORM: &str = "application/x-www-form-urlencoded";

/// The status that is told of a request whose client left before there was an answer: nginx's number for it.
pub(crate) const CLIENT_LEFT: u16 = 499;
/// The status that is told of a request whose answer was broken off by a fault of the program.
pub(crate) const PANICKED: u16 = 500;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The body is not what its format asks for: `detail` says where.
    Malformed { detail: String },
    /// The route asks for a key.
    NoKey,
    /// The key that was given is none.
    UnknownKey,
    /// The caller has come too often and may come again in so many seconds.
    TooOften { seconds: u64 },
    /// As many requests are being answered as the function takes.
    Busy,
    /// No route has this path.
    UnknownPath,
    /// The path has other methods.
    Method { allow: &'static str },
    /// No byte of the body came for too long.
    SlowBody,
    /// The body is larger than this many bytes.
    TooLarge { limit: usize },
    /// The body's type is none that the route reads.
    MediaType { found: String, expected: String },
    /// The body's encoding is none that the function reads.
    ContentEncoding { found: String },
    /// The connection broke, or the body's framing is wrong.
    BrokenBody,
    /// Values that are not taken: all that there are, or the first [`Problem::MOST_ERRORS`] where there are more.
    Values { errors: Vec<ValueError> },
    /// The same in a protocol whose callers know of bad requests alone.
    Rows { errors: Vec<ValueError> },
    /// The path names a version of the model that is not here.
    UnknownVersion { served: Vec<&'static str> },
    /// The compiled model does not give the answers that it promises.
    NotReady,
    /// The log does not take what has to be in it.
    NotLogged,
}

/// One value that is not taken.
#[derive(Debug, Serialize)]
pub(crate) struct ValueError {
    /// JSON pointer (RFC 6901) to the value in the body; for a parameter its name behind `?`.
    pub(crate) pointer: String,
    #[serde(flatten)]
    pub(crate) fault: Fault,
}

impl ValueError {
    /// The same for people: `Contract: ...`.
    pub(crate) fn in_words(&self) -> String {
        match self.pointer.strip_prefix('/') {
            Some(field) => format!("{field}: {}", self.fault.in_words()),
            None => self.fault.in_words(),
        }
    }
}

/// A refused field of a customer, or a fault of the request around it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Fault {
    Field(Refusal),
    Request { code: &'static str, detail: String },
}

impl ValueError {
    /// A fault of the request around the fields.
    pub(crate) fn request(pointer: String, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer, fault: Fault::Request { code, detail: detail.into() } }
    }

    /// For protocols that have no list of errors.
    fn words(&self) -> String {
        format!("{} {}", self.pointer, self.fault.in_words())
    }
}

impl Fault {
    fn in_words(&self) -> String {
        match self {
            Self::Field(Refusal { detail, suggestion: Some(meant), .. }) => {
                format!("{detail}; perhaps `{meant}` is meant")
            }
            Self::Field(Refusal { detail, .. }) | Self::Request { detail, .. } => detail.clone(),
        }
    }
}

/// RFC 9457, and behind it the members in which protocols look for the same.
#[derive(Serialize)]
struct Members<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    instance: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a [ValueError]>,
    /// Open Inference Protocol.
    error: &'a str,
    /// BigQuery, which takes less than 1 KB.
    #[serde(rename = "errorMessage")]
    error_message: &'a str,
    /// MLflow, as is the next.
    error_code: &'static str,
    message: &'a str,
}

impl Problem {
    /// The most errors that one answer lists: a small request cannot ask for a huge answer.
    pub(crate) const MOST_ERRORS: usize = 1000;

    /// Most bytes of the text that protocols read.
    const LONGEST_SUMMARY: usize = 1000;

    /// The problem as the doors of foreign protocols have it: bad rows are a bad request there, which no caller tries
    /// again.
    pub(crate) fn of_protocol(self) -> Self {
        match self {
            Self::Values { errors } => Self::Rows { errors },
            other => other,
        }
    }

    /// Status, the last part of the type's URN, and title.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed { .. } => (StatusCode::BAD_REQUEST, "malformed-body", "The body cannot be read"),
            Self::BrokenBody => (StatusCode::BAD_REQUEST, "broken-body", "The body did not arrive whole"),
            Self::NoKey => (StatusCode::UNAUTHORIZED, "no-key", "A key is needed"),
            Self::UnknownKey => (StatusCode::UNAUTHORIZED, "unknown-key", "The key is not known"),
            Self::TooOften { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, "too-often", "The rate limit is reached")
            }
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "The function is busy"),
            Self::UnknownPath => (StatusCode::NOT_FOUND, "unknown-path", "There is nothing at this path"),
            Self::Method { .. } => {
                (StatusCode::METHOD_NOT_ALLOWED, "method", "The path does not take this method")
            }
            Self::SlowBody => (StatusCode::REQUEST_TIMEOUT, "slow-body", "The body came too slowly"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::MediaType { .. } => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body's type is not read")
            }
            Self::ContentEncoding { .. } => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding", "The body's encoding is not read")
            }
            Self::Values { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "values", "Some values are not taken"),
            Self::Rows { .. } => (StatusCode::BAD_REQUEST, "values", "Some values are not taken"),
            Self::UnknownVersion { .. } => {
                (StatusCode::NOT_FOUND, "unknown-version", "There is no such version of the model")
            }
            Self::NotReady => {
                (StatusCode::SERVICE_UNAVAILABLE, "not-ready", "The model is not as it should be")
            }
            Self::NotLogged => {
                (StatusCode::SERVICE_UNAVAILABLE, "not-logged", "What was sent could not be kept")
            }
        }
    }

    /// The last part of the type's URN: the problem's name in metrics.
    pub(crate) fn code(&self) -> &'static str {
        self.kind().1
    }

    fn detail(&self) -> String {
        match self {
            Self::Malformed { detail } => detail.clone(),
            Self::BrokenBody => {
                "the connection broke, or the length of the body is not the one announced".into()
            }
            Self::NoKey => "send a key as X-API-Key, or as Authorization: Bearer".into(),
            Self::UnknownKey => "the key that was sent is not one of those that may call".into(),
            Self::TooOften { seconds } => format!("try again in {seconds} s"),
            Self::Busy => "as many requests as it takes are being answered; try again soon".into(),
            Self::UnknownPath => "GET / lists what there is".into(),
            Self::Method { allow } => format!("this path takes {allow}"),
            Self::SlowBody => "no byte of the body came for 10 seconds".into(),
            Self::TooLarge { limit } => format!("the body may have {limit} bytes"),
            // What curl calls a body that it was not told the type of.
            Self::MediaType { found, expected } if found == FORM => {
                format!("send {expected}, not {FORM}: with curl, say -H 'Content-Type: ...'")
            }
            Self::MediaType { found, expected } => format!("send {expected}, not {}", cut(found)),
            Self::ContentEncoding { found } => {
                format!("send the body as it is or in gzip, without Content-Encoding {}", cut(found))
            }
            Self::UnknownVersion { served } => {
                format!("this instance serves version {}", served.join(" and "))
            }
            Self::Values { errors } | Self::Rows { errors } => match errors.len() {
                1 => "one value is not taken".into(),
                Self::MOST_ERRORS => {
                    format!("the first {} values that are not taken are listed", Self::MOST_ERRORS)
                }
                count => format!("{count} values are not taken"),
            },
            Self::NotReady => {
                "a known row does not give its known answer; this instance must not be used".into()
            }
            Self::NotLogged => "the log takes nothing at the moment; send it again with the same key".into(),
        }
    }

    /// The detail, and as many errors as there is room for.
    fn summary(&self, detail: &str) -> String {
        let mut summary = detail.to_owned();
        let mut mark = ": ";
        for error in self.errors().unwrap_or_default() {
            if Self::LONGEST_SUMMARY < summary.len() {
                break;
            }
            summary.extend([mark, &error.words()]);
            mark = "; ";
        }
        if Self::LONGEST_SUMMARY < summary.len() {
            summary.truncate(summary.floor_char_boundary(Self::LONGEST_SUMMARY));
            summary.push_str("...");
        }
        summary
    }

    fn errors(&self) -> Option<&[ValueError]> {
        match self {
            Self::Values { errors } | Self::Rows { errors } => Some(errors),
            _ => None,
        }
    }

    pub(crate) fn into_response(self, request_id: Uuid) -> Response<Body> {
        let CutOff { status, problem } = self.as_cut_off(request_id);
        let allow = if let Self::Method { allow } = self { Some(allow) } else { None };
        let mut response = response::problem(status, allow, problem);
        self.add_headers(response.headers_mut(), request_id);
        response
    }

    /// The end of an answer that has begun.
    pub(crate) fn as_cut_off(&self, request_id: Uuid) -> CutOff {
        let (status, kind, title) = self.kind();
        let detail = self.detail();
        let summary = self.summary(&detail);
        let members = Members {
            r#type: format!("urn:churn:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail,
            instance: format!("urn:uuid:{request_id}"),
            errors: self.errors(),
            error: &summary,
            error_message: &summary,
            error_code: error_code(status),
            message: &summary,
        };
        let json = serde_json::to_vec(&members).expect("every problem has a JSON form");
        CutOff { status, problem: json.into() }
    }

    /// What a client may go by without reading the body.
    fn add_headers(&self, headers: &mut HeaderMap, request_id: Uuid) {
        let challenge = |text| (WWW_AUTHENTICATE, HeaderValue::from_static(text));
        let (name, value) = match self {
            Self::NoKey => challenge("Bearer realm=\"churn\""),
            Self::UnknownKey => challenge("Bearer realm=\"churn\", error=\"invalid_token\""),
            Self::TooOften { seconds } => (RETRY_AFTER, HeaderValue::from(*seconds)),
            // One to three seconds, by the id's random bits: those who are sent away together come back one by one.
            Self::Busy => (RETRY_AFTER, HeaderValue::from(u16::from(1 + request_id.as_bytes()[15] % 3))),
            Self::NotLogged => (RETRY_AFTER, HeaderValue::from_static("5")),
            _ => return,
        };
        headers.insert(name, value);
    }
}

/// The first hundred characters: a header may be far longer than an answer has to be.
fn cut(text: &str) -> &str {
    text.char_indices().nth(100).map_or(text, |(end, _)| &text[..end])
}

/// What MLflow calls this status.
fn error_code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "UNAUTHENTICATED",
        StatusCode::NOT_FOUND => "ENDPOINT_NOT_FOUND",
        StatusCode::UNPROCESSABLE_ENTITY => "INVALID_PARAMETER_VALUE",
        StatusCode::TOO_MANY_REQUESTS => "REQUEST_LIMIT_EXCEEDED",
        StatusCode::SERVICE_UNAVAILABLE => "TEMPORARILY_UNAVAILABLE",
        _ if status.is_client_error() => "BAD_REQUEST",
        _ => "INTERNAL_ERROR",
    }
}
