//! Two models on the same rows: how far apart their AUCs are, and how sure that is.

use serde::{Deserialize, Serialize};

use crate::normal::{Z_ONE_SIDED, Z_TWO_SIDED, cumulative};
use crate::{EvaluationError, Interval, Scored};

/// The AUCs of models a and b on the same rows, and their difference with its standard error.
///
/// Where both models place every row alike, or all rows apart by the same step, the standard error is 0: these rows
/// then speak with certainty, intervals shrink to the difference itself, and p values are 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedAuc {
    /// [`crate::roc_auc`] of model a, in [0, 1].
    pub a: f64,
    /// [`crate::roc_auc`] of model b, in [0, 1].
    pub b: f64,
    /// `b - a`, in [-1, 1]: above 0 where b ranks better.
    pub difference: f64,
    /// Standard error of `difference`, at least 0.
    pub standard_error: f64,
}

impl PairedAuc {
    /// Two-sided 95 % interval of the difference, in [-1, 1].
    #[must_use]
    pub fn interval(&self) -> Interval {
        let reach = Z_TWO_SIDED * self.standard_error;
        Interval { low: (self.difference - reach).max(-1.0), high: (self.difference + reach).min(1.0) }
    }

    /// One-sided 95 % lower bound of the difference, in [-1, 1].
    #[must_use]
    pub fn lower_95(&self) -> f64 {
        (self.difference - Z_ONE_SIDED * self.standard_error).max(-1.0)
    }

    /// One-sided p value, in [0, 1], of "b is at most `margin` worse than a" against "b is worse by more than that":
    /// a small one says that b is worse. `margin` is a difference of AUCs, at least 0.
    #[must_use]
    pub fn p_worse(&self, margin: f64) -> f64 {
        let beyond = self.difference + margin;
        if self.standard_error == 0.0 {
            return if beyond < 0.0 { 0.0 } else { 1.0 };
        }
        cumulative(beyond / self.standard_error)
    }
}

/// Compares the AUCs of the probabilities `a` and `b` of two models for the same rows, whose outcomes are `churned`
/// (DeLong, DeLong and Clarke-Pearson 1988). The variance of the difference (the paper's equation 7 with the contrast
/// (-1, 1)) is that of the differences of its components V10 and V01, so no covariance matrix is needed. O(n log n) by
/// ranks, as in Sun and Xu (2014).
///
/// # Errors
/// Unequal lengths, no rows, a number that is no probability, fewer than two rows of one outcome.
pub fn paired_roc_auc(a: &[f64], b: &[f64], churned: &[bool]) -> Result<PairedAuc, EvaluationError> {
    let (a, b) = (Scored::parse(a, churned)?, Scored::parse(b, churned)?);
    let of = |outcome: bool| churned.iter().filter(move |&&churned| churned == outcome).count();
    for (outcome, found) in [("churned", of(true)), ("stayed", of(false))] {
        if found < 2 {
            return Err(EvaluationError::FewRows { outcome, expected: 2, found });
        }
    }
    let (a, b) = (placements(&a), placements(&b));
    let steps = |outcome: bool| -> Vec<i64> {
        let placed = a.iter().zip(&b).zip(churned);
        placed.filter(|(_, churned)| **churned == outcome).map(|((a, b), _)| b - a).collect()
    };
    let area = |placements: &[i64]| {
        let churned_rows = placements.iter().zip(churned).filter(|(_, churned)| **churned);
        churned_rows.map(|(&placement, _)| i128::from(placement)).sum::<i128>()
    };
    let (m, n) = (of(true) as f64, of(false) as f64);
    Ok(PairedAuc {
        a: area(&a) as f64 / (2.0 * m * n),
        b: area(&b) as f64 / (2.0 * m * n),
        difference: (area(&b) - area(&a)) as f64 / (2.0 * m * n),
        standard_error: (variance_of_mean(&steps(true), 2.0 * n) + variance_of_mean(&steps(false), 2.0 * m))
            .sqrt(),
    })
}

/// Of each row, twice the number of rows of the other outcome that are in the right order with it, a tie counting one:
/// the paper's components V10 (churned) and V01 (stayed) in exact integers.
fn placements(scored: &Scored<'_>) -> Vec<i64> {
    let mut rows: Vec<(f64, bool, usize)> =
        scored.iter().enumerate().map(|(row, (p, churned))| (p, churned, row)).collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let stayed = (scored.rows() - scored.churned()) as i64;
    let mut placements = vec![0; rows.len()];
    let (mut churned_above, mut stayed_above) = (0, 0);
    for tie in rows.chunk_by(|a, b| a.0 == b.0) {
        let churned_here = tie.iter().filter(|(_, churned, _)| *churned).count() as i64;
        let stayed_here = tie.len() as i64 - churned_here;
        let stayed_below = stayed - stayed_above - stayed_here;
        for &(_, churned, row) in tie {
            placements[row] =
                if churned { 2 * stayed_below + stayed_here } else { 2 * churned_above + churned_here };
        }
        churned_above += churned_here;
        stayed_above += stayed_here;
    }
    placements
}

