//! `churn evaluate`: how good a model is on a file of customers whose outcome is known.

use std::fmt::Write as _;
use std::path::PathBuf;

use churn::transform;
use clap::Args;
use evaluation::{Interval, Metrics, Scored};

use crate::artifacts;
use crate::error::JobError;
use crate::output;
use crate::source::{Labels, Source};

/// Judge a model on labelled customers.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The artifact.
    #[arg(long, value_name = "M")]
    model: PathBuf,
    /// CSV file with the customer's columns and `Churn` (Yes or No).
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Print the metrics as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    let loaded = artifacts::load(&arguments.model)?;
    let source = Source::read(&arguments.data, Labels::Required)?.whole()?.distinct()?;
    let model = loaded.artifact.model();
    let probability: Vec<f64> = source
        .rows
        .iter()
        .map(|row| model.predict(&transform(&row.record.customer)).probability.get())
        .collect();
    let churned: Vec<bool> = source.rows.iter().map(|row| row.churned).collect();
    let metrics = Scored::parse(&probability, &churned)
        .and_then(|scored| Metrics::at(&scored, model.decision.threshold))
        .map_err(|source| JobError::Evaluation { rows: "the rows of this file", source })?;
    let fitted_rows = loaded.artifact.provenance.fitted_rows;
    if fitted_rows == 0 {
        eprintln!(
            "note: another program fitted this model, perhaps on some of these rows; then the figures flatter"
        );
    } else if source.sha256 == loaded.artifact.provenance.data_sha256 {
        eprintln!(
            "note: {} of these {} rows were fitted on, so the figures flatter; those of the hold-out are in the card",
            fitted_rows,
            source.rows.len()
        );
    }
    output::say(&if arguments.json {
        serde_json::to_string_pretty(&metrics).expect("metrics have a JSON form") + "\n"
    } else {
        format!("model {} on {} rows\n{}", loaded.version(), source.rows.len(), table(&metrics))
    })
}

/// Metrics for people, one line a group.
pub(crate) fn table(metrics: &Metrics) -> String {
    let share = |share: Option<f64>| share.map_or_else(|| "undefined".into(), |share| format!("{share:.3}"));
    let mut text = String::new();
    let interval = metrics
        .roc_auc_interval
        .map_or_else(String::new, |Interval { low, high }| format!(" (95 % interval {low:.4} to {high:.4})"));
    let _ = writeln!(
        text,
        "  ranking      ROC-AUC {:.4}{interval}, PR-AUC {:.4}",
        metrics.roc_auc, metrics.pr_auc
    );
    let _ = writeln!(
        text,
        "  calibration  log loss {:.4}, Brier {:.4}, ECE {:.4}",
        metrics.log_loss, metrics.brier, metrics.ece
    );
    let _ = writeln!(
        text,
        "  at {:.3}     accuracy {:.3}, precision {}, recall {}, F1 {}",
        metrics.threshold,
        metrics.accuracy,
        share(metrics.precision),
        share(metrics.recall),
        share(metrics.f1)
    );
    text
}
