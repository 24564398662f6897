//! Permutation importance (Breiman 2001, section 10; Fisher, Rudin and Dominici 2019): how much worse a model ranks
//! where one feature is shuffled among the rows.

use evaluation::{Scored, roc_auc};
use ndarray::Array2;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::{Classifier, Dataset, LearnerError, Threads};

/// What one feature is worth to one model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PermutationImportance {
    /// Mean fall of ROC-AUC over the repetitions; about 0, and at times below it, for a feature that says nothing.
    pub mean: f64,
    /// Sample standard deviation over the repetitions; 0 where there is one.
    pub deviation: f64,
}

/// One entry a feature, each shuffled `repeats` times. `dataset` should be rows that the model was not fitted on.
///
/// # Errors
/// Where the model gives numbers that are no probabilities.
///
/// # Panics
/// Where `dataset` has fewer features than the model was fitted on.
pub fn permutation_importance<C: Classifier + Sync>(
    model: &C,
    dataset: &Dataset,
    repeats: usize,
    seed: u64,
    threads: Threads,
) -> Result<Vec<PermutationImportance>, LearnerError> {
    let auc = |x: &Array2<f32>| {
        let probability = model.predict_proba(x.view()).to_vec();
        let scored = Scored::parse(&probability, dataset.churned()).and_then(|scored| roc_auc(&scored));
        scored.map_err(|source| LearnerError::Importance { source })
    };
    let whole = auc(dataset.x())?;
    let of_feature = |feature: usize| {
        let mut rng = Pcg64::seed_from_u64(seed.wrapping_add(feature as u64));
        let mut x = dataset.x().clone();
        let mut column = x.column(feature).to_vec();
        let falls = (0..repeats).map(|_| {
            column.shuffle(&mut rng);
            x.column_mut(feature).iter_mut().zip(&column).for_each(|(value, shuffled)| *value = *shuffled);
            Ok(whole - auc(&x)?)
        });
        falls.collect::<Result<Vec<f64>, _>>().map(|falls| PermutationImportance::of(&falls))
    };
    threads.map(dataset.x().ncols(), of_feature).into_iter().collect()
}

impl PermutationImportance {
    fn of(falls: &[f64]) -> Self {
        let count = falls.len() as f64;
        let mean = falls.iter().sum::<f64>() / count;
        let squares: f64 = falls.iter().map(|fall| (fall - mean) * (fall - mean)).sum();
        Self { mean, deviation: (squares / (count - 1.0).max(1.0)).sqrt() }
    }
}
