//! The scorer: features to a probability, a decision and a risk level. Borrowed, so that statics of a binary and a
//! model that was loaded go through the same few lines.

use forest::ForestView;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Features, Probability};

/// Everything that turns one row of features into an answer. Copy it freely: it borrows.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    /// The trees.
    pub forest: ForestView<'a>,
    /// Where a probability becomes a decision.
    pub decision: Decision,
}

impl Model<'_> {
    /// The prediction for one row of features.
    #[must_use]
    pub fn predict(&self, features: &Features) -> Prediction {
        let probability = Probability::parse(self.forest.probability(features))
            .expect("both links of a sound forest end in [0, 1]");
        Prediction {
            probability,
            churns: self.decision.threshold <= probability.get(),
            risk: self.decision.risk(probability),
        }
    }

    /// Scores every golden row again.
    ///
    /// # Errors
    /// The first row that does not come out to the last bit.
    pub fn check_golden(&self, golden: &[Golden]) -> Result<(), GoldenMismatch> {
        for (row, golden) in golden.iter().enumerate() {
            let found = self.forest.probability(&golden.features);
            if found.to_bits() != golden.probability.to_bits() {
                return Err(GoldenMismatch { row, expected: golden.probability, found });
            }
        }
        Ok(())
    }
}

/// What the model says of one customer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// Probability of churn, not rounded.
    pub probability: Probability,
    /// Whether the probability reaches the decision threshold.
    pub churns: bool,
    /// The band that the probability lies in.
    pub risk: RiskLevel,
}

impl Prediction {
    /// The decision as the data spells it: `Yes` or `No`.
    #[must_use]
    pub fn label(&self) -> &'static str {
        if self.churns { "Yes" } else { "No" }
    }
}

/// Bands of risk for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RiskLevel {
    /// Below the medium band.
    Low,
    /// From the medium bound.
    Medium,
    /// From the high bound.
    High,
}

impl RiskLevel {
    /// The level as it is written everywhere: `LOW`, `MEDIUM` or `HIGH`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
        }
    }
}

/// Where a probability becomes a decision or a risk level. All bounds are inclusive: `bound <= probability`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `Yes` from here.
    pub threshold: f64,
    /// `MEDIUM` from here.
    pub medium: f64,
    /// `HIGH` from here.
    pub high: f64,
}

impl Decision {
    /// A decision threshold with the usual bands of 0.4 and 0.7.
    #[must_use]
    pub const fn at(threshold: f64) -> Self {
        Self { threshold, medium: 0.4, high: 0.7 }
    }

    /// The band that `probability` lies in.
    #[must_use]
    pub fn risk(&self, probability: Probability) -> RiskLevel {
        if self.high <= probability.get() {
            RiskLevel::High
        } else if self.medium <= probability.get() {
            RiskLevel::Medium
        } else {
            RiskLevel::Low
        }
    }

    /// Whether all bounds are probabilities and the bands do not cross.
    pub(crate) fn is_sound(&self) -> bool {
        let unit = 0.0..=1.0;
        unit.contains(&self.threshold) && 0.0 <= self.medium && self.medium <= self.high && self.high <= 1.0
    }
}

/// A row whose answer is known: it proves that a model was carried over whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// The row.
    pub features: Features,
    /// Its probability, to the last bit.
    pub probability: f64,
}

/// A golden row that did not come out.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("golden row {row} scores {found}, expected {expected}")]
pub struct GoldenMismatch {
    /// Index of the row.
    pub row: usize,
    /// The probability that the artifact promises.
    pub expected: f64,
    /// The probability that came out.
    pub found: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(probability: f64, expected: RiskLevel) {
        let probability = Probability::parse(probability).expect("a probability");
        assert_eq!(Decision::at(0.5).risk(probability), expected, "{probability:?}");
    }

    #[test]
    fn bounds_of_the_bands_belong_to_the_higher_band() {
        check(0.0, RiskLevel::Low);
        check(0.4_f64.next_down(), RiskLevel::Low);
        check(0.4, RiskLevel::Medium);
        check(0.7_f64.next_down(), RiskLevel::Medium);
        check(0.7, RiskLevel::High);
        check(1.0, RiskLevel::High);
    }

    #[test]
    fn crossed_or_foreign_bounds_are_unsound() {
        assert!(Decision::at(0.3).is_sound());
        assert!(!Decision::at(1.5).is_sound());
        assert!(!Decision::at(f64::NAN).is_sound());
        assert!(!Decision { threshold: 0.5, medium: 0.8, high: 0.7 }.is_sound());
        assert!(!Decision { threshold: 0.5, medium: 0.4, high: f64::NAN }.is_sound());
    }
}
