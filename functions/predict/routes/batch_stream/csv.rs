//! CSV: a header with the fields' names, then a customer a record (RFC 4180).

use std::io::Write as _;

use bytes::Bytes;
use churn::{CUSTOMER_ID, Cell, Code, CustomerRecord, Field, Record, Refusal};
use csv_core::{ReadRecordResult, Reader, WriteResult, Writer};

use super::{Ends, LONGEST, Parsed};
use crate::body::Sent;
use crate::problem::{Fault, Problem, ValueError};
use crate::score::Scored;

/// The first line of every answer.
pub(super) const HEADER: &[u8] =
    b"row,customer_id,churn_probability,churn_prediction,risk_level,model_version,error\n";
/// Most columns of a record.
const COLUMNS: usize = 1000;

/// What is left of a record that has not ended, and what the header says of the columns.
pub(super) struct Csv {
    reader: Reader,
    /// The name of each column; no name where the column is none of the customer's.
    columns: Vec<Option<&'static str>>,
    /// The cells of the record so far, one behind the other.
    cells: Vec<u8>,
    filled: usize,
    /// Where each cell ends.
    ends: Vec<usize>,
    ended: usize,
    too_long: bool,
}

impl Csv {
    /// Reads the header, and gives what follows it in the body.
    pub(super) async fn open<B>(sent: &mut Sent<B>) -> Result<(Self, Bytes), Problem>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        let mut csv = Self {
            reader: Reader::new(),
            columns: Vec::new(),
            cells: vec![0; LONGEST],
            filled: 0,
            ends: vec![0; COLUMNS],
            ended: 0,
            too_long: false,
        };
        let rest = loop {
            let Some(mut piece) = sent.piece().await? else {
                if csv.read(b"\n") == (1, Reached::Record) {
                    break Bytes::new();
                }
                let detail = "the body has no first line with the names of its columns".into();
                return Err(Problem::Malformed { detail });
            };
            if let (used, Reached::Record) = csv.read(&piece) {
                break piece.split_off(used);
            }
        };
        csv.learn_columns()?;
        Ok((csv, rest))
    }

    pub(super) fn take(&mut self, piece: &[u8], ends: Ends, each: &mut dyn FnMut(Parsed)) {
        let mut rest = piece;
        while let (used, Reached::Record) = self.read(rest) {
            each(self.row());
            rest = &rest[used..];
        }
        if ends == Ends::Later {
            return;
        }
        // A line's end closes the last record, but not one within quotes.
        if self.read(b"\n").1 == Reached::Record {
            each(self.row());
        } else if self.filled != 0 || self.ended != 0 || self.too_long {
            each(Parsed::unreadable("wrong_type", "a quote is opened and never closed".into()));
        }
    }

    /// Reads on, to the end of the record or of `input`; tells how much was used.
    fn read(&mut self, input: &[u8]) -> (usize, Reached) {
        let mut used = 0;
        while used < input.len() {
            let (cells, ends) = (&mut self.cells[self.filled..], &mut self.ends[self.ended..]);
            let (result, read, filled, ended) = self.reader.read_record(&input[used..], cells, ends);
            (used, self.filled, self.ended) = (used + read, self.filled + filled, self.ended + ended);
            match result {
                ReadRecordResult::Record => return (used, Reached::Record),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    // What was read is not kept: the record is refused, whatever follows.
                    (self.filled, self.ended, self.too_long) = (0, 0, true);
                }
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            }
        }
        (used, Reached::InputEnd)
    }

    /// The cells of the record that was read, which is used up.
    fn cells(&mut self) -> Result<impl Iterator<Item = &[u8]>, String> {
        let ends = &self.ends[..std::mem::take(&mut self.ended)];
        self.filled = 0;
        if std::mem::take(&mut self.too_long) {
            return Err(format!("the record has more than {LONGEST} bytes or {COLUMNS} columns"));
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        Ok(starts.zip(ends).map(|(start, &end)| &self.cells[start..end]))
    }

    /// The record that was read is the header: every field has one column.
    fn learn_columns(&mut self) -> Result<(), Problem> {
        let names = || Field::ALL.into_iter().map(Field::name).chain([CUSTOMER_ID]);
        let known = |cell: &[u8]| names().find(|name| name.as_bytes() == cell.trim_ascii());
        let cells = self.cells().map_err(|detail| Problem::Malformed { detail })?;
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
        let columns = std::mem::take(&mut self.columns);
        let parsed = match self.cells() {
            Err(detail) => Parsed::unreadable("too_long", detail),
            Ok(cells) => customer(&columns, cells),
        };
        self.columns = columns;
        parsed
    }
}

/// How far reading came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    Record,
    InputEnd,
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
