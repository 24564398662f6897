//! Where customers come from: a file becomes checked rows, and every row at fault is named. Nothing is dropped in silence.
//!
//! This file knows what a row is, and the files of its folder know one format each: CSV, NDJSON, Parquet. A value means
//! the same in each of them.

mod csv;
mod ndjson;
mod parquet;
mod quotes;
mod shape;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use ::csv::ByteRecord;
use churn::{
    CUSTOMER_ID, CUSTOMER_ID_MAX, Category, Cell, Code, CustomerRecord, Record, Refusal, YesNo, nearest,
    sha256_hex,
};

use crate::error::JobError;
use crate::format::shown;
use crate::rejected::{Place, Rejected, Rejections};

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
    /// Whether labels were read.
    pub(crate) labelled: bool,
    /// Of each column of the file, in how many rows its cell is blank; rows at fault count too.
    pub(crate) blanks: BTreeMap<String, u64>,
    /// The rows without fault.
    pub(crate) rows: Vec<Row>,
    /// The others.
    pub(crate) rejected: Rejections,
    /// Ids of the others, as far as they have one that could be a customer's.
    pub(crate) rejected_ids: Vec<Box<[u8]>>,
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
        Self::read_with(path, labels, &mut |_, _, _| Ok(()))
    }

    /// Reads the file at `path`, and shows `at_fault` the header, each row at fault as it stands in the file, and what is
    /// wrong with it. The rows themselves are not kept: there may be millions.
    pub(crate) fn read_with(
        path: &Path,
        labels: Labels,
        at_fault: &mut AtFault<'_>,
    ) -> Result<Self, JobError> {
        let failed = |detail: String| JobError::Table { path: path.into(), detail };
        let read =
            reader(path).ok_or_else(|| failed(format!("{EXTENSIONS} by its extension is expected")))?;
        let bytes = std::fs::read(path).map_err(|source| JobError::Read { path: path.into(), source })?;
        let sha256 = sha256_hex(&bytes);
        let table = read(bytes, labels, at_fault).map_err(|stop| match stop {
            Stop::File(detail) => failed(detail),
            Stop::AtFault(error) => error,
        })?;
        let Table { labelled, blanks, rows, rejected, rejected_ids, .. } = table;
        if rows.is_empty() && rejected.is_empty() {
            return Err(failed("the file has no rows".into()));
        }
        Ok(Self { path: path.into(), sha256, labelled, blanks, rows, rejected, rejected_ids })
    }

    /// The source, where every row is without fault.
    pub(crate) fn whole(self) -> Result<Self, JobError> {
        if self.rejected.is_empty() {
            return Ok(self);
        }
        Err(JobError::Rows { path: self.path, rejected: Box::new(self.rejected) })
    }

    /// The source, where no customer stands in two rows. Rows of one customer are alike: with one in a fold and one
    /// outside of it, or counted as if they were two customers, every figure promises too much.
    pub(crate) fn distinct(self) -> Result<Self, JobError> {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for id in self.rows.iter().filter_map(|row| row.record.customer_id.as_deref()) {
            *counts.entry(id).or_default() += 1;
        }
        counts.retain(|_, rows| 1 < *rows);
        if counts.is_empty() {
            return Ok(self);
        }
        let (ids, rows) = (counts.len(), counts.values().sum::<u64>());
        let mut examples: Vec<&str> = counts.into_keys().collect();
        examples.sort_unstable();
        let examples: Vec<String> = examples.iter().take(3).map(|id| shown(id)).collect();
        let detail = format!(
            "{ids} values of {CUSTOMER_ID} stand in {rows} rows, such as {}; keep one row of each customer",
            examples.join(", ")
        );
        Err(JobError::Table { path: self.path, detail })
    }
}

/// Is shown the header, a row at fault as it stands in the file, and what is wrong with it.
type AtFault<'a> = dyn FnMut(&ByteRecord, &ByteRecord, &Rejected) -> Result<(), JobError> + 'a;

const EXTENSIONS: &str = "a file of customers (.csv, .ndjson, .jsonl or .parquet)";

/// Reads a file's bytes.
type Reader = fn(Vec<u8>, Labels, &mut AtFault<'_>) -> Result<Table, Stop>;

fn reader(path: &Path) -> Option<Reader> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(csv::read),
        "ndjson" | "jsonl" => Some(ndjson::read),
        "parquet" => Some(parquet::read),
        _ => None,
    }
}

/// Why a file is read no further.
enum Stop {
    /// What is wrong with the file as a whole.
    File(String),
    /// Whoever is shown the rows at fault has failed.
    AtFault(JobError),
}

impl From<String> for Stop {
    fn from(detail: String) -> Self {
        Self::File(detail)
    }
}

impl From<JobError> for Stop {
    fn from(error: JobError) -> Self {
        Self::AtFault(error)
    }
}

/// What is in a file of any format.
struct Table {
    /// Names of the cells of rows at fault.
    header: ByteRecord,
    labelled: bool,
    blanks: BTreeMap<String, u64>,
    rows: Vec<Row>,
    rejected: Rejections,
    rejected_ids: Vec<Box<[u8]>>,
}

/// A row at fault as it stands in the file.
struct Raw {
    cells: ByteRecord,
    /// What stands where the customer's id is expected.
    id: Option<Box<[u8]>>,
}

impl Table {
    fn new(header: ByteRecord, labelled: bool) -> Self {
        Self {
            header,
            labelled,
            blanks: BTreeMap::new(),
            rows: Vec::new(),
            rejected: Rejections::default(),
            rejected_ids: Vec::new(),
        }
    }

    /// Puts a row where it belongs; one at fault is shown to `at_fault`, as `raw` gives it.
    fn push(
        &mut self,
        row: Result<Row, Vec<Refusal>>,
        place: Place,
        raw: impl FnOnce() -> Raw,
        at_fault: &mut AtFault<'_>,
    ) -> Result<(), JobError> {
        match row {
            Ok(row) => self.rows.push(row),
            Err(refusals) => {
                let (row, Raw { cells, id }) = (Rejected { place, refusals }, raw());
                at_fault(&self.header, &cells, &row)?;
                self.rejected.push(row);
                // UTF-8 takes four bytes a character at most.
                let id = id.filter(|id| (1..=4 * CUSTOMER_ID_MAX).contains(&(id.len() as u64)));
                self.rejected_ids.extend(id);
            }
        }
        Ok(())
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
    label.ok_or_else(|| no_label(format!("`{}` is not a label", shown(text)), nearest(text, YesNo::LABELS)))
}

fn no_label(detail: String, suggestion: Option<&'static str>) -> Refusal {
    Refusal { allowed: YesNo::LABELS, suggestion, ..Refusal::new(LABEL, Code::UnknownCategory, detail) }
}

/// A fault of the row as a whole.
fn whole_row(detail: String) -> Vec<Refusal> {
    vec![Refusal::new("(row)", Code::WrongType, detail)]
}

/// The bytes of a cell that may be an id.
fn id_of(cell: &Cell<'_>) -> Option<Box<[u8]>> {
    match cell {
        Cell::Text(text) | Cell::Untyped(text) => Some(text.as_bytes().into()),
        Cell::Absent | Cell::Null | Cell::Number(_) | Cell::Other(_) => None,
    }
}

/// Whether nothing stands in a cell.
fn is_blank(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Absent | Cell::Null => true,
        Cell::Text(text) | Cell::Untyped(text) => text.trim_ascii().is_empty(),
        Cell::Number(_) | Cell::Other(_) => false,
    }
}
