//! The card: what people and pages want to know of a model, and what differs from one training run to the next.
//!
//! JSON beside the artifact. It names the artifact's SHA-256, so that a card can never pass for another model's.

use std::collections::BTreeMap;

use evaluation::{CalibrationCurve, FoldDifference, Metrics, RocCurve, Slice};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::artifact::Parameter;
use crate::{Decision, Effect, VERSION_DIGITS};

/// The card of one artifact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The first 12 hex digits of `artifact_sha256`.
    pub version: String,
    /// SHA-256 of the artifact's bytes, in hex.
    pub artifact_sha256: String,
    /// Kind of model, such as `random_forest`.
    pub model_type: String,
    /// The command that makes the same bytes again from the same data.
    pub command: String,
    /// End of the training run, RFC 3339 in UTC.
    pub trained_at: String,
    /// Wall time of the training run, in seconds.
    pub duration_seconds: f64,
    /// Target and threads of the machine that trained it.
    pub machine: String,
    /// Revision of the code that the trainer was built from, with `-dirty` where it had changes; absent where it was built
    /// outside its repository.
    pub git_revision: Option<String>,
    /// The data.
    pub data: DataFacts,
    /// Hyperparameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Features by name whose rise may move the probability one way only, whatever the others are.
    #[serde(default)]
    pub constraints: BTreeMap<String, Effect>,
    /// Threshold and bands.
    pub decision: Decision,
    /// Quality.
    pub metrics: CardMetrics,
    /// What was compared, the model among them.
    #[serde(default)]
    pub candidates: Vec<CandidateFacts>,
    /// The model beside logistic regression, where that was a candidate.
    #[serde(default)]
    pub yardstick: Option<Yardstick>,
    /// What each feature is worth to the model, in the order of the features.
    #[serde(default)]
    pub importance: Vec<FeatureImportance>,
    /// The same rows in curves and groups; absent in cards from before there was this, and for an imported model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
    /// What a reader of these figures must know beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One candidate of the selection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateFacts {
    /// Kind of model, such as `gradient_boosting`.
    pub model_type: String,
    /// Hyperparameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// Over the folds.
    pub cross_validation: CrossValidation,
    /// Mean number of nodes of the models that were fitted for the folds; 0 for a model without trees.
    pub nodes: f64,
    /// The candidate's ROC-AUC less the selected one's, over the folds; absent for the selected one itself.
    pub difference: Option<FoldDifference>,
    /// Whether this is the model.
    pub selected: bool,
}

/// The best logistic regression beside the selected model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Yardstick {
    /// Its mean ROC-AUC over the folds.
    pub roc_auc_mean: f64,
    /// Its ROC-AUC less the selected model's, over the folds.
    pub difference: Option<FoldDifference>,
    /// Whether it is better than the selected model by more than the interval of the difference.
    pub is_better: bool,
}

/// What one feature is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureImportance {
    /// The feature's name.
    pub feature: String,
    /// Its share of what all splits gained, in [0, 1].
    pub gain: f64,
    /// Mean fall of ROC-AUC where it is shuffled among rows of the hold-out (of the fitted rows where there is none).
    pub permutation_mean: f64,
    /// Standard deviation of that fall over the repetitions.
    pub permutation_sd: f64,
}

/// The data of a training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFacts {
    /// Name of the file, without its folder.
    pub file: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Rows of the file.
    pub rows: u64,
    /// Rows labelled as churned; none where the file has no labels.
    pub churned: u64,
    /// Rows that this program fitted the model on; none where another program did.
    pub fitted_rows: u64,
    /// Rows that no model is fitted on.
    pub holdout_rows: u64,
}

/// Quality on rows that the model was not fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardMetrics {
    /// On the hold-out; absent where there is none.
    pub holdout: Option<Metrics>,
    /// Over the folds of the training rows; the decision threshold was chosen on them. Absent for an imported model.
    pub cross_validation: Option<CrossValidation>,
    /// ROC-AUC of a random forest's out-of-bag predictions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_bag_roc_auc: Option<f64>,
}

/// Curves and groups of the rows that the model was judged on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// Which rows those are.
    pub rows: JudgedRows,
    /// How well the probabilities rank, in some tens of points.
    pub roc: RocCurve,
    /// Whether the probabilities hold what they say.
    pub calibration: CalibrationCurve,
    /// Figures for groups of customers.
    pub slices: Vec<Slice>,
}

/// The rows of [`Judged`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgedRows {
    /// The fixed hold-out: no shipped model is fitted on it.
    HoldOut,
    /// Every row that was fitted on, each scored by a model of the same recipe that did not see it.
    CrossValidation,
}

/// ROC-AUC over folds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossValidation {
    /// Number of folds.
    pub folds: u64,
    /// Mean ROC-AUC of the folds.
    pub roc_auc_mean: f64,
    /// Sample standard deviation of the folds' ROC-AUC; says nothing where there is one fold.
    pub roc_auc_sd: f64,
}

/// Why text is not the card of an artifact.
#[derive(Debug, Error)]
pub enum CardError {
    /// Not JSON of the expected shape.
    #[error("not a model card")]
    Malformed(#[from] serde_json::Error),
    /// The card of another artifact.
    #[error(
        "the card is of artifact {found}, expected {expected}; where a training was cut short, train again"
    )]
    OtherArtifact {
        /// SHA-256 of the artifact at hand.
        expected: String,
        /// SHA-256 that the card names.
        found: String,
    },
}

impl Card {
    /// The card in `json`, of the artifact with `artifact_sha256`.
    ///
    /// # Errors
    /// Where the text is no card, or another artifact's.
    pub fn parse(json: &str, artifact_sha256: &str) -> Result<Self, CardError> {
        let card: Self = serde_json::from_str(json)?;
        if card.artifact_sha256 != artifact_sha256 || !artifact_sha256.starts_with(&card.version) {
            let expected = artifact_sha256.to_owned();
            return Err(CardError::OtherArtifact { expected, found: card.artifact_sha256 });
        }
        Ok(card)
    }

    /// The card as indented JSON with a final line feed.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("every part of a card has a JSON form") + "\n"
    }

    /// The version of the artifact with this SHA-256.
    #[must_use]
    pub fn version_of(artifact_sha256: &str) -> String {
        artifact_sha256[..VERSION_DIGITS].to_owned()
    }
}
