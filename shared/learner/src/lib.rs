//! Training: from a matrix of features and labels to a forest. It knows rows and columns and nothing of customers.
//!
//! Every learner has one shape: parameters, `check()`, `fit`. The result is a function of data, parameters and seed;
//! the number of threads changes how long it takes and nothing else.
//!
//! ```
//! use learner::{Dataset, RandomForestParameters, Threads};
//! use ndarray::{Array2, array};
//!
//! let x: Array2<f32> = Array2::from_shape_fn((100, 1), |(row, _)| row as f32);
//! let churned = (0..100).map(|row| row < 40).collect();
//! let dataset = Dataset::parse(x, churned, vec![1.0; 100])?;
//! let parameters = RandomForestParameters { trees: 20, ..Default::default() };
//! let forest = parameters.check()?.fit(&dataset, Threads::new(2), &|_| ());
//! let probability = learner::predict_proba(&forest, array![[3.0], [90.0]].view());
//! assert!(0.9 < probability[0] && probability[1] < 0.1);
//! # Ok::<(), learner::LearnerError>(())
//! ```

mod bins;
mod cross_validation;
mod dataset;
mod error;
mod folds;
mod grower;
mod random_forest;
mod split;
mod threads;

pub use cross_validation::{FoldScores, cross_validate};
pub use dataset::Dataset;
pub use error::LearnerError;
pub use folds::stratified_folds;
pub use random_forest::{MaxFeatures, RandomForest, RandomForestParameters, predict_proba};
pub use threads::Threads;
