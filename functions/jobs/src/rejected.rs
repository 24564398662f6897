//! Rows at fault, and how they are told to people.

use std::fmt;
use std::path::Path;

use churn::Refusal;
use csv::ByteRecord;
use serde::Serialize;

use crate::output;

/// One row at fault.
#[derive(Debug)]
pub(crate) struct Rejected {
    pub(crate) place: Place,
    /// The row as it stands in the file.
    pub(crate) raw: ByteRecord,
    pub(crate) refusals: Vec<Refusal>,
}

/// Where a row stands in its file, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    /// Of a file of text.
    Line(u64),
    /// Of a file without lines.
    Row(u64),
}

impl Place {
    /// What is counted, and the count.
    fn parts(self) -> (&'static str, u64) {
        match self {
            Self::Line(number) => ("line", number),
            Self::Row(number) => ("row", number),
        }
    }
}

/// `line 5` or `row 5`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, number) = self.parts();
        write!(f, "{unit} {number}")
    }
}

/// Every fault of every row of the file at `path`, a line each.
pub(crate) fn listed(path: &Path, rows: &[Rejected]) -> String {
    let mut text = format!("{}: {} of the rows cannot be used", path.display(), rows.len());
    for row in rows {
        for refusal in &row.refusals {
            text += &format!("\n  {}, column {}: {}", row.place, refusal.field, refusal.detail);
            if let Some(suggestion) = refusal.suggestion {
                text += &format!(" (did you mean `{suggestion}`?)");
            } else if !refusal.allowed.is_empty() {
                text += &format!(" (one of: {})", refusal.allowed.join(", "));
            }
        }
    }
    text
}

/// CSV of the rows as they stand in the file, under its `header`, between their place and what is wrong with them.
pub(crate) fn table(header: &ByteRecord, rows: &[Rejected]) -> Vec<u8> {
    output::csv(|writer| {
        let unit = rows.first().map_or("line", |row| row.place.parts().0);
        writer.write_record([unit.as_bytes()].into_iter().chain(header).chain([b"reasons".as_slice()]))?;
        for row in rows {
            let reasons: Vec<String> = row.refusals.iter().map(ToString::to_string).collect();
            let cells = (0..header.len()).map(|column| row.raw.get(column).unwrap_or_default());
            let number = row.place.parts().1.to_string();
            writer.write_record(
                [number.as_bytes()].into_iter().chain(cells).chain([reasons.join("; ").as_bytes()]),
            )?;
        }
        Ok(())
    })
}
