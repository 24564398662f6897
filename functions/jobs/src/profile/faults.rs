//! What is wrong with a file: blank cells, rows at fault, customers that occur twice.

use std::collections::BTreeMap;

use churn::{CUSTOMER_ID, Code, Field};
use serde::Serialize;

use crate::rejected::Place;
use crate::source::{LABEL, Source};

/// Examples that are shown of one kind of fault.
const EXAMPLES: usize = 3;

/// Blank cells of one column, in all rows of the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Blanks {
    /// The column.
    pub(crate) column: &'static str,
    /// Whether the file has it; `customerID` and `Churn` may be absent.
    pub(crate) present: bool,
    /// Rows whose cell is blank. A blank total is right where tenure is 0, and is then read as 0.
    pub(crate) blank: u64,
}

impl Blanks {
    /// One entry a column that is read, in the order of the contract.
    pub(super) fn of(source: &Source) -> Vec<Self> {
        let columns = [CUSTOMER_ID].into_iter().chain(Field::ALL.map(Field::name)).chain([LABEL]);
        let of_column = |column: &'static str| {
            let blank = source.blanks.get(column).copied();
            Self { column, present: blank.is_some(), blank: blank.unwrap_or(0) }
        };
        columns.map(of_column).collect()
    }
}

/// Rows with the same fault in the same column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct BadRows {
    /// What kind of fault, as at every door.
    pub(crate) code: Code,
    /// The column, or `(row)` where the row as a whole is at fault.
    pub(crate) column: &'static str,
    /// How many rows have it.
    pub(crate) rows: u64,
    /// The first of them.
    pub(crate) examples: Vec<Example>,
}

/// One row at fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Example {
    /// Where it stands in the file.
    #[serde(flatten)]
    pub(crate) place: Place,
    /// What is wrong, with the value where that helps.
    pub(crate) detail: String,
    /// What was probably meant.
    pub(crate) suggestion: Option<&'static str>,
}

impl BadRows {
    /// The fault's code as programs know it, such as `unknown_category`.
    pub(crate) fn code_name(&self) -> String {
        let name = serde_json::to_value(self.code).expect("a code is a name");
        name.as_str().unwrap_or_default().to_owned()
    }

    /// The most frequent fault first; of equal ones the one that comes first in the file.
    pub(super) fn of(source: &Source) -> Vec<Self> {
        let mut kinds: Vec<Self> = Vec::new();
        for row in &source.rejected {
            for refusal in &row.refusals {
                let (code, column) = (refusal.code, refusal.field);
                let place = kinds.iter().position(|kind| (kind.code, kind.column) == (code, column));
                let place = place.unwrap_or_else(|| {
                    kinds.push(Self { code, column, rows: 0, examples: Vec::new() });
                    kinds.len() - 1
                });
                let kind = &mut kinds[place];
                kind.rows += 1;
                if kind.examples.len() < EXAMPLES {
                    let (detail, suggestion) = (refusal.detail.clone(), refusal.suggestion);
                    kind.examples.push(Example { place: row.place, detail, suggestion });
                }
            }
        }
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.rows));
        kinds
    }
}

/// Values of `customerID` that stand in more than one row; bad rows count where their cells have names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Duplicates {
    /// How many such values there are.
    pub(crate) ids: u64,
    /// Rows that have one of them.
    pub(crate) rows: u64,
    /// The first of them in alphabetical order.
    pub(crate) examples: Vec<String>,
}

impl Duplicates {
    pub(super) fn of(source: &Source) -> Self {
        let place = source.header.iter().position(|name| name == CUSTOMER_ID.as_bytes());
        let good = source.rows.iter().filter_map(|row| row.record.customer_id.as_deref().map(str::as_bytes));
        let bad = source.rejected.iter().filter_map(|row| row.raw.get(place?));
        let mut counts: BTreeMap<&[u8], u64> = BTreeMap::new();
        for id in good.chain(bad).filter(|id| !id.is_empty()) {
            *counts.entry(id).or_default() += 1;
        }
        counts.retain(|_, rows| 1 < *rows);
        let examples = counts.keys().take(EXAMPLES).map(|id| String::from_utf8_lossy(id).into_owned());
        Self { ids: counts.len() as u64, rows: counts.values().sum(), examples: examples.collect() }
    }
}
