//! Candidates of every kind side by side, each judged on the same folds.

use ndarray::{Array1, ArrayView2};

use crate::{
    Classifier, Dataset, GradientBoosting, Learner, LearnerError, LogisticModel, LogisticRegression,
    Progress, RandomForest, Threads, TreeModel,
};

/// A learner of one of the three kinds.
#[derive(Clone, Debug, PartialEq)]
pub enum Candidate {
    /// The yardstick.
    LogisticRegression(LogisticRegression),
    /// Link `mean`.
    RandomForest(RandomForest),
    /// Link `logistic`.
    GradientBoosting(GradientBoosting),
}

impl Candidate {
    /// The kind's name, such as `random_forest`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LogisticRegression(_) => "logistic_regression",
            Self::RandomForest(_) => "random_forest",
            Self::GradientBoosting(_) => "gradient_boosting",
        }
    }
}

impl Learner for Candidate {
    type Model = Fitted;

    fn fit(
        &self,
        dataset: &Dataset,
        threads: Threads,
        progress: Progress<'_>,
    ) -> Result<Fitted, LearnerError> {
        match self {
            Self::LogisticRegression(learner) => {
                learner.fit(dataset, threads, progress).map(Fitted::LogisticRegression)
            }
            Self::RandomForest(learner) => {
                learner.fit(dataset, threads, progress).map(|model| Fitted::Trees(Box::new(model)))
            }
            Self::GradientBoosting(learner) => {
                learner.fit(dataset, threads, progress).map(|model| Fitted::Trees(Box::new(model)))
            }
        }
    }

    fn steps(&self) -> u64 {
        match self {
            Self::LogisticRegression(learner) => learner.steps(),
            Self::RandomForest(learner) => learner.steps(),
            Self::GradientBoosting(learner) => learner.steps(),
        }
    }
}

/// A fitted candidate.
#[derive(Clone, Debug, PartialEq)]
pub enum Fitted {
    /// A linear model.
    LogisticRegression(LogisticModel),
    /// An ensemble of trees, which can ship.
    Trees(Box<TreeModel>),
}

impl Classifier for Fitted {
    fn predict_proba(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        match self {
            Self::LogisticRegression(model) => model.predict_proba(x),
            Self::Trees(model) => model.predict_proba(x),
        }
    }

    fn nodes(&self) -> usize {
        match self {
            Self::LogisticRegression(model) => model.nodes(),
            Self::Trees(model) => model.nodes(),
        }
    }
}
