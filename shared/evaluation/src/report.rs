//! All figures of one model on one set of rows.

use serde::{Deserialize, Serialize};

use crate::{
    ConfusionMatrix, ECE_BINS, EvaluationError, Interval, RESAMPLES, Scored, average_precision,
    bootstrap_intervals, brier, expected_calibration_error, log_loss, roc_auc, roc_auc_interval,
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
    /// [`crate::BootstrapIntervals::pr_auc`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pr_auc_interval: Option<Interval>,
    /// [`log_loss`], in nats.
    pub log_loss: f64,
    /// [`crate::BootstrapIntervals::log_loss`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_loss_interval: Option<Interval>,
    /// [`brier`].
    pub brier: f64,
    /// [`crate::BootstrapIntervals::brier`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brier_interval: Option<Interval>,
    /// [`expected_calibration_error`] in [`ECE_BINS`] bins.
    pub ece: f64,
    /// [`crate::BootstrapIntervals::ece`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ece_interval: Option<Interval>,
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
    /// All figures, decisions at `threshold`; of the intervals only that of the AUC, which costs nothing.
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
            pr_auc_interval: None,
            log_loss: log_loss(scored),
            log_loss_interval: None,
            brier: brier(scored),
            brier_interval: None,
            ece: expected_calibration_error(scored, ECE_BINS),
            ece_interval: None,
            threshold,
            accuracy: matrix.accuracy(),
            precision: matrix.precision(),
            recall: matrix.recall(),
            f1: matrix.f1(),
        })
    }

    /// [`Metrics::at`] with all intervals, of [`RESAMPLES`] resamples drawn by `seed`.
    ///
    /// # Errors
    /// Where all rows have the same outcome.
    pub fn with_intervals(scored: &Scored<'_>, threshold: f64, seed: u64) -> Result<Self, EvaluationError> {
        let intervals = bootstrap_intervals(scored, RESAMPLES, seed)?;
        Ok(Self {
            pr_auc_interval: intervals.map(|of| of.pr_auc),
            log_loss_interval: intervals.map(|of| of.log_loss),
            brier_interval: intervals.map(|of| of.brier),
            ece_interval: intervals.map(|of| of.ece),
            ..Self::at(scored, threshold)?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scored::tests_support::pseudo_random;

    fn check(metrics: &Metrics) {
        let text = serde_json::to_string(metrics).unwrap();
        assert_eq!(serde_json::from_str::<Metrics>(&text).unwrap(), *metrics, "{text}");
    }

    #[test]
    fn figures_are_read_back_with_and_without_intervals() {
        let (probability, churned) = pseudo_random(200, 5);
        let scored = Scored::parse(&probability, &churned).unwrap();
        check(&Metrics::at(&scored, 0.4).unwrap());
        check(&Metrics::with_intervals(&scored, 0.4, 1).unwrap());
    }

    #[test]
    fn a_card_from_before_the_intervals_is_still_read() {
        let text = r#"{"rows":4,"churned":2,"roc_auc":0.75,"roc_auc_interval":null,"pr_auc":0.8,"log_loss":0.5,
            "brier":0.2,"ece":0.1,"threshold":0.5,"accuracy":0.5,"precision":0.5,"recall":0.5,"f1":0.5}"#;
        let metrics: Metrics = serde_json::from_str(text).unwrap();
        assert_eq!((metrics.pr_auc, metrics.pr_auc_interval, metrics.ece_interval), (0.8, None, None));
        assert!(!serde_json::to_string(&metrics).unwrap().contains("ece_interval"));
    }
}
