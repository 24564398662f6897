//! The dataset: a matrix of features and a label a row, checked once.

use ndarray::{Array2, Axis};

use crate::LearnerError;

/// Rows to learn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    x: Array2<f32>,
    churned: Vec<bool>,
}

impl Dataset {
    /// Checks `x` (rows x features) and `churned` (rows).
    ///
    /// # Errors
    /// Unequal lengths, an empty or oversized shape, a number that is not finite, a single class.
    pub fn parse(x: Array2<f32>, churned: Vec<bool>) -> Result<Self, LearnerError> {
        let (rows, features) = x.dim();
        if rows == 0 || u32::try_from(rows).is_err() || !(1..=254).contains(&features) {
            return Err(LearnerError::Shape { rows, features });
        }
        if churned.len() != rows {
            return Err(LearnerError::UnequalLengths { expected: rows, found: churned.len() });
        }
        if let Some(((row, feature), &found)) = x.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(LearnerError::ValueNotFinite { row, feature, found });
        }
        if churned.iter().all(|&label| label == churned[0]) {
            return Err(LearnerError::OneClass { rows });
        }
        Ok(Self { x, churned })
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
        Self::parse(self.x.select(Axis(0), rows), rows.iter().map(|&row| self.churned[row]).collect())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn check(x: Array2<f32>, churned: &[bool], expected: &str) {
        let error = Dataset::parse(x, churned.to_vec()).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn what_cannot_be_learned_from_is_refused() {
        let x = array![[1.0], [2.0]];
        check(x.clone(), &[true], "1 labels for 2 rows");
        check(array![[1.0], [f32::NAN]], &[true, false], "feature 0 of row 1 is NaN, not a finite number");
        check(x, &[true, true], "all 2 rows have the same label; both are needed");
        check(Array2::zeros((0, 3)), &[], "a dataset of 0 rows and 3 features cannot be learned from");
    }
}
