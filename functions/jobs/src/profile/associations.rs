//! Which fields go together, and which go with churn.

use churn::Field;
use serde::Serialize;

use super::figures::{numeric_fields, values};
use super::rates::FieldRates;
use super::statistics::pearson;
use crate::source::{LABEL, Row};

/// How strongly two columns go together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Correlation {
    /// The one.
    pub(crate) a: &'static str,
    /// The other.
    pub(crate) b: &'static str,
    /// What the value is.
    pub(crate) measure: Measure,
    /// The value; absent where one of the columns is constant.
    pub(crate) value: Option<f64>,
}

/// A measure of association.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    /// Pearson's correlation of two numbers, in [-1, 1].
    Pearson,
    /// Pearson's correlation of a number and an outcome (1 churned, 0 stayed), in [-1, 1].
    PointBiserial,
    /// Cramer's V of a category and an outcome, in [0, 1]; it has no sign.
    CramersV,
}

impl Measure {
    /// The measure's name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pearson => "Pearson's r",
            Self::PointBiserial => "point-biserial r",
            Self::CramersV => "Cramer's V",
        }
    }
}

/// Every pair of numeric fields, in their order.
pub(super) fn between_numbers(rows: &[Row]) -> Vec<Correlation> {
    let columns: Vec<(Field, Vec<f64>)> =
        numeric_fields().map(|field| (field, values(field, rows))).collect();
    let mut correlations = Vec::new();
    for (place, (a, x)) in columns.iter().enumerate() {
        for (b, y) in &columns[place + 1..] {
            let value = pearson(x, y);
            correlations.push(Correlation { a: a.name(), b: b.name(), measure: Measure::Pearson, value });
        }
    }
    correlations
}

/// Every field with churn, the strongest first; what is undefined comes last.
pub(super) fn with_churn(rows: &[Row], categories: &[FieldRates]) -> Vec<Correlation> {
    let outcome: Vec<f64> = rows.iter().map(|row| f64::from(row.churned)).collect();
    let of = |a, measure, value| Correlation { a, b: LABEL, measure, value };
    let numbers = numeric_fields()
        .map(|field| of(field.name(), Measure::PointBiserial, pearson(&values(field, rows), &outcome)));
    let categories = categories.iter().map(|rates| of(rates.field, Measure::CramersV, rates.cramers_v));
    let mut correlations: Vec<Correlation> = numbers.chain(categories).collect();
    let strength = |correlation: &Correlation| correlation.value.map_or(-1.0, f64::abs);
    correlations.sort_by(|a, b| strength(b).total_cmp(&strength(a)));
    correlations
}
