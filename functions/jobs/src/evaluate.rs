//! `churn evaluate`: how good a model is on a file of customers whose outcome is known.

use std::fmt::Write as _;
use std::path::PathBuf;

use churn::{Provenance, transform};
use clap::Args;
use evaluation::{Interval, Metrics, Scored};

use crate::artifacts;
use crate::error::JobError;
use crate::output;
use crate::source::{Labels, Source};

/// Seed of the resamples that intervals are made of: the same file gives the same intervals.
const SEED: u64 = 42;

/// Judge a model on labelled customers.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The artifact.
    #[arg(long, value_name = "M")]
    model: PathBuf,
    /// File (.csv, .ndjson or .parquet) with the customer's columns and `Churn` (Yes or No).
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
        .and_then(|scored| Metrics::with_intervals(&scored, model.decision.threshold, SEED))
        .map_err(|source| JobError::Evaluation { rows: "the rows of this file", source })?;
    if let Some(note) = note(&loaded.artifact.provenance, &source) {
        eprintln!("note: {note}");
    }
    output::say(&if arguments.json {
        serde_json::to_string_pretty(&metrics).expect("metrics have a JSON form") + "\n"
    } else {
        format!("model {} on {} rows\n{}", loaded.version(), source.rows.len(), table(&metrics))
    })
}

/// Why the figures may flatter, where they may.
fn note(provenance: &Provenance, source: &Source) -> Option<String> {
    let (fitted, rows) = (provenance.fitted_rows, source.rows.len());
    if fitted == 0 {
        let note =
            "another program fitted this model, perhaps on some of these rows; then the figures flatter";
        return Some(note.to_owned());
    }
    if source.sha256 != provenance.data_sha256 {
        return None;
    }
    Some(if fitted == provenance.data_rows {
        format!("all of these {rows} rows were fitted on, so the figures flatter; the model has no hold-out")
    } else {
        format!(
            "{fitted} of these {rows} rows were fitted on, so the figures flatter; those of the hold-out are in the card"
        )
    })
}

/// Metrics for people, one line a group; in brackets their 95 % intervals.
pub(crate) fn table(metrics: &Metrics) -> String {
    let share = |share: Option<f64>| share.map_or_else(|| "undefined".into(), |share| format!("{share:.3}"));
    let figure = |name: &str, value: f64, interval: Option<Interval>| match interval {
        Some(Interval { low, high }) => format!("{name} {value:.4} ({low:.4} to {high:.4})"),
        None => format!("{name} {value:.4} (no interval)"),
    };
    let lines = [
        ("ranking", figure("ROC-AUC", metrics.roc_auc, metrics.roc_auc_interval)),
        ("", figure("PR-AUC", metrics.pr_auc, metrics.pr_auc_interval)),
        ("calibration", figure("log loss", metrics.log_loss, metrics.log_loss_interval)),
        ("", figure("Brier", metrics.brier, metrics.brier_interval)),
        ("", figure("ECE", metrics.ece, metrics.ece_interval)),
    ];
    let mut text = String::new();
    for (group, figure) in lines {
        let _ = writeln!(text, "  {group:<13}{figure}");
    }
    let _ = writeln!(
        text,
        "  at {:.3}     accuracy {:.3}, precision {}, recall {}, F1 {}",
        metrics.threshold,
        metrics.accuracy,
        share(metrics.precision),
        share(metrics.recall),
        share(metrics.f1)
    );
    text += "  in brackets  95 % intervals\n";
    text
}
