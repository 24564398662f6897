//! The dataset: a matrix of features, a label and a weight a row, checked once.

use ndarray::{Array2, Axis};

use crate::LearnerError;

/// Rows to learn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    x: Array2<f32>,
    churned: Vec<bool>,
    weight: Vec<f64>,
}

impl Dataset {
    /// Checks `x` (rows x features), `churned` (rows) and `weight` (rows, > 0).
    ///
    /// # Errors
    /// Unequal lengths, an empty or oversized shape, a number that is not finite, a single class.
    pub fn parse(x: Array2<f32>, churned: Vec<bool>, weight: Vec<f64>) -> Result<Self, LearnerError> {
        let (rows, features) = x.dim();
        if rows == 0 || u32::try_from(rows).is_err() || !(1..=254).contains(&features) {
            return Err(LearnerError::Shape { rows, features });
        }
        for (column, found) in [("labels", churned.len()), ("weights", weight.len())] {
            if found != rows {
                return Err(LearnerError::UnequalLengths { column, expected: rows, found });
            }
        }
        if let Some(((row, feature), &found)) = x.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(LearnerError::ValueNotFinite { row, feature, found });
        }
        let in_range = |weight: f64| weight.is_finite() && 0.0 < weight;
        if let Some((row, &found)) = weight.iter().enumerate().find(|(_, weight)| !in_range(**weight)) {
            return Err(LearnerError::WeightOutOfRange { row, found });
        }
        if churned.iter().all(|&label| label == churned[0]) {
            return Err(LearnerError::OneClass { rows });
        }
        Ok(Self { x, churned, weight })
    }

    /// Features, rows x features.
    #[must_use]
    pub fn x(&self) -> &Array2<f32> {
        &self.x
    }

    /// Labels, one a row.
    #[must_use]
    pub fn churned(&self) -> &[bool] {
        &self.churned
    }

    /// Weights, one a row.
    #[must_use]
    pub fn weight(&self) -> &[f64] {
        &self.weight
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.churned.len()
    }

    /// The given rows, in the given order.
    ///
    /// # Errors
    /// Where they are none, or all of one class.
    ///
    /// # Panics
    /// Where an index is no row.
    pub fn select(&self, rows: &[usize]) -> Result<Self, LearnerError> {
        Self::parse(
            self.x.select(Axis(0), rows),
            rows.iter().map(|&row| self.churned[row]).collect(),
            rows.iter().map(|&row| self.weight[row]).collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn check(x: Array2<f32>, churned: &[bool], weight: &[f64], expected: &str) {
        let error = Dataset::parse(x, churned.to_vec(), weight.to_vec()).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn what_cannot_be_learned_from_is_refused() {
        let x = array![[1.0], [2.0]];
        let (labels, ones) = ([true, false], [1.0, 1.0]);
        check(x.clone(), &[true], &ones, "labels has 1 entries for 2 rows");
        check(x.clone(), &labels, &[1.0], "weights has 1 entries for 2 rows");
        check(array![[1.0], [f32::NAN]], &labels, &ones, "feature 0 of row 1 is NaN, not a finite number");
        check(x.clone(), &labels, &[1.0, 0.0], "the weight of row 1 is 0, expected a finite number above 0");
        check(x, &[true, true], &ones, "all 2 rows have the same label; both are needed");
        check(Array2::zeros((0, 3)), &[], &[], "a dataset of 0 rows and 3 features cannot be learned from");
    }
}
