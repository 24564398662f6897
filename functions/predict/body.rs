//! Reading a request's body: not more than its limit, and not slower than a byte in ten seconds.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, Request, Uri};
use http_body_util::BodyExt;

use crate::problem::{Fault, Problem, ValueError};

/// Longest wait for the next piece of a body.
const PATIENCE: Duration = Duration::from_secs(10);

/// The UTF-8 text of a JSON body of at most `limit` bytes.
pub(crate) async fn read_json<B>(request: Request<B>, limit: usize) -> Result<Bytes, Problem>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let (head, body) = request.into_parts();
    no_parameters(&head.uri)?;
    check_head(&head.headers, limit)?;
    let bytes = read(body, limit).await?;
    if bytes.is_empty() {
        return Err(Problem::Malformed { detail: "the body is empty; a JSON object is needed".into() });
    }
    if let Err(error) = std::str::from_utf8(&bytes) {
        let detail = format!("the body is not UTF-8 at byte {}", error.valid_up_to());
        return Err(Problem::Malformed { detail });
    }
    Ok(bytes)
}

/// Refuses every query parameter: what is misspelt must not be ignored.
fn no_parameters(uri: &Uri) -> Result<(), Problem> {
    let query = uri.query().unwrap_or_default();
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let unknown = names.filter(|name| !name.is_empty()).map(unknown_parameter);
    let errors: Vec<ValueError> = unknown.take(Problem::MOST_ERRORS).collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::Values { errors }) }
}

fn unknown_parameter(name: &str) -> ValueError {
    let detail = "this path takes no such parameter".into();
    ValueError { pointer: format!("?{name}"), fault: Fault::Request { code: "unknown_parameter", detail } }
}

/// Refuses by the headers alone, before a byte of the body is read. A missing type is taken as JSON.
fn check_head(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    let content_type = text(headers, &CONTENT_TYPE).unwrap_or("application/json");
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::MediaType { found: content_type.to_owned() });
    }
    let encoding = text(headers, &CONTENT_ENCODING).unwrap_or("identity");
    if !encoding.eq_ignore_ascii_case("identity") {
        return Err(Problem::ContentEncoding { found: encoding.to_owned() });
    }
    let announced = text(headers, &CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    match announced {
        Some(length) if (limit as u64) < length => Err(Problem::TooLarge { limit }),
        _ => Ok(()),
    }
}

/// A header as text; one that is not ASCII is as good as an unknown value.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("(not ASCII)"))
}

async fn read<B>(mut body: B, limit: usize) -> Result<Bytes, Problem>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let mut bytes = BytesMut::new();
    loop {
        let frame = tokio::time::timeout(PATIENCE, body.frame()).await.map_err(|_| Problem::SlowBody)?;
        let Some(frame) = frame else { return Ok(bytes.freeze()) };
        let Ok(frame) = frame else { return Err(Problem::BrokenBody) };
        let Ok(data) = frame.into_data() else { continue };
        if limit < bytes.len() + data.len() {
            return Err(Problem::TooLarge { limit });
        }
        bytes.extend_from_slice(&data);
    }
}
