//! The card of a training run: what the artifact may not hold, because it differs from run to run.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use churn::{Artifact, Card, CardMetrics, CrossValidation, DataFacts};
use evaluation::Metrics;
use learner::{FoldScores, Threads};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Arguments;

/// What is known of one run beside its artifact.
pub(super) struct Run<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) facts: DataFacts,
    pub(super) holdout: Option<Metrics>,
    pub(super) folds: &'a [FoldScores],
    pub(super) duration: Duration,
    pub(super) threads: Threads,
}

impl Run<'_> {
    /// The card of `artifact`, whose bytes have this hash.
    pub(super) fn card(self, artifact: &Artifact, artifact_sha256: &str) -> Card {
        Card {
            version: Card::version_of(artifact_sha256),
            artifact_sha256: artifact_sha256.to_owned(),
            model_type: artifact.provenance.model_type.clone(),
            command: command(self.arguments),
            trained_at: now(),
            duration_seconds: self.duration.as_secs_f64(),
            machine: format!(
                "{}-{}, {} threads",
                std::env::consts::ARCH,
                std::env::consts::OS,
                self.threads.get()
            ),
            git_revision: git_revision(),
            data: self.facts,
            parameters: artifact.provenance.parameters.clone(),
            decision: artifact.decision,
            metrics: CardMetrics { holdout: self.holdout, cross_validation: summary(self.folds) },
        }
    }
}

fn summary(folds: &[FoldScores]) -> CrossValidation {
    let count = folds.len() as f64;
    let mean = folds.iter().map(|fold| fold.roc_auc).sum::<f64>() / count;
    let squares: f64 = folds.iter().map(|fold| (fold.roc_auc - mean) * (fold.roc_auc - mean)).sum();
    CrossValidation {
        folds: folds.len() as u64,
        roc_auc_mean: mean,
        roc_auc_sd: (squares / (count - 1.0).max(1.0)).sqrt(),
    }
}

/// The command that gives the same bytes, with names of files instead of paths, which differ from machine to machine.
fn command(arguments: &Arguments) -> String {
    let data = file_name(&arguments.data);
    let mut command =
        format!("churn train --data {data} --seed {} --holdout {}", arguments.seed, arguments.holdout);
    for (option, path) in [("folds", &arguments.folds), ("config", &arguments.config)] {
        if let Some(path) = path {
            command += &format!(" --{option} {}", file_name(path));
        }
    }
    command
}

/// The last part of `path`.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn now() -> String {
    OffsetDateTime::now_utc().format(&Rfc3339).expect("a time of this era has an RFC 3339 form")
}

/// The revision of the code, as far as git knows it.
fn git_revision() -> Option<String> {
    let arguments = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
    let output = Command::new("git").args(arguments).output().ok()?;
    let revision = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !revision.trim().is_empty()).then(|| revision.trim().to_owned())
}
