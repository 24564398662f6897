//! Refusals: one schema for all of them, and one described answer a status code. Their examples are what `problem`
//! writes.

use churn::{Code, Field, Refusal};
use futures_util::FutureExt;
use http_body_util::BodyExt;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Object, ObjectBuilder, Ref, Type};
use uuid::Uuid;

use super::operation::{content, schema};
use crate::problem::{Fault, Problem, ValueError};

/// The media type of every refusal.
const PROBLEM: &str = "application/problem+json";
/// What any caller may be told, whatever he asks for.
pub(super) const OF_CALLERS: [u16; 3] = [401, 429, 503];
/// What those may be told who need no key.
pub(super) const OF_GUESTS: [u16; 1] = [503];
/// What the sender of rows in a foreign protocol may be told: bad values are a bad request there.
pub(super) const OF_PROTOCOLS: [u16; 4] = [400, 408, 413, 415];
/// What the sender of a body may be told.
pub(super) const OF_BODIES: [u16; 5] = [400, 408, 413, 415, 422];

/// Why a request was not answered as asked (RFC 9457). No text carries internals of the function.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "a schema; `problem` writes the answer")]
pub(super) struct ProblemSchema {
    /// The kind of problem, stable for programs: `urn:churn:problem:values`.
    r#type: String,
    /// The kind in words.
    title: String,
    /// The status code again.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// This request's id, which its log line has too.
    instance: String,
    /// Every value that is not taken, all at once, up to 1000; with status 422 alone.
    #[schema(nullable = false, max_items = 1000)]
    errors: Option<Vec<ValueErrorSchema>>,
    /// Detail and errors in one text, for the Open Inference Protocol.
    error: String,
    /// The same for BigQuery, under 1 KB.
    #[schema(rename = "errorMessage")]
    error_message: String,
    /// The kind of problem, as MLflow names it.
    error_code: String,
    /// The same text for MLflow.
    message: String,
}

/// One value that is not taken.
#[derive(ToSchema)]
#[schema(as = ValueError)]
#[expect(dead_code, reason = "a schema; `problem` writes the answer")]
pub(super) struct ValueErrorSchema {
    /// JSON pointer to the value in the body; a query parameter's name behind `?`.
    pointer: String,
    /// What kind of fault, stable for programs.
    #[schema(schema_with = codes)]
    code: String,
    /// What is wrong, and what would be taken.
    detail: String,
    /// Every label that the field takes.
    #[schema(nullable = false)]
    allowed: Option<Vec<String>>,
    /// What was probably meant.
    #[schema(nullable = false)]
    suggestion: Option<String>,
}

fn codes() -> Object {
    let of_fields = [
        Code::Missing,
        Code::WrongType,
        Code::OutOfRange,
        Code::UnknownCategory,
        Code::NotANumber,
        Code::Inconsistent,
        Code::TooLong,
        Code::DuplicateKey,
    ];
    let codes = of_fields.map(|code| serde_json::to_value(code).expect("a code is a name"));
    let codes = codes.into_iter().chain([Value::from("unknown_parameter")]);
    let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes));
    text.description(Some("What kind of fault, stable for programs.")).build()
}

/// The described answer of a status code.
pub(super) fn reference(status: u16) -> Ref {
    let known = refusals().find(|refusal| refusal.status == status);
    Ref::from_response_name(known.expect("every status that is used is described").name)
}

/// All refusals, under their names.
pub(super) fn responses() -> impl Iterator<Item = (&'static str, Response)> {
    refusals().map(|refusal| (refusal.name, refusal.response()))
}

/// What one status code means.
struct Refused {
    status: u16,
    name: &'static str,
    description: &'static str,
    example: Problem,
}

