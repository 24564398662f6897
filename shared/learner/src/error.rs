//! What can be wrong with data or parameters.

use evaluation::EvaluationError;
use thiserror::Error;

/// Why nothing can be learned.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LearnerError {
    /// Labels are not one a row.
    #[error("{found} labels for {expected} rows")]
    UnequalLengths {
        /// Rows of the feature matrix.
        expected: usize,
        /// Labels.
        found: usize,
    },
    /// No rows, no features, or more than can be indexed.
    #[error("a dataset of {rows} rows and {features} features cannot be learned from")]
    Shape {
        /// Rows; 1..2^32 are accepted.
        rows: usize,
        /// Features; 1..=254 are accepted.
        features: usize,
    },
    /// A feature value is NaN or infinite.
    #[error("feature {feature} of row {row} is {found}, not a finite number")]
    ValueNotFinite {
        /// Row, from 0.
        row: usize,
        /// Feature, from 0.
        feature: usize,
        /// The value.
        found: f32,
    },
    /// All rows have the same label, so there is nothing to tell apart.
    #[error("all {rows} rows have the same label; both are needed")]
    OneClass {
        /// Number of rows.
        rows: usize,
    },
    /// A hyperparameter outside its range.
    #[error("{name} is {found}, expected {expected}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// Its range.
        expected: &'static str,
        /// Its value.
        found: f64,
    },
    /// More folds than rows of the rarer label, or fewer than two.
    #[error("{found} folds, expected 2 to {expected}, the number of rows of the rarer label")]
    Folds {
        /// The most that the data allows.
        expected: usize,
        /// Folds asked for.
        found: usize,
    },
    /// Numbers of codes are not one a feature.
    #[error("{found} numbers of codes for {expected} features")]
    Categories {
        /// Number of features.
        expected: usize,
        /// Entries.
        found: usize,
    },
    /// Newton's method did not arrive: the features are too nearly the same, or far too large.
    #[error("logistic regression has not converged after {steps} steps; a larger l2 helps")]
    NoConvergence {
        /// Newton steps taken.
        steps: u32,
    },
    /// Newton's method cannot make its next step: features are the same or very nearly so, and l2 is too small to tell them
    /// apart.
    #[error("logistic regression has no single best fit; a larger l2 gives it one")]
    Singular,
    /// Monotone constraints are not one a feature.
    #[error("{found} monotone constraints for {expected} features")]
    Constraints {
        /// Number of features.
        expected: usize,
        /// Number of constraints.
        found: usize,
    },
    /// The rows that bootstrap samples left out cannot be judged.
    #[error("the out-of-bag predictions cannot be judged")]
    OutOfBag {
        /// Why.
        #[source]
        source: EvaluationError,
    },
    /// The scores of shuffled rows cannot be judged.
    #[error("the model cannot be judged on shuffled rows")]
    Importance {
        /// Why.
        #[source]
        source: EvaluationError,
    },
    /// A fold's scores cannot be judged.
    #[error("fold {fold} cannot be judged")]
    Evaluation {
        /// Index of the fold, from 0.
        fold: usize,
        /// Why.
        #[source]
        source: EvaluationError,
    },
}
