//! Training: from a matrix of features and labels to a model. It knows rows and columns and nothing of customers.
//!
//! Every learner has one shape: parameters, `check()`, `fit`, and a model with `predict_proba`. The result is a function
//! of data, parameters and seed; the number of threads changes how long it takes and nothing else.
//!
//! ```
//! use learner::{Classifier, Dataset, Learner, RandomForestParameters, Threads};
//! use ndarray::{Array2, array};
//!
//! let x: Array2<f32> = Array2::from_shape_fn((100, 1), |(row, _)| row as f32);
//! let churned = (0..100).map(|row| row < 40).collect();
//! let dataset = Dataset::parse(x, churned)?;
//! let parameters = RandomForestParameters { trees: 20, ..Default::default() };
//! let model = parameters.check()?.fit(&dataset, Threads::new(2), &|_| ())?;
//! let probability = model.predict_proba(array![[3.0], [90.0]].view());
//! assert!(0.9 < probability[0] && probability[1] < 0.1);
//! # Ok::<(), learner::LearnerError>(())
//! ```

mod bins;
mod candidate;
mod criterion;
mod cross_validation;
mod dataset;
mod design;
mod error;
mod folds;
mod gradient_boosting;
mod grower;
mod importance;
mod logistic_regression;
mod model;
mod random_forest;

mod split;
mod threads;

pub use candidate::{Candidate, Fitted};
pub use cross_validation::{FoldScores, cross_validate};
pub use dataset::Dataset;
pub use error::LearnerError;
pub use folds::stratified_folds;
pub use gradient_boosting::{GradientBoosting, GradientBoostingParameters};
pub use importance::{PermutationImportance, permutation_importance};
pub use logistic_regression::{LogisticModel, LogisticRegression, LogisticRegressionParameters};
pub use model::{Classifier, Learner, Progress, TreeModel, predict_proba};
pub use random_forest::{MaxFeatures, RandomForest, RandomForestParameters};
pub use split::Monotone;
pub use threads::Threads;
