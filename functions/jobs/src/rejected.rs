//! Rows at fault, and how they are told to people.

use std::path::Path;

use churn::Refusal;
use csv::ByteRecord;

/// One row at fault.
#[derive(Debug)]
pub(crate) struct Rejected {
    /// Line of the file, from 1.
    pub(crate) line: u64,
    /// The row as it stands in the file.
    pub(crate) raw: ByteRecord,
    pub(crate) refusals: Vec<Refusal>,
}

/// Every fault of every row of the file at `path`, a line each.
pub(crate) fn listed(path: &Path, rows: &[Rejected]) -> String {
    let mut text = format!("{}: {} of the rows cannot be used", path.display(), rows.len());
    for row in rows {
        for refusal in &row.refusals {
            text += &format!("\n  line {}, column {}: {}", row.line, refusal.field, refusal.detail);
            if let Some(suggestion) = refusal.suggestion {
                text += &format!(" (did you mean `{suggestion}`?)");
            } else if !refusal.allowed.is_empty() {
                text += &format!(" (one of: {})", refusal.allowed.join(", "));
            }
        }
    }
    text
}
