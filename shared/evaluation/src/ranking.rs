//! How well the probabilities rank: those who churn above those who stay.

use crate::{EvaluationError, Scored};

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
fn both(scored: &Scored<'_>) -> Result<(u64, u64), EvaluationError> {
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

    #[test]
    fn a_ranking_needs_both_outcomes() {
        let scored = Scored::parse(&[0.5, 0.6], &[true, true]).unwrap();
        assert_eq!(roc_auc(&scored), Err(EvaluationError::OneClass { rows: 2 }));
        assert_eq!(average_precision(&scored), Err(EvaluationError::OneClass { rows: 2 }));
    }
}
