//! CSV with a header: numbers are text, an empty cell is a blank, a row at fault is named by its line.

use std::borrow::Cow;

use ::csv::{ByteRecord, Position, ReaderBuilder};
use churn::{Cell, Record, Refusal};

use super::{LABEL, Labels, Row, Table, check_header, is_labelled, parse_row, whole_row};
use crate::rejected::Place;

pub(super) fn read(bytes: Vec<u8>, labels: Labels) -> Result<Table, String> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(&bytes[..]);
    let header = reader.byte_headers().map_err(|error| error.to_string())?.clone();
    let names: Vec<Cow<'_, str>> = header.iter().map(String::from_utf8_lossy).collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    check_header(&names, labels)?;
    let mut table = Table::new(header.clone(), is_labelled(&names, labels));
    let mut blanks = vec![0; header.len()];
    for record in reader.into_byte_records() {
        let raw = record.map_err(|error| error.to_string())?;
        for (count, cell) in blanks.iter_mut().zip(&raw) {
            *count += u64::from(cell.trim_ascii().is_empty());
        }
        let line = raw.position().map_or(0, Position::line);
        let row = row(&header, &raw, table.labelled);
        table.push(row, Place::Line(line), || raw);
    }
    table.blanks = names.into_iter().map(str::to_owned).zip(blanks).collect();
    Ok(table)
}

fn row(header: &ByteRecord, raw: &ByteRecord, labelled: bool) -> Result<Row, Vec<Refusal>> {
    if raw.len() != header.len() {
        return Err(whole_row(format!("the row has {} columns, the header {}", raw.len(), header.len())));
    }
    let mut record = Record::default();
    let mut label = Cell::Absent;
    for (name, value) in header.iter().zip(raw) {
        let (Ok(name), Ok(text)) = (std::str::from_utf8(name), std::str::from_utf8(value)) else {
            return Err(whole_row("the row is not UTF-8".into()));
        };
        if name == LABEL {
            label = Cell::Untyped(text.into());
        }
        record.insert(name, Cell::Untyped(text.into()));
    }
    parse_row(&record, labelled.then_some(&label))
}
