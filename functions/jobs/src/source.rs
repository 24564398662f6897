//! Where customers come from: a CSV file becomes checked rows, and every row at fault is named. Nothing is dropped in
//! silence.

mod quotes;
mod shape;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use churn::{
    CUSTOMER_ID, CUSTOMER_ID_MAX, Category, Cell, Code, CustomerRecord, Field, Record, Refusal, YesNo,
    nearest, sha256_hex,
};
use csv::{ByteRecord, ReaderBuilder};

use self::quotes::unclosed;
use self::shape::{check_format, check_header};
use crate::error::JobError;
use crate::format::shown;
use crate::rejected::{Rejected, Rejections};

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
    /// Reads the CSV file at `path`.
    pub(crate) fn read(path: &Path, labels: Labels) -> Result<Self, JobError> {
        Self::read_with(path, labels, &mut |_, _, _| Ok(()))
    }

    /// Reads the CSV file at `path`, and shows `at_fault` the header, each row at fault as it stands in the file, and
    /// what is wrong with it. The rows themselves are not kept: there may be millions.
    pub(crate) fn read_with(
        path: &Path,
        labels: Labels,
        at_fault: &mut AtFault<'_>,
    ) -> Result<Self, JobError> {
        let bytes = std::fs::read(path).map_err(|source| JobError::Read { path: path.into(), source })?;
        let failed = |detail: String| JobError::Table { path: path.into(), detail };
        check_format(&bytes).map_err(failed)?;
        if let Some(line) = unclosed(&bytes) {
            return Err(failed(format!(
                "line {line}: a quote opens here and is not closed where its cell ends"
            )));
        }
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(&bytes[..]);
        let header = reader.byte_headers().map_err(|error| failed(error.to_string()))?.clone();
        check_header(&header, labels).map_err(failed)?;
        let mut source = Self {
            path: path.into(),
            sha256: sha256_hex(&bytes),
            labelled: labels != Labels::Ignored && header.iter().any(|name| name == LABEL.as_bytes()),
            blanks: vec![0; header.len()],
            header,
            rows: Vec::new(),
            rejected: Rejections::default(),
            rejected_ids: Vec::new(),
        };
        let columns = Columns::of(&source.header, source.labelled);
        let mut raw = ByteRecord::new();
        while reader.read_byte_record(&mut raw).map_err(|error| failed(error.to_string()))? {
            source.push(&columns, &raw, line_of(&raw, &bytes), at_fault)?;
        }
        if source.rows.is_empty() && source.rejected.is_empty() {
            return Err(failed("the file has a header and no rows".into()));
        }
        Ok(source)
    }

    fn push(
        &mut self,
        columns: &Columns,
        raw: &ByteRecord,
        line: u64,
        at_fault: &mut AtFault<'_>,
    ) -> Result<(), JobError> {
        for (count, cell) in self.blanks.iter_mut().zip(raw) {
            *count += u64::from(cell.trim_ascii().is_empty());
        }
        match columns.parse(raw) {
            Ok(row) => self.rows.push(row),
            Err(refusals) => {
                let row = Rejected { line, refusals };
                at_fault(&self.header, raw, &row)?;
                self.rejected.push(row);
                let id = columns.id.and_then(|place| raw.get(place));
                // UTF-8 takes four bytes a character at most.
                let id = id.filter(|id| (1..=4 * CUSTOMER_ID_MAX).contains(&(id.len() as u64)));
                self.rejected_ids.extend(id.map(Box::from));
            }
        }
        Ok(())
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

    fn parse(&self, raw: &ByteRecord) -> Result<Row, Vec<Refusal>> {
        if raw.len() != self.names.len() {
            let detail = format!("the row has {} columns, the header {}", raw.len(), self.names.len());
            return Err(vec![Refusal::new("(row)", Code::WrongType, detail)]);
        }
        let mut record = Record::default();
        let mut churned = None;
        let mut unreadable = Vec::new();
        for (name, value) in self.names.iter().zip(raw).filter_map(|(name, value)| Some(((*name)?, value))) {
            let Ok(text) = std::str::from_utf8(value) else {
                let detail = "is not UTF-8; save the file as UTF-8".into();
                unreadable.push(Refusal::new(name, Code::WrongType, detail));
                continue;
            };
            if name == LABEL {
                churned = Some(text);
            }
            record.insert(name, Cell::Untyped(text.into()));
        }
        if !unreadable.is_empty() {
            return Err(unreadable);
        }
        let label = if self.labelled { parse_label(churned.unwrap_or_default()) } else { Ok(false) };
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
}

fn parse_label(text: &str) -> Result<bool, Refusal> {
    YesNo::parse(text).map(|label| label == YesNo::Yes).ok_or_else(|| Refusal {
        allowed: YesNo::LABELS,
        suggestion: nearest(text, YesNo::LABELS),
        ..Refusal::new(LABEL, Code::UnknownCategory, format!("`{}` is not a label", shown(text)))
    })
}
