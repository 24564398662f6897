//! CSV with a header: numbers are text, an empty cell is a blank, a row at fault is named by its line.

use std::borrow::Cow;

use ::csv::{ByteRecord, ReaderBuilder};
use churn::{CUSTOMER_ID, Cell, Code, Field, Record, Refusal};

use super::quotes::unclosed;
use super::shape::{check_format, check_header};
use super::{AtFault, LABEL, Labels, Raw, Row, Stop, Table, is_labelled, parse_row, whole_row};
use crate::rejected::Place;

pub(super) fn read(bytes: Vec<u8>, labels: Labels, at_fault: &mut AtFault<'_>) -> Result<Table, Stop> {
    check_format(&bytes)?;
    if let Some(line) = unclosed(&bytes) {
        return Err(format!("line {line}: a quote opens here and is not closed where its cell ends").into());
    }
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(&bytes[..]);
    let header = reader.byte_headers().map_err(|error| error.to_string())?.clone();
    let names: Vec<Cow<'_, str>> = header.iter().map(String::from_utf8_lossy).collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    check_header(&names, labels)?;
    let mut table = Table::new(header.clone(), is_labelled(&names, labels));
    let columns = Columns::of(&header, table.labelled);
    let mut blanks = vec![0; header.len()];
    let mut raw = ByteRecord::new();
    while reader.read_byte_record(&mut raw).map_err(|error| error.to_string())? {
        for (count, cell) in blanks.iter_mut().zip(&raw) {
            *count += u64::from(cell.trim_ascii().is_empty());
        }
        let place = Place::Line(line_of(&raw, &bytes));
        table.push(columns.parse(&raw), place, || columns.raw(&raw), at_fault)?;
    }
    table.blanks = names.into_iter().map(str::to_owned).zip(blanks).collect();
    Ok(table)
}

/// The line on which `record` begins, from 1. The reader's position is before line feeds that it has yet to skip: those
/// of blank lines, and the second half of CR LF.
fn line_of(record: &ByteRecord, file: &[u8]) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let start = usize::try_from(position.byte()).ok().and_then(|start| file.get(start..)).unwrap_or_default();
    let skipped = start.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + skipped.filter(|&&byte| byte == b'\n').count() as u64
}

/// What each column of the header is.
struct Columns {
    /// The name of a column that is read; `None` where it is not: then its cells are not looked at.
    names: Vec<Option<&'static str>>,
    id: Option<usize>,
    labelled: bool,
}

impl Columns {
    fn of(header: &ByteRecord, labelled: bool) -> Self {
        let read = [CUSTOMER_ID].into_iter().chain(Field::ALL.map(Field::name));
        let read: Vec<&'static str> = read.chain(labelled.then_some(LABEL)).collect();
        let name = |cell: &[u8]| read.iter().copied().find(|name| name.as_bytes() == cell);
        let names: Vec<Option<&'static str>> = header.iter().map(name).collect();
        Self { id: names.iter().position(|name| *name == Some(CUSTOMER_ID)), names, labelled }
    }

    fn raw(&self, raw: &ByteRecord) -> Raw {
        Raw { cells: raw.clone(), id: self.id.and_then(|place| raw.get(place)).map(Box::from) }
    }

    fn parse(&self, raw: &ByteRecord) -> Result<Row, Vec<Refusal>> {
        if raw.len() != self.names.len() {
            let (found, expected) = (raw.len(), self.names.len());
            return Err(whole_row(format!("the row has {found} columns, the header {expected}")));
        }
        let mut record = Record::default();
        let mut label = Cell::Absent;
        let mut unreadable = Vec::new();
        for (name, value) in self.names.iter().zip(raw).filter_map(|(name, value)| Some(((*name)?, value))) {
            let Ok(text) = std::str::from_utf8(value) else {
                let detail = "is not UTF-8; save the file as UTF-8".into();
                unreadable.push(Refusal::new(name, Code::WrongType, detail));
                continue;
            };
            if name == LABEL {
                label = Cell::Untyped(text.into());
            }
            record.insert(name, Cell::Untyped(text.into()));
        }
        if !unreadable.is_empty() {
            return Err(unreadable);
        }
        parse_row(&record, self.labelled.then_some(&label))
    }
}
