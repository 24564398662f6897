//! Logistic regression with an L2 penalty: numbers standardised, categories one-hot, fitted by Newton's method, which
//! for this model is iteratively reweighted least squares (Hastie et al. 2009, section 4.4.1).
//!
//! It is the yardstick that trees must not lose to; it never ships.

use nalgebra::{Cholesky, DMatrix, DVector};
use ndarray::{Array1, ArrayView2};

use crate::design::Design;
use crate::{Classifier, Dataset, Learner, LearnerError, Progress, Threads};

/// Newton steps before the fit is given up; a dozen are usual.
const MAX_STEPS: u32 = 100;
/// The fit is done where no component of the gradient is larger, a row.
const TOLERANCE: f64 = 1e-10;

/// Hyperparameters, unchecked; [`LogisticRegressionParameters::check`] makes them a learner.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticRegressionParameters {
    /// Penalty lambda, above 0: the loss is the sum of the rows' log losses plus lambda / 2 times the sum of squared
    /// coefficients, without the intercept's. scikit-learn's `C` is 1 / lambda.
    pub l2: f64,
    /// One a feature: how many codes it has, counted from 0, or 0 for a number.
    pub categories: Vec<usize>,
}

impl LogisticRegressionParameters {
    /// The learner with these parameters.
    ///
    /// # Errors
    /// Where the penalty is not a finite number above 0.
    pub fn check(self) -> Result<LogisticRegression, LearnerError> {
        if self.l2.is_finite() && 0.0 < self.l2 {
            return Ok(LogisticRegression(self));
        }
        Err(LearnerError::Parameter { name: "l2", expected: "a finite number above 0", found: self.l2 })
    }
}

/// A learner whose parameters were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticRegression(LogisticRegressionParameters);

impl LogisticRegression {
    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> &LogisticRegressionParameters {
        &self.0
    }
}

impl Learner for LogisticRegression {
    type Model = LogisticModel;

    /// # Errors
    /// Where `categories` has not one entry a feature, or Newton's method does not arrive.
    fn fit(
        &self,
        dataset: &Dataset,
        _: Threads,
        progress: Progress<'_>,
    ) -> Result<LogisticModel, LearnerError> {
        let features = dataset.x().ncols();
        if self.0.categories.len() != features {
            let found = self.0.categories.len();
            return Err(LearnerError::Categories { expected: features, found });
        }
        let design = Design::of(dataset.x().view(), &self.0.categories);
        let rows = design.rows(dataset.x().view());
        let outcome = DVector::from_iterator(dataset.rows(), dataset.churned().iter().map(|&y| f64::from(y)));
        let problem = Problem { rows, outcome, l2: self.0.l2 };
        let coefficients = problem.minimum()?;
        progress(1);
        Ok(LogisticModel { design, coefficients })
    }

    fn steps(&self) -> u64 {
        1
    }
}

/// A fitted logistic regression.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticModel {
    design: Design,
    /// One a column of the design; the first is the intercept.
    coefficients: DVector<f64>,
}

impl LogisticModel {
    /// The intercept.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.coefficients[0]
    }

    /// Shape (columns,): for each feature in turn one coefficient a standard deviation of a number, or one a code.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients.as_slice()[1..]
    }
}

impl Classifier for LogisticModel {
    fn predict_proba(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        let margin = self.design.rows(x) * &self.coefficients;
        margin.iter().map(|&margin| logistic(margin)).collect()
    }

    fn nodes(&self) -> usize {
        0
    }
}

fn logistic(margin: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-margin))
}

/// The penalised loss over a fixed set of rows.
struct Problem {
    rows: DMatrix<f64>,
    outcome: DVector<f64>,
    l2: f64,
}

impl Problem {
    /// The coefficients of the least loss.
    fn minimum(&self) -> Result<DVector<f64>, LearnerError> {
        let mut at = DVector::zeros(self.rows.ncols());
        let mut loss = self.loss(&at);
        for _ in 0..MAX_STEPS {
            let p = (&self.rows * &at).map(logistic);
            let gradient = self.rows.tr_mul(&(&p - &self.outcome)) + self.penalty_gradient(&at);
            if gradient.amax() <= TOLERANCE * self.outcome.len() as f64 {
                return Ok(at);
            }
            let step = self.step(&p, &gradient)?;
            // A full step may overshoot far from the minimum; the loss is convex, so some part of it does not. Near the
            // minimum losses differ by no more than rounding, which is no overshooting.
            let mut share = 1.0;
            let mut next = &at - &step;
            while loss * (1.0 + 1e-10) < self.loss(&next) && 1e-6 < share {
                share /= 2.0;
                next = &at - &step * share;
            }
            loss = self.loss(&next);
            at = next;
        }
        Err(LearnerError::NoConvergence { steps: MAX_STEPS })
    }

    /// The Newton step: the inverse of the Hessian times the gradient.
    fn step(&self, p: &DVector<f64>, gradient: &DVector<f64>) -> Result<DVector<f64>, LearnerError> {
        let mut weighted = self.rows.clone();
        for (mut row, &p) in weighted.row_iter_mut().zip(p.iter()) {
            row *= p * (1.0 - p);
        }
        let mut hessian = self.rows.tr_mul(&weighted);
        for column in 1..hessian.ncols() {
            hessian[(column, column)] += self.l2;
        }
        let solved = Cholesky::new(hessian).map(|cholesky| cholesky.solve(gradient));
        solved.ok_or(LearnerError::Singular)
    }

    fn penalty_gradient(&self, at: &DVector<f64>) -> DVector<f64> {
        let mut gradient = at * self.l2;
        gradient[0] = 0.0;
        gradient
    }

    fn loss(&self, at: &DVector<f64>) -> f64 {
        let margins = &self.rows * at;
        let of_row = |(&margin, &outcome): (&f64, &f64)| {
            libm::log1p(libm::exp(-margin.abs())) + margin.max(0.0) - outcome * margin
        };
        let data: f64 = margins.iter().zip(self.outcome.iter()).map(of_row).sum();
        data + 0.5 * self.l2 * at.rows_range(1..).norm_squared()
    }
}