/// Variance of the mean of `steps / unit`.
fn variance_of_mean(steps: &[i64], unit: f64) -> f64 {
    let rows = steps.len() as f64;
    let mean = steps.iter().map(|&step| i128::from(step)).sum::<i128>() as f64 / rows;
    let squares: f64 = steps.iter().map(|&step| (step as f64 - mean) * (step as f64 - mean)).sum();
    squares / (rows - 1.0) / rows / (unit * unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roc_auc;
    use crate::scored::tests_support::pseudo_random;

    /// The paper's formula over all pairs: AUCs, and the standard error of their difference from S10 and S01.
    fn textbook(a: &[f64], b: &[f64], churned: &[bool]) -> [f64; 3] {
        let right = |x: f64, y: f64| if y < x { 1.0 } else { 0.5 * f64::from(x == y) };
        let rows_of = |outcome: bool| (0..churned.len()).filter(move |&row| churned[row] == outcome);
        let (m, n) = (rows_of(true).count() as f64, rows_of(false).count() as f64);
        let v10 = |p: &[f64]| -> Vec<f64> {
            rows_of(true).map(|i| rows_of(false).map(|j| right(p[i], p[j])).sum::<f64>() / n).collect()
        };
        let v01 = |p: &[f64]| -> Vec<f64> {
            rows_of(false).map(|j| rows_of(true).map(|i| right(p[i], p[j])).sum::<f64>() / m).collect()
        };
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let covariance = |u: &[f64], v: &[f64]| {
            let products = u.iter().zip(v).map(|(x, y)| (x - mean(u)) * (y - mean(v)));
            products.sum::<f64>() / (u.len() - 1) as f64
        };
        let of_difference = |a: &[f64], b: &[f64]| {
            (covariance(a, a) + covariance(b, b) - 2.0 * covariance(a, b)) / a.len() as f64
        };
        let variance = of_difference(&v10(a), &v10(b)) + of_difference(&v01(a), &v01(b));
        [mean(&v10(a)), mean(&v10(b)), variance.sqrt()]
    }

    #[test]
    fn figures_are_those_of_the_paper() {
        for seed in 0..20 {
            let (a, churned) = pseudo_random(60, seed);
            let (b, _) = pseudo_random(60, seed + 1_000);
            let found = paired_roc_auc(&a, &b, &churned).unwrap();
            let expected = textbook(&a, &b, &churned);
            for (found, expected) in [found.a, found.b, found.standard_error].into_iter().zip(expected) {
                assert!((found - expected).abs() < 1e-14, "seed {seed}: {found} and {expected}");
            }
            assert!((found.difference - (expected[1] - expected[0])).abs() < 1e-14);
            assert_eq!(found.a, roc_auc(&Scored::parse(&a, &churned).unwrap()).unwrap());
        }
    }

    #[test]
    fn exchanged_models_give_the_opposite_difference() {
        let (a, churned) = pseudo_random(200, 1);
        let (b, _) = pseudo_random(200, 2);
        let there = paired_roc_auc(&a, &b, &churned).unwrap();
        let back = paired_roc_auc(&b, &a, &churned).unwrap();
        assert_eq!((there.difference, there.standard_error), (-back.difference, back.standard_error));
        assert!((there.p_worse(0.0) + back.p_worse(0.0) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn bounds_and_p_values_say_the_same() {
        let found = PairedAuc { a: 0.85, b: 0.83, difference: -0.02, standard_error: 0.005 };
        assert!((found.lower_95() - (-0.02 - 1.644_853_626_951_472_2 * 0.005)).abs() < 1e-15);
        assert!((found.interval().low - (-0.02 - 1.959_963_984_540_054 * 0.005)).abs() < 1e-15);
        assert!((found.interval().high - (-0.02 + 1.959_963_984_540_054 * 0.005)).abs() < 1e-15);
        assert!((found.p_worse(0.01) - 0.022_750_131_948_179_21).abs() < 1e-15);
        assert!((found.p_worse(-found.lower_95()) - 0.95).abs() < 1e-12, "b is surely not that much worse");
    }

    /// Models that differ by the same step everywhere have no standard error; then the difference is the answer.
    fn check_certain(a: &[f64], b: &[f64], difference: f64, p_worse: [f64; 2]) {
        let found = paired_roc_auc(a, b, &[true, true, false, false]).unwrap();
        assert_eq!((found.difference, found.standard_error), (difference, 0.0), "{a:?} {b:?}");
        assert_eq!(found.interval(), Interval { low: difference, high: difference });
        assert_eq!(found.lower_95(), difference);
        assert_eq!([found.p_worse(0.0), found.p_worse(0.01)], p_worse, "{a:?} {b:?}");
    }

    #[test]
    fn without_a_standard_error_the_difference_is_certain() {
        check_certain(&[0.9, 0.4, 0.6, 0.1], &[0.9, 0.4, 0.6, 0.1], 0.0, [1.0, 1.0]);
        check_certain(&[0.9, 0.4, 0.6, 0.1], &[0.8, 0.3, 0.5, 0.2], 0.0, [1.0, 1.0]);
        check_certain(&[0.9, 0.8, 0.2, 0.1], &[0.1, 0.2, 0.8, 0.9], -1.0, [0.0, 0.0]);
        check_certain(&[0.1, 0.2, 0.8, 0.9], &[0.9, 0.8, 0.2, 0.1], 1.0, [1.0, 1.0]);
    }

    #[test]
    fn a_comparison_needs_two_rows_of_each_outcome() {
        let refused = |churned: &[bool]| {
            let p = vec![0.5; churned.len()];
            paired_roc_auc(&p, &p, churned).expect_err("too few rows").to_string()
        };
        assert_eq!(refused(&[true, false, false]), "1 rows churned, the comparison needs at least 2");
        assert_eq!(refused(&[true, true]), "0 rows stayed, the comparison needs at least 2");
    }
}
