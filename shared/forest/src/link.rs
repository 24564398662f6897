//! How the leaf values of all trees become one probability.

use serde::{Deserialize, Serialize};

/// From the sum of the reached leaf values to a probability in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Link {
    /// The sum divided by the number of trees: a random forest, whose leaves hold probabilities (Breiman 2001).
    Mean,
    /// `1 / (1 + exp(-(bias + sum)))`: boosting, whose leaves hold log-odds (Friedman 2001).
    Logistic {
        /// Log-odds before the first tree.
        bias: f64,
    },
}

impl Link {
    /// The probability for `sum`, the f64 sum of leaf values in tree order, over `trees` trees.
    ///
    /// `exp` is crate `libm`'s, so that every target gives the same bits.
    #[must_use]
    pub fn probability(self, sum: f64, trees: usize) -> f64 {
        match self {
            Self::Mean => sum / trees as f64,
            Self::Logistic { bias } => 1.0 / (1.0 + libm::exp(-(bias + sum))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(link: Link, sum: f64, trees: usize, expected: f64) {
        assert_eq!(link.probability(sum, trees), expected, "{link:?} of {sum} over {trees}");
    }

    #[test]
    fn each_link_gives_its_textbook_value() {
        check(Link::Mean, 1.5, 3, 0.5);
        check(Link::Mean, 0.0, 7, 0.0);
        check(Link::Logistic { bias: 0.0 }, 0.0, 9, 0.5);
        check(Link::Logistic { bias: 2.0 }, -2.0, 1, 0.5);
        check(Link::Logistic { bias: 0.0 }, -800.0, 1, 0.0);
        check(Link::Logistic { bias: 0.0 }, 800.0, 1, 1.0);
    }
}
