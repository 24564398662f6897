//! CSV: a header with the fields' names, then a customer a record (RFC 4180).

use std::io::Write as _;

use bytes::Bytes;
use churn::{CUSTOMER_ID, Cell, Code, CustomerRecord, Field, Record, Refusal};
use csv_core::{WriteResult, Writer};

use super::{Ends, LONGEST, Parsed};
use crate::body::Sent;
use crate::problem::{Fault, Problem, ValueError};
use crate::records::{Last, MOST_COLUMNS, OPEN_QUOTE, Reached, Records, TooLong};
use crate::score::Scored;

/// The first line of every answer.
pub(super) const HEADER: &[u8] =
    b"row,customer_id,churn_probability,churn_prediction,risk_level,model_version,error\n";

/// The records of a body, and what its first one says of the columns.
pub(super) struct Csv {
    records: Records,
    /// The name of each column; no name where the column is none of the customer's.
    columns: Vec<Option<&'static str>>,
}

impl Csv {
    /// Reads the header, and gives what follows it in the body.
    pub(super) async fn open<B>(sent: &mut Sent<B>) -> Result<(Self, Bytes), Problem>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        let mut csv = Self { records: Records::new(LONGEST), columns: Vec::new() };
        let rest = loop {
            let Some(mut piece) = sent.piece().await? else {
                let detail = match csv.records.end() {
                    Last::Record => break Bytes::new(),
                    Last::OpenQuote => OPEN_QUOTE,
                    Last::Nothing => "the body has no first line with the names of its columns",
                };
                return Err(Problem::Malformed { detail: detail.into() });
            };
            if let (used, Reached::Record) = csv.records.read(&piece) {
                break piece.split_off(used);
            }
        };
        csv.learn_columns()?;
        Ok((csv, rest))
    }

    pub(super) fn take(&mut self, piece: &[u8], ends: Ends, each: &mut dyn FnMut(Parsed)) {
        let mut rest = piece;
        while let (used, Reached::Record) = self.records.read(rest) {
            each(self.row());
            rest = &rest[used..];
        }
        if ends == Ends::Here {
            match self.records.end() {
                Last::Record => each(self.row()),
                Last::OpenQuote => each(Parsed::unreadable("wrong_type", OPEN_QUOTE.into())),
                Last::Nothing => {}
            }
        }
    }

    /// The record that was read is the header: every field has one column.
    fn learn_columns(&mut self) -> Result<(), Problem> {
        let names = || Field::ALL.into_iter().map(Field::name).chain([CUSTOMER_ID]);
        let known = |cell: &[u8]| names().find(|name| name.as_bytes() == cell.trim_ascii());
        let cells = self.records.cells().map_err(|TooLong| Problem::Malformed { detail: too_long() })?;
        let columns: Vec<Option<&'static str>> = cells.map(known).collect();
        let fault = |name: &str, code, detail: &str| {
            let fault = Fault::Request { code, detail: detail.into() };
            ValueError { pointer: format!("/{name}"), fault }
        };
        let errors: Vec<ValueError> = names()
            .filter_map(|name| match columns.iter().filter(|column| **column == Some(name)).count() {
                0 if name != CUSTOMER_ID => {
                    Some(fault(name, "missing", "the first line names no such column"))
                }
                0 | 1 => None,
                _ => Some(fault(name, "duplicate_key", "the first line names the column more than once")),
            })
            .collect();
        self.columns = columns;
        if errors.is_empty() { Ok(()) } else { Err(Problem::Values { errors }) }
    }

    /// The record that was read is a customer.
    fn row(&mut self) -> Parsed {
        match self.records.cells() {
            Err(TooLong) => Parsed::unreadable("too_long", too_long()),
            Ok(cells) => customer(&self.columns, cells),
        }
    }
}

fn too_long() -> String {
    format!("the record has more than {LONGEST} bytes or {MOST_COLUMNS} columns")
}

/// Columns that are none of the customer's may hold anything.
fn customer<'a>(columns: &[Option<&'static str>], cells: impl Iterator<Item = &'a [u8]>) -> Parsed {
    let mut record = Record::default();
    let mut count = 0;
    for (index, cell) in cells.enumerate() {
        count += 1;
        let Some(name) = columns.get(index).copied().flatten() else { continue };
        match std::str::from_utf8(cell) {
            Ok(text) => record.insert(name, Cell::Untyped(text.into())),
            Err(_) => {
                return Parsed::refused(vec![Refusal::new(name, Code::WrongType, "is not UTF-8".into())]);
            }
        }
    }
    if count != columns.len() {
        let detail = format!("the record has {count} cells, the first line names {} columns", columns.len());
        return Parsed::unreadable("wrong_type", detail);
    }
    Parsed::of(&record)
}

pub(super) fn prediction(out: &mut Vec<u8>, row: u64, record: &CustomerRecord, scored: &Scored) {
    let probability = scored.prediction.probability.get();
    let (label, risk) = (scored.prediction.label(), scored.prediction.risk.label());
    let _ = write!(out, "{row},");
    record.customer_id.iter().for_each(|id| cell(out, id));
    // Writing to memory cannot fail.
    let _ = writeln!(out, ",{probability},{label},{risk},{},", scored.served.version);
}

pub(super) fn errors(out: &mut Vec<u8>, row: u64, errors: &[ValueError]) {
    let _ = write!(out, "{row},,,,,,");
    let reasons: Vec<String> = errors.iter().map(ValueError::in_words).collect();
    cell(out, &reasons.join("; "));
    out.push(b'\n');
}

/// One cell, in quotes where it needs them.
fn cell(out: &mut Vec<u8>, text: &str) {
    let (mut writer, mut rest, mut room) = (Writer::new(), text.as_bytes(), [0; 256]);
    loop {
        let (result, read, written) = writer.field(rest, &mut room);
        out.extend_from_slice(&room[..written]);
        rest = &rest[read..];
        if result == WriteResult::InputEmpty {
            break;
        }
    }
    let (_, written) = writer.finish(&mut room);
    out.extend_from_slice(&room[..written]);
}
