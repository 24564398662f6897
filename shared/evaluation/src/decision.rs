//! Decisions at a threshold, and the threshold that costs least.

use serde::{Deserialize, Serialize};

use crate::{EvaluationError, Scored};

/// How decisions and outcomes meet at one threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionMatrix {
    /// Called, and churned.
    pub true_positives: u64,
    /// Called, and stayed.
    pub false_positives: u64,
    /// Not called, and stayed.
    pub true_negatives: u64,
    /// Not called, and churned.
    pub false_negatives: u64,
}

impl ConfusionMatrix {
    /// Decisions of `threshold <= probability`.
    #[must_use]
    pub fn at(scored: &Scored<'_>, threshold: f64) -> Self {
        let mut matrix = Self::default();
        for (p, churned) in scored.iter() {
            *match (threshold <= p, churned) {
                (true, true) => &mut matrix.true_positives,
                (true, false) => &mut matrix.false_positives,
                (false, false) => &mut matrix.true_negatives,
                (false, true) => &mut matrix.false_negatives,
            } += 1;
        }
        matrix
    }

    /// Share of right decisions, in [0, 1].
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let right = self.true_positives + self.true_negatives;
        right as f64 / (right + self.false_positives + self.false_negatives) as f64
    }

    /// Share of those called who churned, in [0, 1]; `None` where nobody is called.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Share of those who churned who were called, in [0, 1]; `None` where nobody churned.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// Harmonic mean of precision and recall, in [0, 1]; `None` where nobody was called and nobody churned.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

/// What wrong decisions cost, in any one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    false_positive: f64,
    false_negative: f64,
}

impl Costs {
    /// Costs of calling one who stays and of missing one who churns, both finite and above 0.
    ///
    /// # Errors
    /// Where one of them is not.
    pub fn parse(false_positive: f64, false_negative: f64) -> Result<Self, EvaluationError> {
        for (name, found) in [("false_positive", false_positive), ("false_negative", false_negative)] {
            if !(found.is_finite() && 0.0 < found) {
                return Err(EvaluationError::CostOutOfRange { name, found });
            }
        }
        Ok(Self { false_positive, false_negative })
    }

    /// The threshold that costs least where probabilities are right (Elkan 2001, equation 2).
    #[must_use]
    pub fn bayes_threshold(&self) -> f64 {
        self.false_positive / (self.false_positive + self.false_negative)
    }
}

/// The threshold in [0, 1] whose decisions cost least on these rows, halfway between two neighbouring probabilities.
/// Of equal ones the nearest to [`Costs::bayes_threshold`]. O(n log n).
#[must_use]
pub fn cheapest_threshold(scored: &Scored<'_>, costs: &Costs) -> f64 {
    let ties = scored.ties();
    let bayes = costs.bayes_threshold();
    let mut cost = scored.churned() as f64 * costs.false_negative;
    // Above the highest probability nobody is called; where that is 1, no threshold in [0, 1] lies above it.
    let highest = ties[0].probability;
    let mut best = (highest < 1.0).then(|| (cost, f64::midpoint(highest, 1.0)));
    for (index, tie) in ties.iter().enumerate() {
        cost += tie.stayed as f64 * costs.false_positive - tie.churned as f64 * costs.false_negative;
        let threshold =
            ties.get(index + 1).map_or(0.0, |next| f64::midpoint(next.probability, tie.probability));
        let nearer = |other: f64| (threshold - bayes).abs() < (other - bayes).abs();
        if best.is_none_or(|(least, other)| cost < least || (cost == least && nearer(other))) {
            best = Some((cost, threshold));
        }
    }
    best.map_or(bayes, |(_, threshold)| threshold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scored::tests_support::pseudo_random;

    #[test]
    fn the_matrix_counts_a_probability_at_the_threshold_as_called() {
        let scored = Scored::parse(&[0.9, 0.5, 0.5, 0.2], &[true, true, false, true]).unwrap();
        let matrix = ConfusionMatrix::at(&scored, 0.5);
        let expected =
            ConfusionMatrix { true_positives: 2, false_positives: 1, true_negatives: 0, false_negatives: 1 };
        assert_eq!(matrix, expected);
        assert_eq!(matrix.accuracy(), 0.5);
        assert_eq!(
            (matrix.precision(), matrix.recall(), matrix.f1()),
            (Some(2.0 / 3.0), Some(2.0 / 3.0), Some(2.0 / 3.0))
        );
        let nobody = ConfusionMatrix::at(&scored, 0.95);
        assert_eq!((nobody.precision(), nobody.recall(), nobody.f1()), (None, Some(0.0), Some(0.0)));
    }

    fn cost(scored: &Scored<'_>, costs: &Costs, threshold: f64) -> f64 {
        let matrix = ConfusionMatrix::at(scored, threshold);
        matrix.false_positives as f64 * costs.false_positive
            + matrix.false_negatives as f64 * costs.false_negative
    }

    #[test]
    fn no_threshold_is_cheaper_than_the_cheapest() {
        for seed in 0..50 {
            let (probability, churned) = pseudo_random(40, seed);
            let scored = Scored::parse(&probability, &churned).unwrap();
            for (false_positive, false_negative) in [(1.0, 1.0), (2.0, 3.0), (1.0, 50.0), (50.0, 1.0)] {
                let costs = Costs::parse(false_positive, false_negative).unwrap();
                let found = cheapest_threshold(&scored, &costs);
                assert!((0.0..=1.0).contains(&found));
                let least = cost(&scored, &costs, found);
                for step in 0..=1000 {
                    let other = f64::from(step) / 1000.0;
                    assert!(least <= cost(&scored, &costs, other), "seed {seed}: {found} and {other}");
                }
            }
        }
    }

    #[test]
    fn equal_costs_are_decided_by_the_nearness_to_the_threshold_of_right_probabilities() {
        let scored = Scored::parse(&[0.1, 0.3, 0.6, 0.9], &[true, false, true, false]).unwrap();
        let costs = Costs::parse(1.0, 1.0).unwrap();
        assert_eq!(costs.bayes_threshold(), 0.5);
        assert_eq!(cheapest_threshold(&scored, &costs), f64::midpoint(0.3, 0.6));
    }

    #[test]
    fn costs_are_finite_and_above_0() {
        for (a, b) in [(0.0, 1.0), (1.0, -1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            assert!(Costs::parse(a, b).is_err(), "{a} {b}");
        }
    }
}
