//! All that is said of a file, as data: the terminal, JSON and the page are three views of it.

use churn::{Field, Kind};
use evaluation::{Interval, wilson};
use serde::Serialize;

use super::associations::{self, Correlation};
use super::consistency::Consistency;
use super::faults::{BadRows, Blanks, Duplicates};
use super::numbers::NumberSummary;
use super::rates::{self, FieldRates, Rate};
use crate::source::{Row, Source};

/// What is in a file of customers. Figures of values are those of the rows without fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Profile {
    /// Name of the file, without its folder.
    pub(crate) file: String,
    /// SHA-256 of the file, in hex.
    pub(crate) sha256: String,
    /// Rows of the file.
    pub(crate) rows: u64,
    /// Rows without fault.
    pub(crate) usable_rows: u64,
    /// Whether the file has the column `Churn`.
    pub(crate) labelled: bool,
    /// How many customers churned; absent without labels, and where no row is usable.
    pub(crate) churn: Option<Churned>,
    /// Blank cells by column.
    pub(crate) blanks: Vec<Blanks>,
    /// Rows at fault, by what is wrong in which column; a row with several faults counts in each.
    pub(crate) bad_rows: Vec<BadRows>,
    /// Customers that occur more than once.
    pub(crate) duplicates: Duplicates,
    /// Usable rows whose customerID begins or ends with a blank.
    pub(crate) padded_ids: u64,
    /// Numeric fields.
    pub(crate) numbers: Vec<NumberSummary>,
    /// Categorical fields.
    pub(crate) categories: Vec<FieldRates>,
    /// Customers by how long they have been customers.
    pub(crate) tenure_bands: Vec<Rate>,
    /// Pairs of numeric fields.
    pub(crate) correlations: Vec<Correlation>,
    /// Each field with churn, the strongest first; empty where the file has no labels.
    pub(crate) with_churn: Vec<Correlation>,
    /// Whether the total is what tenure and the monthly charges make.
    pub(crate) consistency: Consistency,
}

/// How many of some rows churned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Churned {
    /// Rows that churned.
    pub(crate) rows: u64,
    /// Their share of the rows, in [0, 1].
    pub(crate) rate: f64,
    /// 95 % interval of the rate (Wilson).
    pub(crate) interval: Interval,
}

impl Churned {
    /// `part` of `whole` rows, or `None` of no rows: they have no rate.
    pub(super) fn of(part: u64, whole: u64) -> Option<Self> {
        (whole != 0).then(|| Self {
            rows: part,
            rate: part as f64 / whole as f64,
            interval: wilson(part, whole),
        })
    }
}

impl Profile {
    /// The profile of `source`, read from the file of this name.
    pub(crate) fn of(source: &Source, file: String) -> Self {
        let rows = &source.rows;
        let labelled = source.labelled;
        let churned = rows.iter().filter(|row| row.churned).count() as u64;
        let categories: Vec<FieldRates> =
            Field::ALL.into_iter().filter_map(|field| FieldRates::of(field, source)).collect();
        Self {
            file,
            sha256: source.sha256.clone(),
            rows: rows.len() as u64 + source.rejected.rows,
            usable_rows: rows.len() as u64,
            labelled,
            churn: if labelled { Churned::of(churned, rows.len() as u64) } else { None },
            blanks: Blanks::of(source),
            bad_rows: BadRows::of(source),
            duplicates: Duplicates::of(source),
            padded_ids: rows.iter().filter(|row| is_padded(row)).count() as u64,
            numbers: numeric_fields().filter_map(|field| NumberSummary::of(field, source)).collect(),
            tenure_bands: rates::tenure_bands(source),
            correlations: associations::between_numbers(rows),
            with_churn: if labelled { associations::with_churn(rows, &categories) } else { Vec::new() },
            consistency: Consistency::of(rows),
            categories,
        }
    }
}

fn is_padded(row: &Row) -> bool {
    row.record.customer_id.as_deref().is_some_and(|id| id.trim() != id)
}

/// The labels of `field`: those of a category, 0 and 1 of a flag, none of a number.
pub(super) fn labels(field: Field) -> &'static [&'static str] {
    match field.kind() {
        Kind::Category(labels) => labels,
        Kind::Integer { min: 0.0, max: 1.0, .. } => &["0", "1"],
        Kind::Integer { .. } | Kind::Number { .. } => &[],
    }
}

/// The fields that are measured or counted.
pub(super) fn numeric_fields() -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(|field| labels(*field).is_empty())
}

/// The values of a numeric field, one a row.
pub(super) fn values(field: Field, rows: &[Row]) -> Vec<f64> {
    let value = |row: &Row| row.record.customer.text(field).parse();
    rows.iter().map(|row| value(row).expect("the text of a numeric field is a number")).collect()
}
