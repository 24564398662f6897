//! Predictions beside outcomes, checked once, so that every metric can trust them.

use crate::EvaluationError;

/// One probability and one outcome a row; at least one row.
#[derive(Clone, Copy, Debug)]
pub struct Scored<'a> {
    probability: &'a [f64],
    churned: &'a [bool],
}

impl<'a> Scored<'a> {
    /// Checks `probability` (each in [0, 1]) and `churned`, of the same length.
    ///
    /// # Errors
    /// Unequal lengths, no rows, a number that is no probability.
    pub fn parse(probability: &'a [f64], churned: &'a [bool]) -> Result<Self, EvaluationError> {
        if probability.len() != churned.len() {
            return Err(EvaluationError::UnequalLengths {
                expected: probability.len(),
                found: churned.len(),
            });
        }
        if probability.is_empty() {
            return Err(EvaluationError::NoRows);
        }
        match probability.iter().position(|p| !(0.0..=1.0).contains(p)) {
            Some(row) => Err(EvaluationError::ProbabilityOutOfRange { row, found: probability[row] }),
            None => Ok(Self { probability, churned }),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.churned.len()
    }

    /// Number of rows that churned.
    #[must_use]
    pub fn churned(&self) -> usize {
        self.churned.iter().filter(|&&churned| churned).count()
    }

    /// Each row's probability and outcome.
    pub fn iter(&self) -> impl Iterator<Item = (f64, bool)> + 'a {
        self.probability.iter().copied().zip(self.churned.iter().copied())
    }

    /// Rows of equal probability together, from the highest to the lowest.
    pub(crate) fn ties(&self) -> Vec<Tie> {
        let mut rows: Vec<(f64, bool)> = self.iter().collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        rows.chunk_by(|a, b| a.0 == b.0).map(Tie::of).collect()
    }
}

/// How many rows of each outcome share one probability.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tie {
    pub(crate) probability: f64,
    pub(crate) churned: u64,
    pub(crate) stayed: u64,
}

impl Tie {
    fn of(rows: &[(f64, bool)]) -> Self {
        let churned = rows.iter().filter(|(_, churned)| *churned).count();
        Self { probability: rows[0].0, churned: churned as u64, stayed: (rows.len() - churned) as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(probability: &[f64], churned: &[bool], expected: &str) {
        assert_eq!(Scored::parse(probability, churned).expect_err(expected).to_string(), expected);
    }

    #[test]
    fn what_cannot_be_judged_is_refused() {
        check(&[0.5], &[], "0 outcomes for 1 probabilities");
        check(&[], &[], "there are no rows");
        check(&[0.5, 1.5], &[true, false], "the probability of row 1 is 1.5, expected a number in [0, 1]");
        check(&[f64::NAN], &[true], "the probability of row 0 is NaN, expected a number in [0, 1]");
    }
}

/// Rows for the properties of other modules.
#[cfg(test)]
pub(crate) mod tests_support {
    /// `rows` probabilities on a grid of tenths, so that there are ties, and outcomes that follow them loosely; both
    /// outcomes occur. A linear congruential generator (Knuth's MMIX constants) draws them.
    pub(crate) fn pseudo_random(rows: usize, seed: u64) -> (Vec<f64>, Vec<bool>) {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % 11
        };
        let probability: Vec<f64> = (0..rows).map(|_| next() as f64 / 10.0).collect();
        let mut churned: Vec<bool> = probability.iter().map(|p| (next() as f64 / 10.0) < *p).collect();
        (churned[0], churned[1]) = (true, false);
        (probability, churned)
    }
}