impl Refused {
    fn response(self) -> Response {
        let id = Uuid::from_u128(0x019a_b122_6a7b_7000_8000_0000_0000_0001);
        let (head, body) = self.example.into_response(id).into_parts();
        assert_eq!(head.status.as_u16(), self.status, "{}", self.name);
        for name in ["Retry-After", "WWW-Authenticate"] {
            let described = headers(self.status).iter().any(|(described, _)| *described == name);
            assert_eq!(described, head.headers.contains_key(name), "{} and {name}", self.name);
        }
        let body = body.collect().now_or_never().expect("a problem is in one piece");
        let example: Value =
            serde_json::from_slice(&body.expect("a problem is whole").to_bytes()).expect("a problem is JSON");
        let kind = example["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default();
        let content = content(schema("Problem"), [(kind.to_owned(), self.name, example.clone())]);
        let answer = ResponseBuilder::new().description(self.description).content(PROBLEM, content);
        headers(self.status)
            .into_iter()
            .fold(answer, |answer, (name, header)| answer.header(name, header))
            .build()
    }
}

fn refusals() -> impl Iterator<Item = Refused> {
    of_bodies().into_iter().chain(of_requests())
}

/// Those of what a body is.
fn of_bodies() -> [Refused; 5] {
    let refused = |status, name, description, example| Refused { status, name, description, example };
    [
        refused(408, "TooSlow", "No byte of the body came for 10 seconds.", Problem::SlowBody),
        refused(
            413,
            "TooLarge",
            "The body is larger than this path takes, counted after inflation. Where its length is announced, this is \
             said before the body is read.",
            Problem::TooLarge { limit: 65_536 },
        ),
        refused(
            400,
            "Unreadable",
            "The body is not of its format: no JSON, no UTF-8, cut off, an array where an object belongs. On the paths of \
             foreign protocols also: values in it are not taken, all of them listed in `errors`.",
            Problem::Malformed { detail: "expected value at line 1 column 2".into() },
        ),
        refused(
            415,
            "NotRead",
            "`Content-Type` is none that this path reads, or `Content-Encoding` is not gzip.",
            Problem::MediaType { found: "text/plain".into(), expected: "application/json".into() },
        ),
        refused(
            422,
            "BadValues",
            "The body was read, and values in it or in the query are not taken. Every fault is listed, with what would \
             be taken.",
            Problem::Values { errors: vec![bad_value()] },
        ),
    ]
}

/// Those of requests, whatever is in them.
fn of_requests() -> [Refused; 4] {
    let refused = |status, name, description, example| Refused { status, name, description, example };
    [
        refused(
            401,
            "NoKey",
            "Keys are set, and none of them came in `X-API-Key` or as a bearer token.",
            Problem::NoKey,
        ),
        refused(404, "NothingHere", "There is nothing at this path.", Problem::UnknownPath),
        refused(
            429,
            "TooOften",
            "The caller, told by his key, came more often than `RATE_LIMIT` allows.",
            Problem::TooOften { seconds: 1 },
        ),
        refused(
            503,
            "NotNow",
            "As many requests as `MAX_IN_FLIGHT` allows are being answered, and this one was not read: come again after \
             `Retry-After`. From a health route without that header: the model does not give its promised answers, and \
             this instance must not be used.",
            Problem::Busy,
        ),
    ]
}

fn bad_value() -> ValueError {
    let field = Field::PaymentMethod;
    let refusal = Refusal {
        allowed: field.labels(),
        suggestion: churn::nearest("Credit card", field.labels()),
        ..Refusal::new(
            field.name(),
            Code::UnknownCategory,
            "`Credit card` is not a value of this field".into(),
        )
    };
    ValueError { pointer: format!("/{}", field.name()), fault: Fault::Field(refusal) }
}

/// The headers that only this refusal has.
fn headers(status: u16) -> Vec<(&'static str, Header)> {
    let header = |kind: Type, description: &str| {
        let schema = ObjectBuilder::new().schema_type(kind);
        HeaderBuilder::new().description(Some(description)).schema(Some(schema)).build()
    };
    let wait = ("Retry-After", header(Type::Integer, "Seconds to wait before the next try."));
    match status {
        401 => vec![("WWW-Authenticate", header(Type::String, "How to send a key."))],
        429 => vec![
            wait,
            ("RateLimit", header(Type::String, "What is left of the limit, and when there is more.")),
            ("RateLimit-Policy", header(Type::String, "The limit.")),
        ],
        503 => vec![wait],
        _ => Vec::new(),
    }
}
