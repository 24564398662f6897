//! How well the probabilities rank: those who churn above those who stay.

use serde::{Deserialize, Serialize};

use crate::normal::Z_TWO_SIDED;
use crate::{EvaluationError, Scored};

/// A 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Area under the ROC curve in [0, 1]: the share of pairs (one who churned, one who stayed) that are in the right
/// order, a tie counting half (Mann-Whitney U; Hanley and McNeil 1982). Pairs are counted in integers.
///
/// # Errors
/// Where all rows have the same outcome.
pub fn roc_auc(scored: &Scored<'_>) -> Result<f64, EvaluationError> {
    let (churned, stayed) = both(scored)?;
    let (mut above, mut half_pairs) = (0_u128, 0_u128);
    for tie in scored.ties() {
        half_pairs += u128::from(tie.stayed) * (2 * above + u128::from(tie.churned));
        above += u128::from(tie.churned);
    }
    Ok(half_pairs as f64 / (2 * u128::from(churned) * u128::from(stayed)) as f64)
}

/// 95 % confidence interval of [`roc_auc`], in [0, 1]: the area and 1.96 standard errors to both sides, by the variance
/// of DeLong, DeLong and Clarke-Pearson (1988, equation 5). `None` where a single row has one of the outcomes: it tells
/// nothing of how much such rows differ.
///
/// # Errors
/// Where all rows have the same outcome.
pub fn roc_auc_interval(scored: &Scored<'_>) -> Result<Option<Interval>, EvaluationError> {
    let area = roc_auc(scored)?;
    let (churned, stayed) = both(scored)?;
    if churned == 1 || stayed == 1 {
        return Ok(None);
    }
    // The paper's components V10 and V01: of each row the share of rows of the other outcome in the right order.
    let (mut v10, mut v01) = (0.0, 0.0);
    let (mut churned_above, mut stayed_above) = (0, 0);
    for tie in scored.ties() {
        let stayed_below = (stayed - stayed_above - tie.stayed) as f64;
        let of_churned = (stayed_below + tie.stayed as f64 / 2.0) / stayed as f64 - area;
        let of_stayed = (churned_above as f64 + tie.churned as f64 / 2.0) / churned as f64 - area;
        v10 += tie.churned as f64 * of_churned * of_churned;
        v01 += tie.stayed as f64 * of_stayed * of_stayed;
        churned_above += tie.churned;
        stayed_above += tie.stayed;
    }
    let variance = |squares: f64, rows: u64| squares / (rows - 1) as f64 / rows as f64;
    let error = Z_TWO_SIDED * (variance(v10, churned) + variance(v01, stayed)).sqrt();
    Ok(Some(Interval { low: (area - error).max(0.0), high: (area + error).min(1.0) }))
}

/// Area under the precision-recall curve in [0, 1] as average precision: the mean of the precision at each threshold,
/// weighted by the recall that it adds; rows of equal probability share a threshold (scikit-learn's definition).
///
/// # Errors
/// Where all rows have the same outcome.
pub fn average_precision(scored: &Scored<'_>) -> Result<f64, EvaluationError> {
    let (churned, _) = both(scored)?;
    let (mut hits, mut rows, mut sum) = (0_u64, 0_u64, 0.0);
    for tie in scored.ties() {
        hits += tie.churned;
        rows += tie.churned + tie.stayed;
        sum += tie.churned as f64 * (hits as f64 / rows as f64);
    }
    Ok(sum / churned as f64)
}

