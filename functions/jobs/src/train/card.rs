//! The card of a training run: what the artifact may not hold, because it differs from run to run.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use churn::{Artifact, Card, CardMetrics, DataFacts, Effect, FEATURES, FeatureImportance};
use learner::{Candidate, Monotone, Threads};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Arguments;
use super::selection::Selection;

/// What is known of one run beside its artifact.
pub(super) struct Run<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) facts: DataFacts,
    pub(super) metrics: CardMetrics,
    pub(super) importance: Vec<FeatureImportance>,
    pub(super) selection: &'a Selection,
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
            machine: machine(self.threads.get()),
            git_revision: git_revision(),
            data: self.facts,
            parameters: artifact.provenance.parameters.clone(),
            constraints: constraints(self.selection.selected()),
            decision: artifact.decision,
            metrics: self.metrics,
            candidates: self.selection.facts(),
            yardstick: self.selection.yardstick(),
            importance: self.importance,
            judged: None,
            note: None,
        }
    }
}

/// The constraints that the model was fitted under.
fn constraints(selected: &Candidate) -> BTreeMap<String, Effect> {
    let Candidate::GradientBoosting(learner) = selected else { return BTreeMap::new() };
    let effect = |monotone: &Monotone| match monotone {
        Monotone::Free => None,
        Monotone::Rising => Some(Effect::Rising),
        Monotone::Falling => Some(Effect::Falling),
    };
    let monotone = &learner.parameters().monotone;
    FEATURES.iter().zip(monotone).filter_map(|(field, m)| Some((field.name().into(), effect(m)?))).collect()
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

/// Target of this program, and the threads that it used.
pub(crate) fn machine(threads: usize) -> String {
    format!("{}-{}, {threads} threads", std::env::consts::ARCH, std::env::consts::OS)
}

/// The last part of `path`.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// This moment, RFC 3339 in UTC.
pub(crate) fn now() -> String {
    OffsetDateTime::now_utc().format(&Rfc3339).expect("a time of this era has an RFC 3339 form")
}

/// The revision of the code that this program was built from, as `build.rs` found it.
pub(crate) fn git_revision() -> Option<String> {
    option_env!("CHURN_REVISION").map(str::to_owned)
}
