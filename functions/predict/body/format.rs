//! The formats that bodies come in and answers go out in.

use std::io::Cursor;

use bytes::Bytes;
use http::Response;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::response::{Body, json, whole, with_type};

/// Deepest nesting of MessagePack, as deep as serde_json goes: a thread's stack has an end.
const DEEPEST: usize = 128;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    MessagePack,
    Ndjson,
    Csv,
    /// JSON with bytes behind it.
    Octets,
}

impl Format {
    /// The media type that names the format in answers.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::MessagePack => "application/msgpack",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv",
            Self::Octets => "application/octet-stream",
        }
    }

    /// The format of `content_type`, the first of `formats` where there is none.
    pub(crate) fn of(content_type: Option<&str>, formats: &[Self]) -> Result<Self, Problem> {
        let Some(content_type) = content_type else { return Ok(formats[0]) };
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let named = |format: &&Self| essence.eq_ignore_ascii_case(format.media_type());
        formats.iter().find(named).copied().ok_or_else(|| {
            let expected: Vec<&str> = formats.iter().map(|format| format.media_type()).collect();
            Problem::MediaType { found: content_type.to_owned(), expected: expected.join(", ") }
        })
    }

    /// Refuses an empty body, and bytes that are no text where the format is text.
    pub(crate) fn check(self, bytes: &[u8]) -> Result<(), Problem> {
        if bytes.is_empty() {
            return Err(Problem::Malformed {
                detail: format!("the body is empty; {} is needed", self.media_type()),
            });
        }
        if self == Self::MessagePack {
            return Ok(());
        }
        std::str::from_utf8(bytes).map(drop).map_err(|error| Problem::Malformed {
            detail: format!("the body is not UTF-8 at byte {}", error.valid_up_to()),
        })
    }

    /// Decodes one value of JSON or MessagePack.
    pub(crate) fn decode<'de, T: Deserialize<'de>>(self, body: &'de [u8]) -> Result<T, Problem> {
        let decoded = match self {
            Self::MessagePack => from_message_pack(body),
            _ => serde_json::from_slice(body).map_err(|error| error.to_string()),
        };
        decoded.map_err(|detail| malformed(&detail))
    }

    /// An answer with status 200 in this format: JSON or MessagePack.
    pub(crate) fn response<T: Serialize>(self, value: &T) -> Response<Body> {
        match self {
            Self::MessagePack => {
                let bytes = rmp_serde::to_vec_named(value).expect("every answer has a MessagePack form");
                with_type(self.media_type(), whole(Bytes::from(bytes)))
            }
            _ => json(value),
        }
    }
}

/// One value, and nothing behind it.
fn from_message_pack<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, String> {
    let mut reader = rmp_serde::Deserializer::new(Cursor::new(body));
    reader.set_max_depth(DEEPEST);
    let value = T::deserialize(&mut reader)
        .map_err(|error| format!("{} at byte {}", in_words(&error), reader.get_ref().position()))?;
    match body.len() as u64 - reader.position() {
        0 => Ok(value),
        rest => Err(format!("{rest} bytes follow the value")),
    }
}

/// What is wrong with MessagePack; the decoder's words are of its own inside.
fn in_words(error: &rmp_serde::decode::Error) -> &'static str {
    use rmp_serde::decode::Error;
    match error {
        Error::InvalidMarkerRead(_) | Error::InvalidDataRead(_) => "the body ends within a value",
        Error::Utf8Error(_) => "a text is not UTF-8",
        Error::DepthLimitExceeded => "the values are nested too deeply",
        _ => "a value is not of the needed type",
    }
}

/// The decoder's own words, which say where; they are cut, because they may quote the body.
pub(crate) fn malformed(detail: &str) -> Problem {
    const LONGEST: usize = 200;
    Problem::Malformed { detail: detail.chars().take(LONGEST).collect() }
}
