//! What is wrong with a file: blank cells, rows at fault, customers that occur twice.

use std::collections::BTreeMap;

use churn::{CUSTOMER_ID, Code, Field, Refusal};
use serde::Serialize;

use crate::rejected::{Kind, Place, code_name};
use crate::source::{LABEL, Source};

/// Examples that are shown of ids.
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
        code_name(self.code)
    }

    /// The most frequent fault first; of equal ones the one that comes first in the file.
    pub(super) fn of(source: &Source) -> Vec<Self> {
        let of_kind = |kind: &Kind| Self {
            code: kind.code,
            column: kind.column,
            rows: kind.rows,
            examples: kind.examples.iter().map(Example::of).collect(),
        };
        let mut kinds: Vec<Self> = source.rejected.kinds.iter().map(of_kind).collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.rows));
        kinds
    }
}

impl Example {
    fn of((place, refusal): &(Place, Refusal)) -> Self {
        Self { place: *place, detail: refusal.detail.clone(), suggestion: refusal.suggestion }
    }
}

/// Values of `customerID` that stand in more than one row, bad rows included.
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
        let good = source.rows.iter().filter_map(|row| row.record.customer_id.as_deref().map(str::as_bytes));
        let bad = source.rejected_ids.iter().map(|id| &**id);
        let mut counts: BTreeMap<&[u8], u64> = BTreeMap::new();
        for id in good.chain(bad).filter(|id| !id.is_empty()) {
            *counts.entry(id).or_default() += 1;
        }
        counts.retain(|_, rows| 1 < *rows);
        let examples = counts.keys().take(EXAMPLES).map(|id| String::from_utf8_lossy(id).into_owned());
        Self { ids: counts.len() as u64, rows: counts.values().sum(), examples: examples.collect() }
    }
}
