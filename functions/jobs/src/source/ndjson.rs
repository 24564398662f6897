//! NDJSON: one object a line, read as the function reads a request; blank lines are skipped, and a row at fault is named by
//! its line.

use std::collections::BTreeMap;

use ::csv::ByteRecord;
use churn::{CUSTOMER_ID, Cell, Field, Record};
use serde::Deserialize;
use serde_json::Error;

use super::{AtFault, LABEL, Labels, Raw, Stop, Table, id_of, is_blank, parse_row, whole_row};
use crate::rejected::Place;

/// What some editors put before the first line.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

pub(super) fn read(bytes: Vec<u8>, labels: Labels, at_fault: &mut AtFault<'_>) -> Result<Table, Stop> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let labelled = match labels {
        Labels::Required => true,
        Labels::Optional => lines(bytes).any(|(_, line)| label(line).is_ok_and(|cell| cell != Cell::Absent)),
        Labels::Ignored => false,
    };
    // A line has no columns before it is read, and is written back as a whole.
    let mut table = Table::new(ByteRecord::from(vec!["record"]), labelled);
    let mut columns = Columns::default();
    for (number, line) in lines(bytes) {
        let row = record(line, labelled).map_err(|error| whole_row(told(&error)));
        let mut id = None;
        let row = row.and_then(|(record, label)| {
            columns.count(&record, label.as_ref());
            let row = parse_row(&record, label.as_ref());
            // The id of a row without fault is in its record.
            id = if row.is_err() { id_of(record.customer_id()) } else { None };
            row
        });
        let raw = || Raw { cells: ByteRecord::from(vec![line]), id };
        table.push(row, Place::Line(number), raw, at_fault)?;
    }
    table.blanks = columns.blanks();
    Ok(table)
}

/// The lines that are not blank, each with its number from 1.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    (1..).zip(lines).filter(|(_, line)| !line.is_empty())
}

fn record(line: &[u8], labelled: bool) -> Result<(Record<'_>, Option<Cell<'_>>), Error> {
    let record = serde_json::from_slice(line)?;
    Ok((record, if labelled { Some(label(line)?) } else { None }))
}

fn label(line: &[u8]) -> Result<Cell<'_>, Error> {
    #[derive(Deserialize)]
    struct Labelled<'a> {
        #[serde(rename = "Churn", borrow, default)]
        label: Cell<'a>,
    }
    serde_json::from_slice(line).map(|Labelled { label }| label)
}

/// The fault of a line that is no record; the parser counts lines from this one, which would mislead.
fn told(error: &Error) -> String {
    let text = error.to_string();
    let (line, column) = (error.line(), error.column());
    let fault = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    let place = if column == 0 { String::new() } else { format!(" at column {column}") };
    format!("the line is no JSON object: {fault}{place}")
}

/// Which columns the records have, and how many cells of each are blank.
#[derive(Default)]
struct Columns {
    records: u64,
    /// By name: records that have it, and those of them where something stands in it.
    cells: BTreeMap<&'static str, (u64, u64)>,
}

impl Columns {
    fn count(&mut self, record: &Record<'_>, label: Option<&Cell<'_>>) {
        self.records += 1;
        let fields = Field::ALL.map(|field| (field.name(), record.field(field)));
        let label = label.map(|label| (LABEL, label));
        for (name, cell) in fields.into_iter().chain([(CUSTOMER_ID, record.customer_id())]).chain(label) {
            let (there, filled) = self.cells.entry(name).or_default();
            *there += u64::from(*cell != Cell::Absent);
            *filled += u64::from(!is_blank(cell));
        }
    }

    /// A column that no record has is not there; elsewhere a record without it has a blank.
    fn blanks(self) -> BTreeMap<String, u64> {
        let there = self.cells.into_iter().filter(|(_, (there, _))| *there != 0);
        there.map(|(name, (_, filled))| (name.to_owned(), self.records - filled)).collect()
    }
}
