//! Reference histograms: how features and scores were spread when the model was made, for drift to be seen against.

use serde::{Deserialize, Serialize};

use crate::{FEATURE_COUNT, FEATURES, Features};

/// Bins of a numeric feature, at its quantiles, so that each holds about as many rows.
const NUMERIC_BINS: usize = 10;
/// Bins of the score, of equal width.
const SCORE_BINS: usize = 20;

/// Histograms of the eight features and of the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// One a feature, in the order of the features: quantile bins for numbers, a bin a code for categories.
    pub features: Vec<Histogram>,
    /// Of the probability, in bins of 0.05.
    pub score: Histogram,
}

impl Reference {
    /// Histograms of `rows` and of `scores`, which need not be of the same rows.
    #[must_use]
    pub fn of(rows: &[Features], scores: &[f64]) -> Self {
        let feature = |index: usize| {
            let values: Vec<f64> = rows.iter().map(|row| f64::from(row[index])).collect();
            let edges = match FEATURES[index].labels().len() {
                0 => quantile_edges(&values),
                labels => (1..labels).map(|code| (code - 1) as f64).collect(),
            };
            Histogram::of(edges, &values)
        };
        let score_edges = (1..SCORE_BINS).map(|bin| bin as f64 / SCORE_BINS as f64).collect();
        Self {
            features: (0..FEATURES.len()).map(feature).collect(),
            score: Histogram::of(score_edges, scores),
        }
    }

    /// The edges alone; `None` where there is not one histogram a feature, which no artifact that was decoded has.
    #[must_use]
    pub fn view(&self) -> Option<ReferenceView<'_>> {
        let features: Vec<Edges<'_>> = self.features.iter().map(Histogram::view).collect();
        Some(ReferenceView { features: features.try_into().ok()?, score: self.score.view() })
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.features.len() == FEATURES.len()
            && self.features.iter().chain([&self.score]).all(Histogram::is_sound)
    }
}

/// Counts between edges: bin `i` holds `edges[i - 1] < x <= edges[i]`, the first and the last are open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// Strictly rising, finite.
    pub edges: Vec<f64>,
    /// One more than edges.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Counts `values` between `edges`, which rise strictly.
    #[must_use]
    pub fn of(edges: Vec<f64>, values: &[f64]) -> Self {
        let mut counts = vec![0; edges.len() + 1];
        for &value in values {
            counts[Edges(&edges).bin(value)] += 1;
        }
        Self { edges, counts }
    }

    /// The edges alone.
    #[must_use]
    pub fn view(&self) -> Edges<'_> {
        Edges(&self.edges)
    }

    fn is_sound(&self) -> bool {
        let rising = self.edges.windows(2).all(|pair| pair[0] < pair[1]);
        rising && self.edges.iter().all(|edge| edge.is_finite()) && self.counts.len() == self.edges.len() + 1
    }
}

/// Where values are counted: the edges of the reference histograms, borrowed from an artifact or from statics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReferenceView<'a> {
    /// One a feature, in the order of the features.
    pub features: [Edges<'a>; FEATURE_COUNT],
    /// Of the probability.
    pub score: Edges<'a>,
}

/// The edges of one histogram, strictly rising.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edges<'a>(pub &'a [f64]);

impl Edges<'_> {
    /// The bin that `value` falls into, from 0: a value on an edge belongs to the bin below it.
    ///
    /// ```
    /// use churn::Edges;
    /// assert_eq!([0.0, 1.0, 1.5, 2.5].map(|value| Edges(&[1.0, 2.0]).bin(value)), [0, 0, 1, 2]);
    /// ```
    #[must_use]
    pub fn bin(&self, value: f64) -> usize {
        self.0.partition_point(|&edge| edge < value)
    }

    /// How many bins there are.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.0.len() + 1
    }
}

/// The inner deciles of `values`, each once. A decile that is the largest value is left out: nothing lies above it.
fn quantile_edges(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(&largest) = sorted.last() else { return Vec::new() };
    let decile = |bin: usize| sorted[sorted.len() * bin / NUMERIC_BINS];
    let mut edges: Vec<f64> = (1..NUMERIC_BINS).map(decile).filter(|&edge| edge < largest).collect();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_an_edge_falls_into_the_bin_below_it() {
        let histogram = Histogram::of(vec![1.0, 2.0], &[0.0, 1.0, 1.5, 2.0, 2.5, 9.0]);
        assert_eq!(histogram.counts, [2, 2, 2]);
    }

    #[test]
    fn numbers_get_deciles_and_categories_a_bin_a_code() {
        let rows: Vec<Features> =
            (0..100_u8).map(|i| [f32::from(i), 1.0, 0.0, 1.0, f32::from(i % 3), 0.0, 3.0, 1.0]).collect();
        let reference = Reference::of(&rows, &[0.05, 0.051, 1.0]);
        assert_eq!(reference.features[0].counts, [11, 10, 10, 10, 10, 10, 10, 10, 10, 9]);
        assert_eq!(reference.features[1], Histogram { edges: vec![], counts: vec![100] });
        assert_eq!(reference.features[4], Histogram { edges: vec![0.0, 1.0], counts: vec![34, 33, 33] });
        assert_eq!(
            reference.features[6],
            Histogram { edges: vec![0.0, 1.0, 2.0], counts: vec![0, 0, 0, 100] }
        );
        assert_eq!(
            (reference.score.counts[0], reference.score.counts[1], reference.score.counts[19]),
            (1, 1, 1)
        );
        assert!(reference.is_sound());
    }
}
