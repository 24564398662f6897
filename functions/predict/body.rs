//! Reading a request's body: not more than its limit, and not slower than a byte in ten seconds.

mod format;
mod inflate;
mod parameters;
pub(crate) mod raw;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;

pub(crate) use self::format::Format;
pub(crate) use self::inflate::Inflate;
pub(crate) use self::parameters::Parameters;
use crate::problem::Problem;

/// Longest wait for the next piece of a body.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body of a format that its route takes, none of which was read.
#[derive(Debug)]
pub(crate) struct Sent<B> {
    /// What the body is.
    pub(crate) format: Format,
    /// The request's headers.
    pub(crate) headers: HeaderMap,
    body: B,
    announced: Option<u64>,
    inflate: Option<Inflate>,
}

impl<B> Sent<B>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    /// Refuses by the headers alone. A missing type is taken as the first of `formats`.
    pub(crate) fn new(request: Request<B>, formats: &[Format]) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let format = Format::of(text(&head.headers, &CONTENT_TYPE), formats)?;
        let encoding = text(&head.headers, &CONTENT_ENCODING).unwrap_or("identity");
        let inflate = match encoding {
            _ if encoding.eq_ignore_ascii_case("identity") => None,
            _ if encoding.eq_ignore_ascii_case("gzip") => Some(Inflate::new()),
            _ => return Err(Problem::ContentEncoding { found: encoding.to_owned() }),
        };
        let announced = text(&head.headers, &CONTENT_LENGTH).and_then(|length| length.parse().ok());
        Ok(Self { format, headers: head.headers, body, announced, inflate })
    }

    /// The whole body where it has at most `limit` bytes, counted after inflation; text where its format is text.
    pub(crate) async fn text(self, limit: usize) -> Result<Bytes, Problem> {
        let format = self.format;
        let bytes = self.bytes(limit).await?;
        format.check(&bytes)?;
        Ok(bytes)
    }

    /// The same, whatever the bytes are.
    pub(crate) async fn bytes(mut self, limit: usize) -> Result<Bytes, Problem> {
        if self.announced.is_some_and(|length| (limit as u64) < length) {
            return Err(Problem::TooLarge { limit });
        }
        let mut bytes = BytesMut::new();
        while let Some(piece) = self.piece().await? {
            if limit < bytes.len() + piece.len() {
                return Err(Problem::TooLarge { limit });
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }

    /// The next piece, inflated; `None` at the end. A piece is never empty.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        loop {
            if let Some(inflate) = &mut self.inflate
                && let Some(piece) = inflate.next()?
            {
                return Ok(Some(piece));
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await;
            let Some(frame) = frame.map_err(|_| Problem::SlowBody)? else {
                if let Some(mut inflate) = self.inflate.take() {
                    inflate.end()?;
                }
                return Ok(None);
            };
            let Ok(frame) = frame else { return Err(Problem::BrokenBody) };
            let Ok(data) = frame.into_data() else { continue };
            match &mut self.inflate {
                Some(inflate) => inflate.put(data),
                None if data.is_empty() => {}
                None => return Ok(Some(data)),
            }
        }
    }
}

/// A header as text; one that is not ASCII is as good as an unknown value.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("(not ASCII)"))
}
