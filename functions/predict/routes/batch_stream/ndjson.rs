//! Newline-delimited JSON: a customer a line.

use memchr::memchr_iter;
use serde::Serialize;

use super::{Ends, LONGEST, Parsed, predict};
use crate::problem::ValueError;

/// What is left of a line that has not ended.
#[derive(Debug, Default)]
pub(super) struct Ndjson {
    begun: Vec<u8>,
    /// The line is longer than any may be; what is kept of it is its first bytes.
    too_long: bool,
}

impl Ndjson {
    pub(super) fn take(&mut self, piece: &[u8], ends: Ends, each: &mut dyn FnMut(Parsed)) {
        let mut start = 0;
        for end in memchr_iter(b'\n', piece) {
            if self.begun.is_empty() && end - start <= LONGEST {
                line(&piece[start..end], each);
            } else {
                self.keep(&piece[start..end]);
                self.end(each);
            }
            start = end + 1;
        }
        self.keep(&piece[start..]);
        if ends == Ends::Here {
            self.end(each);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LONGEST - self.begun.len();
        self.too_long |= room < bytes.len();
        self.begun.extend_from_slice(&bytes[..room.min(bytes.len())]);
    }

    fn end(&mut self, each: &mut dyn FnMut(Parsed)) {
        if std::mem::take(&mut self.too_long) {
            each(Parsed::unreadable("too_long", format!("the line has more than {LONGEST} bytes")));
        } else {
            line(&self.begun, each);
        }
        self.begun.clear();
    }
}

/// One line without its end; a blank one is no row.
fn line(bytes: &[u8], each: &mut dyn FnMut(Parsed)) {
    if bytes.trim_ascii().is_empty() {
        return;
    }
    let parsed = match std::str::from_utf8(bytes) {
        Err(error) => {
            Parsed::unreadable("wrong_type", format!("the line is not UTF-8 at byte {}", error.valid_up_to()))
        }
        Ok(text) => match serde_json::from_str(text) {
            Ok(record) => Parsed::of(&record),
            Err(error) => Parsed::unreadable("wrong_type", not_json(&error)),
        },
    };
    each(parsed);
}

/// The decoder's words without its line number, which is always 1; cut, because they may quote the line.
fn not_json(error: &serde_json::Error) -> String {
    const LONGEST_DETAIL: usize = 200;
    let text = error.to_string().replace(" at line 1 column ", " at byte ");
    format!("the line is not a customer as JSON: {text}").chars().take(LONGEST_DETAIL).collect()
}

pub(super) fn prediction(out: &mut Vec<u8>, prediction: &predict::Response<'_>) {
    write(out, prediction);
}

pub(super) fn errors(out: &mut Vec<u8>, row: u64, errors: &[ValueError]) {
    #[derive(Serialize)]
    struct Errors<'a> {
        row: u64,
        errors: &'a [ValueError],
    }
    write(out, &Errors { row, errors });
}

fn write<T: Serialize>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(&mut *out, value).expect("every answer has a JSON form");
    out.push(b'\n');
}
