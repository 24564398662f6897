//! Cross-validation: every fold scored by a model that did not see it (Stone 1974).

use evaluation::{Scored, roc_auc};

use crate::{Classifier, Dataset, Learner, LearnerError, Progress, Threads};

/// Scores of one fold's test rows.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldScores {
    /// The test rows, as given.
    pub rows: Vec<usize>,
    /// Their probabilities, in the same order.
    pub probability: Vec<f64>,
    /// ROC-AUC on them.
    pub roc_auc: f64,
    /// Number of tree nodes of the fold's model.
    pub nodes: usize,
}

/// Fits each of `learners` once a fold, on all rows of `dataset` but the fold's `test` rows, and scores those. The
/// result has one entry a learner, of one entry a fold. Fits run side by side, each on one thread.
///
/// # Errors
/// Where a fold's training rows hold one class only, its test rows cannot be judged, or no model comes out.
///
/// # Panics
/// Where a test row is no row of `dataset`.
pub fn cross_validate<L: Learner>(
    learners: &[L],
    dataset: &Dataset,
    test: &[Vec<usize>],
    threads: Threads,
    progress: Progress<'_>,
) -> Result<Vec<Vec<FoldScores>>, LearnerError> {
    let scores = threads.map(learners.len() * test.len(), |job| {
        let (learner, fold) = (&learners[job / test.len()], job % test.len());
        score(learner, dataset, fold, &test[fold], progress)
    });
    let mut scores = scores.into_iter();
    learners.iter().map(|_| scores.by_ref().take(test.len()).collect()).collect()
}

fn score<L: Learner>(
    learner: &L,
    dataset: &Dataset,
    fold: usize,
    rows: &[usize],
    progress: Progress<'_>,
) -> Result<FoldScores, LearnerError> {
    let mut is_test = vec![false; dataset.rows()];
    rows.iter().for_each(|&row| is_test[row] = true);
    let train: Vec<usize> = (0..dataset.rows()).filter(|&row| !is_test[row]).collect();
    let model = learner.fit(&dataset.select(&train)?, Threads::new(1), progress)?;
    let probability = model.predict_proba(dataset.x().select(ndarray::Axis(0), rows).view()).to_vec();
    let churned: Vec<bool> = rows.iter().map(|&row| dataset.churned()[row]).collect();
    let judged = Scored::parse(&probability, &churned).and_then(|scored| roc_auc(&scored));
    let roc_auc = judged.map_err(|source| LearnerError::Evaluation { fold, source })?;
    Ok(FoldScores { rows: rows.to_vec(), probability, roc_auc, nodes: model.nodes() })
}
