//! How good a churn model is: does it rank, do its probabilities mean what they say, and what do its decisions cost.
//!
//! Everything here is a function of predicted probabilities and outcomes; no model and no customer is known.
//!
//! ```
//! use evaluation::{Metrics, Scored};
//!
//! let scored = Scored::parse(&[0.9, 0.6, 0.4, 0.1], &[true, false, true, false])?;
//! let metrics = Metrics::at(&scored, 0.5)?;
//! assert_eq!(metrics.roc_auc, 0.75);
//! assert_eq!(metrics.recall, Some(0.5));
//! # Ok::<(), evaluation::EvaluationError>(())
//! ```

mod bootstrap;
mod calibration;
mod curves;
mod decision;
mod drift;
mod error;
mod folds;
mod label_free;
mod multiple;
mod normal;
mod paired;
mod profit;
mod quantile;
mod ranking;
mod reliability;
mod report;
mod scored;
mod slices;

pub use bootstrap::{BootstrapIntervals, RESAMPLES, bootstrap_intervals};
pub use calibration::{ECE_BINS, brier, expected_calibration_error, log_loss};
pub use curves::{GainsCurve, PrCurve, RocCurve};
pub use decision::{ConfusionMatrix, Costs, cheapest_threshold};
pub use drift::{Psi, psi};
pub use error::EvaluationError;
pub use folds::{FoldDifference, fold_difference};
pub use label_free::expected_roc_auc;
pub use multiple::{benjamini_hochberg, holm};
pub use paired::{PairedAuc, paired_roc_auc};
pub use profit::{
    Campaign, CampaignParameters, ExpectedMaximumProfit, MaximumProfit, ProfitCurve, expected_maximum_profit,
};
pub use ranking::{Interval, average_precision, roc_auc, roc_auc_interval};
pub use reliability::{CalibrationCurve, wilson};
pub use report::Metrics;
pub use scored::Scored;
pub use slices::{Slice, slices};
