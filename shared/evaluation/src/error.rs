//! What cannot be judged.

use thiserror::Error;

/// Why there is no figure.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EvaluationError {
    /// Not one outcome a probability.
    #[error("{found} outcomes for {expected} probabilities")]
    UnequalLengths {
        /// Number of probabilities.
        expected: usize,
        /// Number of outcomes.
        found: usize,
    },
    /// Two histograms over different bins.
    #[error("{found} bins for {expected} expected ones")]
    UnequalBins {
        /// Number of bins expected.
        expected: usize,
        /// Number of bins found.
        found: usize,
    },
    /// There is nothing to judge.
    #[error("there are no rows")]
    NoRows,
    /// A ranking needs rows of both outcomes.
    #[error("all {rows} rows have the same outcome; a ranking needs both")]
    OneClass {
        /// Number of rows.
        rows: usize,
    },
    /// Probabilities that leave no pair of unlike outcomes to be expected.
    #[error(
        "the probabilities of all {rows} rows are certain of the same outcome, so they promise no ranking of these rows"
    )]
    Certain {
        /// Number of rows.
        rows: usize,
    },
    /// A comparison needs more rows of an outcome.
    #[error("{found} rows {outcome}, the comparison needs at least {expected}")]
    FewRows {
        /// `churned` or `stayed`.
        outcome: &'static str,
        /// The least number of rows.
        expected: usize,
        /// Number of rows.
        found: usize,
    },
    /// Not a probability.
    #[error("the probability of row {row} is {found}, expected a number in [0, 1]")]
    ProbabilityOutOfRange {
        /// Row, from 0.
        row: usize,
        /// The number.
        found: f64,
    },
    /// Not a cost.
    #[error("cost {name} is {found}, expected a finite number above 0")]
    CostOutOfRange {
        /// Which cost.
        name: &'static str,
        /// The number.
        found: f64,
    },
    /// Not a parameter of a campaign.
    #[error("campaign parameter {name} is {found:?}, expected {expected}")]
    ParameterOutOfRange {
        /// Which parameter.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
        /// The number.
        found: f64,
    },
    /// Not one label a row.
    #[error("{found} labels for {expected} rows")]
    UnequalLabels {
        /// Number of rows.
        expected: usize,
        /// Number of labels.
        found: usize,
    },
}
