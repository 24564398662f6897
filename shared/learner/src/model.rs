//! The one shape of every learner: checked parameters, `fit`, and a model with `predict_proba`.

use evaluation::{Scored, log_loss};
use forest::{Forest, ForestView};
use ndarray::{Array1, ArrayView2};

use crate::{Dataset, LearnerError, Threads};

/// Counts the steps of a fit as they are done, from any thread.
pub type Progress<'a> = &'a (dyn Fn(u64) + Sync);

/// Hyperparameters that were checked.
pub trait Learner: Sync {
    /// What is fitted.
    type Model: Classifier + Send;

    /// A model of `dataset`: a function of data, parameters and seed, whatever the number of `threads`.
    ///
    /// # Errors
    /// Where no model comes out.
    fn fit(
        &self,
        dataset: &Dataset,
        threads: Threads,
        progress: Progress<'_>,
    ) -> Result<Self::Model, LearnerError>;

    /// How many steps one fit reports to `progress`.
    fn steps(&self) -> u64;
}

/// What was fitted.
pub trait Classifier {
    /// Probabilities of churn in [0, 1], shape (rows,), for `x` of shape (rows, features).
    ///
    /// # Panics
    /// Where `x` has fewer features than the model was fitted on.
    fn predict_proba(&self, x: ArrayView2<'_, f32>) -> Array1<f64>;

    /// Number of tree nodes, which is what an artifact's size goes with; 0 where there are no trees.
    fn nodes(&self) -> usize;
}

/// An ensemble of trees, and what its splits were worth.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeModel {
    forest: Forest,
    importance: Vec<f64>,
}

impl TreeModel {
    /// Trees whose splits on each feature gained `gain` in all.
    pub(crate) fn new(forest: Forest, gain: &[f64]) -> Self {
        let total: f64 = gain.iter().sum();
        let importance = gain.iter().map(|gain| if total == 0.0 { 0.0 } else { gain / total }).collect();
        Self { forest, importance }
    }

    /// The trees.
    #[must_use]
    pub fn forest(&self) -> &Forest {
        &self.forest
    }

    /// The trees, owned.
    #[must_use]
    pub fn into_forest(self) -> Forest {
        self.forest
    }

    /// Shape (trees,): the mean negative log-likelihood of `dataset` in nats under the first tree, the first two, and
    /// so on to all of them.
    ///
    /// # Panics
    /// Where `dataset` has fewer features than the model was fitted on.
    #[must_use]
    pub fn staged_log_loss(&self, dataset: &Dataset) -> Vec<f64> {
        let view = self.forest.view();
        let mut sums = vec![0.0; dataset.rows()];
        let of_first = |trees: usize| {
            for (sum, x) in sums.iter_mut().zip(dataset.x().rows()) {
                *sum += view.leaf_value(trees - 1, x.as_slice().expect("a dataset's rows are contiguous"));
            }
            let probability: Vec<f64> = sums.iter().map(|&sum| view.link().probability(sum, trees)).collect();
            let scored = Scored::parse(&probability, dataset.churned());
            log_loss(&scored.expect("both links end in [0, 1], and a dataset has a label a row"))
        };
        (1..=view.trees()).map(of_first).collect()
    }

    /// Shape (features,): each feature's share of what all splits gained, adding up to 1; all 0 where there is no
    /// split. For forests the gain is the fall of the gini impurity (Breiman et al. 1984), for boosting that of the
    /// loss (Chen and Guestrin 2016, equation 7). It favours features with many values; permutation does not.
    #[must_use]
    pub fn importance(&self) -> &[f64] {
        &self.importance
    }
}

impl Classifier for TreeModel {
    fn predict_proba(&self, x: ArrayView2<'_, f32>) -> Array1<f64> {
        predict_proba(self.forest.view(), x)
    }

    fn nodes(&self) -> usize {
        self.forest.view().nodes()
    }
}

/// Probabilities of churn in [0, 1], shape (rows,), for `x` of shape (rows, features).
///
/// # Panics
/// Where `x` has fewer features than the forest was fitted on.
#[must_use]
pub fn predict_proba(forest: ForestView<'_>, x: ArrayView2<'_, f32>) -> Array1<f64> {
    let x = x.as_standard_layout();
    let row = |row: ndarray::ArrayView1<'_, f32>| {
        forest.probability(row.as_slice().expect("rows of the standard layout are contiguous"))
    };
    x.rows().into_iter().map(row).collect()
}
