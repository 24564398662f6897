//! The configuration of training, a TOML file. What is left out has the default that stands here.

use std::path::Path;

use evaluation::Costs;
use learner::{MaxFeatures, RandomForestParameters};
use serde::Deserialize;

use crate::error::JobError;

/// `--config FILE`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) forest: ForestConfig,
    pub(crate) decision: DecisionConfig,
}

/// `[forest]`: hyperparameters of the random forest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ForestConfig {
    trees: u32,
    max_depth: u32,
    min_samples_leaf: u32,
    /// Features drawn at each node; the square root of their number where it is left out.
    max_features: Option<u16>,
}

impl Default for ForestConfig {
    fn default() -> Self {
        let RandomForestParameters { trees, max_depth, min_samples_leaf, .. } =
            RandomForestParameters::default();
        Self { trees, max_depth, min_samples_leaf, max_features: None }
    }
}

impl ForestConfig {
    pub(crate) fn parameters(&self, seed: u64) -> RandomForestParameters {
        RandomForestParameters {
            trees: self.trees,
            max_depth: self.max_depth,
            min_samples_leaf: self.min_samples_leaf,
            max_features: self.max_features.map_or(MaxFeatures::Sqrt, MaxFeatures::Count),
            seed,
        }
    }
}

/// `[decision]`: what a wrong decision costs, in any one unit; only the ratio matters.
///
/// By default a churner who is missed costs one and a half times an offer to a customer who would have stayed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DecisionConfig {
    pub(crate) false_positive: f64,
    pub(crate) false_negative: f64,
}

impl Default for DecisionConfig {
    fn default() -> Self {
        Self { false_positive: 2.0, false_negative: 3.0 }
    }
}

impl DecisionConfig {
    pub(crate) fn costs(&self) -> Result<Costs, JobError> {
        Costs::parse(self.false_positive, self.false_negative)
            .map_err(|source| JobError::Evaluation { rows: "costs of [decision]", source })
    }
}

/// Reads the configuration at `path`.
pub(crate) fn read(path: &Path) -> Result<Config, JobError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| JobError::Read { path: path.into(), source })?;
    toml::from_str(&text).map_err(|source| JobError::Config { path: path.into(), source })
}
