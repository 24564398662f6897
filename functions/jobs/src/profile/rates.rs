//! Churn rates: by the labels of a field, and by how long somebody has been a customer.

use churn::Field;
use serde::Serialize;

use super::figures::{Churned, labels};
use super::statistics::cramers_v;
use crate::source::Source;

/// Bands of tenure in months, both ends included; the last is open.
const TENURE_BANDS: [(u16, u16, &str); 5] =
    [(0, 12, "0-12"), (13, 24, "13-24"), (25, 48, "25-48"), (49, 72, "49-72"), (73, u16::MAX, "73+")];

/// Rows of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Rate {
    /// What they have in common.
    pub(crate) label: String,
    /// How many there are.
    pub(crate) rows: u64,
    /// How many of them churned; absent without labels, and where there are no rows.
    pub(crate) churned: Option<Churned>,
}

/// One categorical field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FieldRates {
    /// The field's name.
    pub(crate) field: &'static str,
    /// Cramer's V with churn, in [0, 1]; absent without labels, and where all rows are of one label or outcome.
    pub(crate) cramers_v: Option<f64>,
    /// One entry a label that the field takes, in the order of their codes; some may have no rows.
    pub(crate) rates: Vec<Rate>,
}

impl FieldRates {
    /// The rates of `field`, or `None` where it is a number.
    pub(super) fn of(field: Field, source: &Source) -> Option<Self> {
        let labels = labels(field);
        if labels.is_empty() {
            return None;
        }
        let mut counts = vec![[0, 0]; labels.len()];
        for row in &source.rows {
            let text = row.record.customer.text(field);
            let code = labels.iter().position(|label| *label == text).expect("a label of the field");
            counts[code][usize::from(row.churned)] += 1;
        }
        let cramers_v = if source.labelled { cramers_v(&counts) } else { None };
        let rates = labels.iter().zip(&counts).map(|(label, counts)| Rate::of(label, *counts, source));
        Some(Self { field: field.name(), cramers_v, rates: rates.collect() })
    }
}

impl Rate {
    fn of(label: &str, [stayed, churned]: [u64; 2], source: &Source) -> Self {
        let rows = stayed + churned;
        Self {
            label: label.to_owned(),
            rows,
            churned: if source.labelled { Churned::of(churned, rows) } else { None },
        }
    }
}

/// One entry a band, the shortest tenure first.
pub(super) fn tenure_bands(source: &Source) -> Vec<Rate> {
    let band = |(first, last, label): (u16, u16, &str)| {
        let mut counts = [0, 0];
        for row in &source.rows {
            let inside = (first..=last).contains(&row.record.customer.tenure.get());
            counts[usize::from(row.churned)] += u64::from(inside);
        }
        Rate::of(label, counts, source)
    };
    TENURE_BANDS.map(band).to_vec()
}