/// Rows that churned and rows that stayed, at least one each.
pub(crate) fn both(scored: &Scored<'_>) -> Result<(u64, u64), EvaluationError> {
    let (rows, churned) = (scored.rows(), scored.churned());
    if churned == 0 || churned == rows {
        return Err(EvaluationError::OneClass { rows });
    }
    Ok((churned as u64, (rows - churned) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scored::tests_support::pseudo_random;

    /// Expected values: scikit-learn 1.9.1, `roc_auc_score` and `average_precision_score`.
    fn check(probability: &[f64], churned: &[u8], auc: f64, precision: f64) {
        let churned: Vec<bool> = churned.iter().map(|&label| label == 1).collect();
        let scored = Scored::parse(probability, &churned).unwrap();
        assert!((roc_auc(&scored).unwrap() - auc).abs() < 1e-15, "AUC of {probability:?}");
        assert!(
            (average_precision(&scored).unwrap() - precision).abs() < 1e-15,
            "precision of {probability:?}"
        );
    }

    #[test]
    fn figures_are_those_of_scikit_learn() {
        check(&[0.1, 0.4, 0.35, 0.8], &[0, 0, 1, 1], 0.75, 0.833_333_333_333_333_3);
        check(&[0.5, 0.5, 0.5, 0.2, 0.2, 0.9], &[1, 0, 1, 1, 0, 0], 0.388_888_888_888_888_9, 0.5);
        check(&[0.3, 0.3, 0.3, 0.3], &[1, 0, 0, 1], 0.5, 0.5);
        check(&[1.0, 0.0], &[1, 0], 1.0, 1.0);
        check(&[0.0, 1.0], &[1, 0], 0.0, 0.5);
    }

    #[test]
    fn the_area_is_the_share_of_pairs_in_the_right_order() {
        for seed in 0..20 {
            let (probability, churned) = pseudo_random(60, seed);
            let scored = Scored::parse(&probability, &churned).unwrap();
            let (mut right, mut pairs) = (0.0, 0.0);
            for (p, _) in scored.iter().filter(|(_, churned)| *churned) {
                for (q, _) in scored.iter().filter(|(_, churned)| !churned) {
                    right += if q < p { 1.0 } else { 0.5 * f64::from(p == q) };
                    pairs += 1.0;
                }
            }
            assert!((roc_auc(&scored).unwrap() - right / pairs).abs() < 1e-15, "seed {seed}");
        }
    }

    /// The paper's formula over all pairs.
    fn textbook_interval(scored: &Scored<'_>) -> Interval {
        let of = |label: bool| {
            scored.iter().filter(move |row| row.1 == label).map(|row| row.0).collect::<Vec<_>>()
        };
        let (churned, stayed) = (of(true), of(false));
        let right = |x: f64, y: f64| if y < x { 1.0 } else { 0.5 * f64::from(x == y) };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let v10: Vec<f64> =
            churned.iter().map(|&x| mean(&stayed.iter().map(|&y| right(x, y)).collect::<Vec<_>>())).collect();
        let v01: Vec<f64> =
            stayed.iter().map(|&y| mean(&churned.iter().map(|&x| right(x, y)).collect::<Vec<_>>())).collect();
        let variance = |values: &[f64]| {
            let deviations: Vec<f64> =
                values.iter().map(|v| (v - mean(values)) * (v - mean(values))).collect();
            deviations.iter().sum::<f64>() / (values.len() - 1) as f64 / values.len() as f64
        };
        let error = 1.959_963_984_540_054 * (variance(&v10) + variance(&v01)).sqrt();
        Interval { low: (mean(&v10) - error).max(0.0), high: (mean(&v10) + error).min(1.0) }
    }

    #[test]
    fn the_interval_is_that_of_the_paper() {
        for seed in 0..20 {
            let (probability, churned) = pseudo_random(60, seed);
            let scored = Scored::parse(&probability, &churned).unwrap();
            let (found, expected) = (roc_auc_interval(&scored).unwrap().unwrap(), textbook_interval(&scored));
            assert!((found.low - expected.low).abs() < 1e-14, "seed {seed}: {found:?} {expected:?}");
            assert!((found.high - expected.high).abs() < 1e-14, "seed {seed}: {found:?} {expected:?}");
            assert!(found.low < found.high);
        }
    }

    #[test]
    fn one_row_of_an_outcome_has_no_interval() {
        let scored = Scored::parse(&[0.9, 0.2, 0.1], &[true, false, false]).unwrap();
        assert_eq!(roc_auc_interval(&scored), Ok(None));
    }

    #[test]
    fn a_ranking_needs_both_outcomes() {
        let scored = Scored::parse(&[0.5, 0.6], &[true, true]).unwrap();
        assert_eq!(roc_auc(&scored), Err(EvaluationError::OneClass { rows: 2 }));
        assert_eq!(average_precision(&scored), Err(EvaluationError::OneClass { rows: 2 }));
    }
}
