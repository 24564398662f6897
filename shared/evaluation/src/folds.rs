//! Two learners compared over the folds of a cross-validation.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::Interval;

/// The mean difference of two learners' figures over the same folds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoldDifference {
    /// Mean of `b - a` over the folds.
    pub mean: f64,
    /// Corrected standard error of the mean, at least 0.
    pub standard_error: f64,
    /// Two-sided 95 % interval of the mean.
    pub interval: Interval,
}

/// Compares the figures `a` and `b`, one a fold each, of two learners on the same folds, whose test rows are
/// `test_share` of all rows, in (0, 1). `None` where there are fewer than two folds: they tell no error.
///
/// Folds share training rows, so their figures are not independent; the variance of the mean is
/// `(1 / k + test / training) s^2` over k folds, and its quantiles are those of Student's t with k - 1 degrees of
/// freedom (Nadeau and Bengio 2003, section 3, the corrected resampled t-test).
///
/// # Panics
/// Where there is not one figure of each a fold, or `test_share` is not in (0, 1).
#[must_use]
pub fn fold_difference(a: &[f64], b: &[f64], test_share: f64) -> Option<FoldDifference> {
    assert_eq!(a.len(), b.len(), "each fold gives one figure of each learner");
    assert!(0.0 < test_share && test_share < 1.0, "folds are tested on a part of the rows");
    let folds = a.len() as f64;
    if folds < 2.0 {
        return None;
    }
    let differences = a.iter().zip(b).map(|(a, b)| b - a);
    let mean = differences.clone().sum::<f64>() / folds;
    let squares: f64 = differences.map(|difference| (difference - mean) * (difference - mean)).sum();
    let variance = squares / (folds - 1.0) * (1.0 / folds + test_share / (1.0 - test_share));
    let standard_error = variance.sqrt();
    let student = StudentsT::new(0.0, 1.0, folds - 1.0).expect("at least one degree of freedom");
    let width = student.inverse_cdf(0.975) * standard_error;
    Some(FoldDifference {
        mean,
        standard_error,
        interval: Interval { low: mean - width, high: mean + width },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_that_of_the_corrected_t_test() {
        // Differences 0.01, 0.02, 0.03, 0.02 over 4 folds of a quarter: s = 0.00816497, correction 1/4 + 1/3.
        let found = fold_difference(&[0.8; 4], &[0.81, 0.82, 0.83, 0.82], 0.25).unwrap();
        assert!((found.mean - 0.02).abs() < 1e-12);
        assert!((found.standard_error - 0.006_236_095_644_623_24).abs() < 1e-12, "{found:?}");
        // scipy 1.17: t.ppf(0.975, 3) = 3.182446305284263.
        let width = 3.182_446_305_284_263 * found.standard_error;
        assert!((found.interval.high - found.interval.low - 2.0 * width).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn one_fold_tells_no_error() {
        assert_eq!(fold_difference(&[0.8], &[0.9], 0.2), None);
    }
}
