//! Where customers come from: a file becomes checked rows, and every row at fault is named. Nothing is dropped in silence.
//!
//! This file knows what a row is, and the files of its folder know one format each: CSV, NDJSON, Parquet. A value means
//! the same in each of them.

mod csv;
mod ndjson;
mod parquet;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::csv::ByteRecord;
use churn::{
    CUSTOMER_ID, Category, Cell, Code, CustomerRecord, Field, Record, Refusal, YesNo, nearest, sha256_hex,
};

use crate::error::JobError;
use crate::rejected::{Place, Rejected};

/// The label's column.
pub(crate) const LABEL: &str = "Churn";

/// Whether a verb needs to know who churned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Labels {
    Required,
    /// Read where the file has the column.
    Optional,
    Ignored,
}

/// A file that was read.
pub(crate) struct Source {
    path: PathBuf,
    /// SHA-256 of the file, in hex.
    pub(crate) sha256: String,
    /// Names of the cells of rows at fault.
    pub(crate) header: ByteRecord,
    /// Whether labels were read.
    pub(crate) labelled: bool,
    /// Of each column of the file, in how many rows its cell is blank; rows at fault count too.
    pub(crate) blanks: BTreeMap<String, u64>,
    /// The rows without fault.
    pub(crate) rows: Vec<Row>,
    /// The others.
    pub(crate) rejected: Vec<Rejected>,
}

/// One customer of the file.
pub(crate) struct Row {
    pub(crate) record: CustomerRecord,
    /// The label; false where labels were not read.
    pub(crate) churned: bool,
}

impl Source {
    /// Reads the file at `path`, in the format that its extension names.
    pub(crate) fn read(path: &Path, labels: Labels) -> Result<Self, JobError> {
        let failed = |detail: String| JobError::Table { path: path.into(), detail };
        let read =
            reader(path).ok_or_else(|| failed(format!("{EXTENSIONS} by its extension is expected")))?;
        let bytes = std::fs::read(path).map_err(|source| JobError::Read { path: path.into(), source })?;
        let sha256 = sha256_hex(&bytes);
        let Table { header, labelled, blanks, rows, rejected } = read(bytes, labels).map_err(failed)?;
        if rows.is_empty() && rejected.is_empty() {
            return Err(failed("the file has no rows".into()));
        }
        Ok(Self { path: path.into(), sha256, header, labelled, blanks, rows, rejected })
    }

    /// The source, where every row is without fault.
    pub(crate) fn whole(self) -> Result<Self, JobError> {
        if self.rejected.is_empty() {
            return Ok(self);
        }
        Err(JobError::Rows { path: self.path, rows: self.rejected })
    }
}

const EXTENSIONS: &str = "a file of customers (.csv, .ndjson, .jsonl or .parquet)";

/// Reads a file's bytes; the error says what is wrong with the file as a whole.
type Reader = fn(Vec<u8>, Labels) -> Result<Table, String>;

fn reader(path: &Path) -> Option<Reader> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(csv::read),
        "ndjson" | "jsonl" => Some(ndjson::read),
        "parquet" => Some(parquet::read),
        _ => None,
    }
}

/// What is in a file of any format.
struct Table {
    header: ByteRecord,
    labelled: bool,
    blanks: BTreeMap<String, u64>,
    rows: Vec<Row>,
    rejected: Vec<Rejected>,
}

impl Table {
    fn new(header: ByteRecord, labelled: bool) -> Self {
        Self { header, labelled, blanks: BTreeMap::new(), rows: Vec::new(), rejected: Vec::new() }
    }

    /// Puts a row where it belongs; `raw` gives its cells as they stand in the file.
    fn push(&mut self, row: Result<Row, Vec<Refusal>>, place: Place, raw: impl FnOnce() -> ByteRecord) {
        match row {
            Ok(row) => self.rows.push(row),
            Err(refusals) => self.rejected.push(Rejected { place, raw: raw(), refusals }),
        }
    }
}

/// Checks that a table's header has every needed column, and every column that is read once.
fn check_header(names: &[&str], labels: Labels) -> Result<(), String> {
    let label = (labels == Labels::Required).then_some(LABEL);
    let needed: Vec<&'static str> = Field::ALL.iter().map(|field| field.name()).chain(label).collect();
    let missing: Vec<&'static str> = needed.iter().copied().filter(|name| !names.contains(name)).collect();
    if !missing.is_empty() {
        let near = names.iter().filter_map(|name| Some((name, nearest(name, &missing)?)));
        let near: Vec<String> = near.map(|(name, meant)| format!("`{name}` for `{meant}`")).collect();
        let hint = if near.is_empty() { String::new() } else { format!("; is {} meant?", near.join(", ")) };
        return Err(format!("the header has no column {}{hint}", missing.join(", ")));
    }
    let mut read =
        needed.into_iter().chain([CUSTOMER_ID]).chain((labels == Labels::Optional).then_some(LABEL));
    match read.find(|&name| 1 < names.iter().filter(|n| **n == name).count()) {
        Some(name) => Err(format!("the header has column {name} more than once")),
        None => Ok(()),
    }
}

/// Whether labels are read from a table with this header.
fn is_labelled(names: &[&str], labels: Labels) -> bool {
    labels != Labels::Ignored && names.contains(&LABEL)
}

/// A row's customer, and his label where there is a cell of it.
fn parse_row(record: &Record<'_>, label: Option<&Cell<'_>>) -> Result<Row, Vec<Refusal>> {
    let label = label.map_or(Ok(false), parse_label);
    match (CustomerRecord::parse(record), label) {
        (Ok(record), Ok(churned)) => Ok(Row { record, churned }),
        (Ok(_), Err(refusal)) => Err(vec![refusal]),
        (Err(refusals), Ok(_)) => Err(refusals),
        (Err(mut refusals), Err(refusal)) => {
            refusals.push(refusal);
            Err(refusals)
        }
    }
}

fn parse_label(cell: &Cell<'_>) -> Result<bool, Refusal> {
    let text = match cell {
        Cell::Text(text) | Cell::Untyped(text) => text,
        Cell::Absent | Cell::Null => "",
        Cell::Number(_) => return Err(no_label("a number is not a label".into(), None)),
        Cell::Other(found) => return Err(no_label(format!("a value of type {found} is not a label"), None)),
    };
    let label = YesNo::parse(text).map(|label| label == YesNo::Yes);
    label.ok_or_else(|| no_label(format!("`{text}` is not a label"), nearest(text, YesNo::LABELS)))
}

fn no_label(detail: String, suggestion: Option<&'static str>) -> Refusal {
    Refusal { allowed: YesNo::LABELS, suggestion, ..Refusal::new(LABEL, Code::UnknownCategory, detail) }
}

/// A fault of the row as a whole.
fn whole_row(detail: String) -> Vec<Refusal> {
    vec![Refusal::new("(row)", Code::WrongType, detail)]
}

/// Whether nothing stands in a cell.
fn is_blank(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Absent | Cell::Null => true,
        Cell::Text(text) | Cell::Untyped(text) => text.trim_ascii().is_empty(),
        Cell::Number(_) | Cell::Other(_) => false,
    }
}
