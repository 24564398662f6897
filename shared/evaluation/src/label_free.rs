//! What probabilities promise of themselves: figures that are expected before any outcome is known.

use crate::EvaluationError;

/// The ROC-AUC in [0, 1] that probabilities reach on average where they are right, each row churning with its own
/// `probability` (confidence-based performance estimation; NannyML). Expected pairs in the right order over expected
/// pairs, a tie counting half; O(n log n).
///
/// # Errors
/// No rows, a number that is no probability, or rows that are all certain of one outcome.
pub fn expected_roc_auc(probability: &[f64]) -> Result<f64, EvaluationError> {
    let rows = probability.len();
    if rows == 0 {
        return Err(EvaluationError::NoRows);
    }
    if let Some(row) = probability.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(EvaluationError::ProbabilityOutOfRange { row, found: probability[row] });
    }
    let mut sorted = probability.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let (mut above, mut right, mut pairs, total) = (0.0, 0.0, 0.0, sorted.iter().sum::<f64>());
    for tie in sorted.chunk_by(|a, b| a == b) {
        let (p, count) = (tie[0], tie.len() as f64);
        let stayed = count * (1.0 - p);
        // Within the tie a row is paired with every other row but itself.
        right += stayed * above + 0.5 * (1.0 - p) * p * count * (count - 1.0);
        pairs += stayed * (total - p);
        above += count * p;
    }
    if pairs <= 0.0 { Err(EvaluationError::Certain { rows }) } else { Ok(right / pairs) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All outcomes of a few rows, each weighted by its probability.
    fn enumerated(probability: &[f64]) -> f64 {
        let (mut right, mut pairs) = (0.0, 0.0);
        for (i, p) in probability.iter().enumerate() {
            for (j, q) in probability.iter().enumerate().filter(|(j, _)| *j != i) {
                let weight = p * (1.0 - q);
                pairs += weight;
                right += weight * if q < p { 1.0 } else { 0.5 * f64::from(p == q) };
                assert_ne!(i, j);
            }
        }
        right / pairs
    }

    #[test]
    fn pairs_are_weighted_by_the_chance_that_they_occur() {
        for probability in [vec![0.9, 0.1], vec![0.3, 0.3, 0.7], vec![0.5; 4], vec![1.0, 0.0, 0.2, 0.2, 0.2]]
        {
            let found = expected_roc_auc(&probability).unwrap();
            assert!((found - enumerated(&probability)).abs() < 1e-14, "{probability:?}: {found}");
        }
        assert_eq!(expected_roc_auc(&[1.0, 0.0]), Ok(1.0));
    }

    #[test]
    fn what_promises_nothing_is_refused() {
        assert_eq!(expected_roc_auc(&[]), Err(EvaluationError::NoRows));
        assert_eq!(expected_roc_auc(&[1.0, 1.0]), Err(EvaluationError::Certain { rows: 2 }));
        assert!(expected_roc_auc(&[0.5, f64::NAN]).is_err());
    }
}
