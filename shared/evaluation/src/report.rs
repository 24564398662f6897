//! All figures of one model on one set of rows.

use serde::{Deserialize, Serialize};

use crate::{
    ConfusionMatrix, ECE_BINS, EvaluationError, Interval, Scored, average_precision, brier,
    expected_calibration_error, log_loss, roc_auc, roc_auc_interval,
};

/// Ranking, calibration, and decisions at one threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Number of rows.
    pub rows: u64,
    /// Rows that churned.
    pub churned: u64,
    /// [`roc_auc`].
    pub roc_auc: f64,
    /// [`roc_auc_interval`].
    pub roc_auc_interval: Option<Interval>,
    /// [`average_precision`].
    pub pr_auc: f64,
    /// [`log_loss`], in nats.
    pub log_loss: f64,
    /// [`brier`].
    pub brier: f64,
    /// [`expected_calibration_error`] in [`ECE_BINS`] bins.
    pub ece: f64,
    /// The decision threshold of the figures below.
    pub threshold: f64,
    /// [`ConfusionMatrix::accuracy`].
    pub accuracy: f64,
    /// [`ConfusionMatrix::precision`].
    pub precision: Option<f64>,
    /// [`ConfusionMatrix::recall`].
    pub recall: Option<f64>,
    /// [`ConfusionMatrix::f1`].
    pub f1: Option<f64>,
}

impl Metrics {
    /// All figures, decisions at `threshold`.
    ///
    /// # Errors
    /// Where all rows have the same outcome.
    pub fn at(scored: &Scored<'_>, threshold: f64) -> Result<Self, EvaluationError> {
        let matrix = ConfusionMatrix::at(scored, threshold);
        Ok(Self {
            rows: scored.rows() as u64,
            churned: scored.churned() as u64,
            roc_auc: roc_auc(scored)?,
            roc_auc_interval: roc_auc_interval(scored)?,
            pr_auc: average_precision(scored)?,
            log_loss: log_loss(scored),
            brier: brier(scored),
            ece: expected_calibration_error(scored, ECE_BINS),
            threshold,
            accuracy: matrix.accuracy(),
            precision: matrix.precision(),
            recall: matrix.recall(),
            f1: matrix.f1(),
        })
    }
}
