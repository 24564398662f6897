//! Cross-validation: every fold scored by a forest that did not see it (Stone 1974).

use evaluation::{Scored, roc_auc};

use crate::random_forest::predict_proba;
use crate::{Dataset, LearnerError, RandomForest, Threads};

/// Scores of one fold's test rows.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldScores {
    /// The test rows, as given.
    pub rows: Vec<usize>,
    /// Their probabilities, in the same order.
    pub probability: Vec<f64>,
    /// ROC-AUC on them.
    pub roc_auc: f64,
}

/// Fits `learner` once a fold, on all rows of `dataset` but the fold's `test` rows, and scores those.
///
/// # Errors
/// Where a fold's training rows hold one class only, or its test rows cannot be judged.
///
/// # Panics
/// Where a test row is no row of `dataset`.
pub fn cross_validate(
    learner: &RandomForest,
    dataset: &Dataset,
    test: &[Vec<usize>],
    threads: Threads,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<FoldScores>, LearnerError> {
    let score = |(fold, rows): (usize, &Vec<usize>)| {
        let mut is_test = vec![false; dataset.rows()];
        rows.iter().for_each(|&row| is_test[row] = true);
        let train: Vec<usize> = (0..dataset.rows()).filter(|&row| !is_test[row]).collect();
        let forest = learner.fit(&dataset.select(&train)?, threads, progress);
        let x = dataset.x().select(ndarray::Axis(0), rows);
        let probability = predict_proba(&forest, x.view()).to_vec();
        let churned: Vec<bool> = rows.iter().map(|&row| dataset.churned()[row]).collect();
        let judged = Scored::parse(&probability, &churned).and_then(|scored| roc_auc(&scored));
        let roc_auc = judged.map_err(|source| LearnerError::Evaluation { fold, source })?;
        Ok(FoldScores { rows: rows.clone(), probability, roc_auc })
    };
    test.iter().enumerate().map(score).collect()
}
