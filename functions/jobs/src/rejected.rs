//! Rows at fault, and how they are told to people.
//!
//! A file may be at fault in every row, so only the first of them are kept as they are; the others are counted.

mod file;

use std::fmt;
use std::path::Path;

use churn::{Code, Refusal};
use serde::Serialize;

pub(crate) use self::file::RejectedFile;
use crate::format::{count, printable};

/// Faults that are listed one by one.
const LISTED: usize = 1_000;
/// Faults of one kind that are kept as examples.
const EXAMPLES: usize = 3;

/// One row at fault.
#[derive(Debug)]
pub(crate) struct Rejected {
    pub(crate) place: Place,
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

/// All rows at fault of a file, in bounded memory.
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    /// How many rows there are.
    pub(crate) rows: u64,
    /// What is wrong with them, in the order in which it first occurs.
    pub(crate) kinds: Vec<Kind>,
    /// The first faults in the order of the file.
    first: Vec<(Place, Refusal)>,
    faults: u64,
}

/// Rows with the same fault in the same column.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) code: Code,
    pub(crate) column: &'static str,
    pub(crate) rows: u64,
    /// The first of them, with their places.
    pub(crate) examples: Vec<(Place, Refusal)>,
}

impl Rejections {
    pub(crate) fn push(&mut self, row: Rejected) {
        self.rows += 1;
        for refusal in row.refusals {
            self.count(row.place, &refusal);
            self.faults += 1;
            if self.first.len() < LISTED {
                self.first.push((row.place, refusal));
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    fn count(&mut self, place: Place, refusal: &Refusal) {
        let (code, column) = (refusal.code, refusal.field);
        let known = self.kinds.iter().position(|kind| (kind.code, kind.column) == (code, column));
        let known = known.unwrap_or_else(|| {
            self.kinds.push(Kind { code, column, rows: 0, examples: Vec::new() });
            self.kinds.len() - 1
        });
        let kind = &mut self.kinds[known];
        kind.rows += 1;
        if kind.examples.len() < EXAMPLES {
            kind.examples.push((place, refusal.clone()));
        }
    }

    /// The faults of the file at `path`, a line each; of many the first, and how often each occurs.
    pub(crate) fn listed(&self, path: &Path) -> String {
        let mut text = format!("{}: {} of the rows cannot be used", path.display(), count(self.rows));
        for (place, refusal) in &self.first {
            text += &format!("\n  {place}, column {}: {}", refusal.field, printable(&refusal.detail));
            if let Some(suggestion) = refusal.suggestion {
                text += &format!(" (did you mean `{suggestion}`?)");
            } else if !refusal.allowed.is_empty() {
                text += &format!(" (one of: {})", refusal.allowed.join(", "));
            }
        }
        if self.first.len() as u64 != self.faults {
            let (listed, faults) = (count(self.first.len() as u64), count(self.faults));
            text += &format!("\nthose are the first {listed} of {faults} faults; all of them, in rows:");
            for kind in &self.kinds {
                text += &format!("\n  {:>9} x {} in {}", count(kind.rows), code_name(kind.code), kind.column);
            }
            text += "\n`churn score --skip-bad-rows` writes every row at fault with its reasons";
        }
        text
    }
}

/// The code as programs know it, such as `unknown_category`.
pub(crate) fn code_name(code: Code) -> String {
    let name = serde_json::to_value(code).expect("a code is a name");
    name.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejections(rows: u64) -> Rejections {
        let mut rejections = Rejections::default();
        for line in 2..2 + rows {
            let refusals = ["tenure", "Contract"]
                .map(|field| Refusal::new(field, Code::Missing, "is\u{1b}[31m required".into()));
            rejections.push(Rejected { place: Place::Line(line), refusals: refusals.into() });
        }
        rejections
    }

    #[test]
    fn few_faults_are_all_listed_and_cannot_command_the_terminal() {
        let told = rejections(2).listed(Path::new("c.csv"));
        assert_eq!(told.lines().count(), 1 + 4, "{told}");
        assert!(told.contains("line 3, column Contract: is") && !told.contains('\u{1b}'), "{told}");
    }

    #[test]
    fn of_many_faults_the_first_are_listed_and_all_are_counted() {
        let told = rejections(5_000).listed(Path::new("c.csv"));
        assert_eq!(told.lines().count(), 1 + LISTED + 1 + 2 + 1);
        for expected in ["5,000 of the rows", "first 1,000 of 10,000 faults", "5,000 x missing in Contract"] {
            assert!(told.contains(expected), "{expected}");
        }
    }
}
