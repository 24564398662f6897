//! Numeric fields: how their values are spread.

use churn::{Field, Kind};
use serde::Serialize;

use super::figures::values;
use super::statistics::{mean, quantile, standard_deviation};
use crate::source::Source;

/// Bins of a histogram, of equal width from the smallest value to the largest.
const BINS: usize = 12;

/// One numeric field over the rows without fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct NumberSummary {
    /// The field's name.
    pub(crate) field: &'static str,
    /// What it is measured in.
    pub(crate) unit: &'static str,
    /// The smallest value.
    pub(crate) min: f64,
    /// First quartile; quartiles are linear between neighbours.
    pub(crate) q1: f64,
    /// The middle value.
    pub(crate) median: f64,
    /// Third quartile.
    pub(crate) q3: f64,
    /// The largest value.
    pub(crate) max: f64,
    /// Arithmetic mean.
    pub(crate) mean: f64,
    /// Sample standard deviation; absent of a single row.
    pub(crate) sd: Option<f64>,
    /// How the values are spread.
    pub(crate) histogram: Histogram,
}

/// Counts in bins of equal width; a value on an inner edge belongs to the bin above it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Histogram {
    /// Edges of the bins, rising, one more than there are bins.
    pub(crate) edges: Vec<f64>,
    /// Rows of each bin that stayed, or all rows of it where the file has no labels.
    pub(crate) stayed: Vec<u64>,
    /// Rows of each bin that churned; absent where the file has no labels.
    pub(crate) churned: Option<Vec<u64>>,
}

impl NumberSummary {
    /// The summary of `field`, or `None` where there are no rows.
    pub(super) fn of(field: Field, source: &Source) -> Option<Self> {
        let values = values(field, &source.rows);
        let mut rising = values.clone();
        rising.sort_by(f64::total_cmp);
        let (&min, &max) = (rising.first()?, rising.last()?);
        Some(Self {
            field: field.name(),
            unit: match field.kind() {
                Kind::Integer { unit, .. } | Kind::Number { unit, .. } => unit,
                Kind::Category(_) => unreachable!("a category is no number"),
            },
            min,
            q1: quantile(&rising, 0.25),
            median: quantile(&rising, 0.5),
            q3: quantile(&rising, 0.75),
            max,
            mean: mean(&values),
            sd: standard_deviation(&values),
            histogram: Histogram::of(&values, source, (min, max)),
        })
    }
}

impl Histogram {
    fn of(values: &[f64], source: &Source, (min, max): (f64, f64)) -> Self {
        let edge = |bin: usize| min + (max - min) * bin as f64 / BINS as f64;
        let edges: Vec<f64> = (0..=BINS).map(edge).collect();
        let mut counts = [vec![0; BINS], vec![0; BINS]];
        for (value, row) in values.iter().zip(&source.rows) {
            // The last edge is the largest value, which belongs to the last bin.
            let bin = edges[1..BINS].partition_point(|edge| edge <= value);
            counts[usize::from(row.churned)][bin] += 1;
        }
        let [stayed, churned] = counts;
        Self { edges, stayed, churned: source.labelled.then_some(churned) }
    }
}
