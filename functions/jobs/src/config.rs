//! The configuration of training and judging, a TOML file. What is left out has the default that stands here.

mod grids;

use std::path::Path;

use evaluation::{Campaign, CampaignParameters, Costs};
use learner::{Candidate, LearnerError};
use serde::Deserialize;

use self::grids::{BoostingGrid, ForestGrid, LogisticGrid};
use crate::error::JobError;

/// `--config FILE`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) selection: SelectionConfig,
    pub(crate) logistic: LogisticGrid,
    pub(crate) forest: ForestGrid,
    pub(crate) boosting: BoostingGrid,
    pub(crate) decision: DecisionConfig,
    pub(crate) campaign: CampaignConfig,
    pub(crate) gate: GateConfig,
}

impl Config {
    /// Every combination of the grids of the kinds that are asked for.
    pub(crate) fn candidates(&self, seed: u64) -> Result<Vec<Candidate>, LearnerError> {
        let of_kind = |kind: &Kind| match kind {
            Kind::LogisticRegression => self.logistic.candidates(),
            Kind::RandomForest => self.forest.candidates(seed),
            Kind::GradientBoosting => self.boosting.candidates(seed),
        };
        Ok(self.selection.candidates.iter().map(of_kind).collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// `[selection]`: which candidates are compared, on how many folds, and which of them wins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SelectionConfig {
    pub(crate) candidates: Vec<Kind>,
    /// Folds of the stratified cross-validation.
    pub(crate) folds: usize,
    /// How often it is repeated with other folds.
    pub(crate) repeats: u64,
    pub(crate) prefer: Prefer,
}

impl Default for SelectionConfig {
    fn default() -> Self {
        let candidates = vec![Kind::LogisticRegression, Kind::RandomForest, Kind::GradientBoosting];
        Self { candidates, folds: 5, repeats: 2, prefer: Prefer::Best }
    }
}

/// A kind of learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    LogisticRegression,
    RandomForest,
    GradientBoosting,
}

/// Which candidate wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Prefer {
    /// The one with the highest mean ROC-AUC.
    Best,
    /// The one with the fewest nodes of those whose mean ROC-AUC is within one standard error of the best's.
    Smallest,
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

/// `[campaign]`: the retention campaign whose profit the report expects. The defaults are those of the literature.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CampaignConfig {
    alpha: f64,
    beta: f64,
    lifetime_value: f64,
    offer: f64,
    contact: f64,
}

impl Default for CampaignConfig {
    fn default() -> Self {
        let CampaignParameters { alpha, beta, lifetime_value, offer, contact } =
            CampaignParameters::default();
        Self { alpha, beta, lifetime_value, offer, contact }
    }
}

impl CampaignConfig {
    pub(crate) fn campaign(&self) -> Result<Campaign, JobError> {
        let Self { alpha, beta, lifetime_value, offer, contact } = *self;
        CampaignParameters { alpha, beta, lifetime_value, offer, contact }
            .check()
            .map_err(|source| JobError::Evaluation { rows: "the figures of [campaign]", source })
    }
}

/// `[gate]`: where a challenger is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GateConfig {
    /// Least ROC-AUC; below 0.70 it is 0.70 all the same.
    pub(crate) roc_auc_floor: f64,
    /// Least number of rows to judge on.
    pub(crate) rows: u64,
    /// How far the outcomes may be from what the champion expects of these customers, as churn rate and as ROC-AUC.
    /// Further off, labels are damaged or customers have changed, and somebody must look.
    pub(crate) label_shift: f64,
    /// What the PSI of a feature or of the champion's scores must exceed to refuse, beside being significant.
    pub(crate) psi: f64,
    /// Least number of rows of the file, as a part of those that the champion's had.
    pub(crate) share_of_rows: f64,
}

impl Default for GateConfig {
    fn default() -> Self {
        Self { roc_auc_floor: 0.70, rows: 500, label_shift: 0.05, psi: 0.1, share_of_rows: 0.5 }
    }
}

/// The configuration at `path`, or the default one where there is none.
pub(crate) fn read(path: Option<&Path>) -> Result<Config, JobError> {
    let Some(path) = path else { return Ok(Config::default()) };
    let text =
        std::fs::read_to_string(path).map_err(|source| JobError::Read { path: path.into(), source })?;
    toml::from_str(&text).map_err(|source| JobError::Config { path: path.into(), source })
}
