//! Where customers come from: a CSV file becomes checked rows, and every row at fault is named. Nothing is dropped in
//! silence.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use churn::{
    CUSTOMER_ID, Category, Cell, Code, CustomerRecord, Field, Record, Refusal, YesNo, nearest, sha256_hex,
};
use csv::{ByteRecord, ReaderBuilder};

use crate::error::JobError;
use crate::rejected::Rejected;

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
    /// The file's header.
    pub(crate) header: ByteRecord,
    /// Whether labels were read.
    pub(crate) labelled: bool,
    /// Of each column of the header, in how many rows its cell is blank; rows at fault count too.
    pub(crate) blanks: Vec<u64>,
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
    /// Reads the CSV file at `path`.
    pub(crate) fn read(path: &Path, labels: Labels) -> Result<Self, JobError> {
        let bytes = std::fs::read(path).map_err(|source| JobError::Read { path: path.into(), source })?;
        let failed = |detail: String| JobError::Table { path: path.into(), detail };
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(&bytes[..]);
        let header = reader.byte_headers().map_err(|error| failed(error.to_string()))?.clone();
        check_header(&header, labels).map_err(failed)?;
        let labelled = labels != Labels::Ignored && header.iter().any(|name| name == LABEL.as_bytes());
        let mut source = Self {
            path: path.into(),
            sha256: sha256_hex(&bytes),
            labelled,
            blanks: vec![0; header.len()],
            header,
            rows: Vec::new(),
            rejected: Vec::new(),
        };
        for record in reader.into_byte_records() {
            let raw = record.map_err(|error| failed(error.to_string()))?;
            for (count, cell) in source.blanks.iter_mut().zip(&raw) {
                *count += u64::from(cell.trim_ascii().is_empty());
            }
            match parse_row(&source.header, &raw, labelled) {
                Ok(row) => source.rows.push(row),
                Err(refusals) => {
                    let line = raw.position().map_or(0, csv::Position::line);
                    source.rejected.push(Rejected { line, raw, refusals });
                }
            }
        }
        if source.rows.is_empty() && source.rejected.is_empty() {
            return Err(JobError::Table {
                path: path.into(),
                detail: "the file has a header and no rows".into(),
            });
        }
        Ok(source)
    }

    /// The source, where every row is without fault.
    pub(crate) fn whole(self) -> Result<Self, JobError> {
        if self.rejected.is_empty() {
            return Ok(self);
        }
        Err(JobError::Rows { path: self.path, rows: self.rejected })
    }
}

/// Checks that every needed column is there, once.
fn check_header(header: &ByteRecord, labels: Labels) -> Result<(), String> {
    let names: Vec<Cow<'_, str>> = header.iter().map(String::from_utf8_lossy).collect();
    let label = (labels == Labels::Required).then_some(LABEL);
    let needed: Vec<&str> = Field::ALL.iter().map(|field| field.name()).chain(label).collect();
    let missing: Vec<&str> =
        needed.iter().copied().filter(|&name| !names.iter().any(|n| n == name)).collect();
    if !missing.is_empty() {
        let near = names.iter().filter_map(|name| Some((name, nearest(name, &missing_static(&missing))?)));
        let near: Vec<String> = near.map(|(name, meant)| format!("`{name}` for `{meant}`")).collect();
        let hint = if near.is_empty() { String::new() } else { format!("; is {} meant?", near.join(", ")) };
        return Err(format!("the header has no column {}{hint}", missing.join(", ")));
    }
    let mut read =
        needed.into_iter().chain([CUSTOMER_ID]).chain((labels == Labels::Optional).then_some(LABEL));
    match read.find(|&name| 1 < names.iter().filter(|n| *n == name).count()) {
        Some(name) => Err(format!("the header has column {name} more than once")),
        None => Ok(()),
    }
}

/// The same names as statics, which suggestions are made of.
fn missing_static(missing: &[&str]) -> Vec<&'static str> {
    Field::ALL.iter().map(|field| field.name()).chain([LABEL]).filter(|name| missing.contains(name)).collect()
}

fn parse_row(header: &ByteRecord, raw: &ByteRecord, labelled: bool) -> Result<Row, Vec<Refusal>> {
    if raw.len() != header.len() {
        let detail = format!("the row has {} columns, the header {}", raw.len(), header.len());
        return Err(vec![Refusal::new("(row)", Code::WrongType, detail)]);
    }
    let mut record = Record::default();
    let mut churned = None;
    for (name, value) in header.iter().zip(raw) {
        let (Ok(name), Ok(text)) = (std::str::from_utf8(name), std::str::from_utf8(value)) else {
            return Err(vec![Refusal::new("(row)", Code::WrongType, "the row is not UTF-8".into())]);
        };
        if name == LABEL {
            churned = Some(text);
        }
        record.insert(name, Cell::Untyped(text.into()));
    }
    let label = if labelled { parse_label(churned.unwrap_or_default()) } else { Ok(false) };
    match (CustomerRecord::parse(&record), label) {
        (Ok(record), Ok(churned)) => Ok(Row { record, churned }),
        (Ok(_), Err(refusal)) => Err(vec![refusal]),
        (Err(refusals), Ok(_)) => Err(refusals),
        (Err(mut refusals), Err(refusal)) => {
            refusals.push(refusal);
            Err(refusals)
        }
    }
}

fn parse_label(text: &str) -> Result<bool, Refusal> {
    YesNo::parse(text).map(|label| label == YesNo::Yes).ok_or_else(|| Refusal {
        allowed: YesNo::LABELS,
        suggestion: nearest(text, YesNo::LABELS),
        ..Refusal::new(LABEL, Code::UnknownCategory, format!("`{text}` is not a label"))
    })
}
