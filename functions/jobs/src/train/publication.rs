//! What a training run leaves: files, and on an MLflow server every candidate as a child run and the model as an ONNX
//! graph.

use std::collections::BTreeMap;
use std::path::Path;

use churn::{Artifact, Card, FEATURES};
use learner::{Candidate, Dataset, Fitted, FoldScores, Learner, LearnerError, Threads};
use onnx::Graph;

use super::selection::{Selection, parameters};
use super::{ARTIFACT, REPORT};
use crate::artifacts::card_path;
use crate::error::JobError;
use crate::lock::FolderLock;
use crate::mlflow::{self, CandidateRun, Candidates, Metric, Publication, Server};
use crate::output;
use crate::progress::Progress;

/// What a training run has made.
pub(super) struct Made<'a> {
    pub(super) artifact: &'a Artifact,
    pub(super) bytes: &'a [u8],
    pub(super) card: &'a Card,
    pub(super) report: &'a str,
}

/// Refuses a folder that the files could not be written into, before the work is done.
pub(super) fn check_writable(out: &Path) -> Result<(), JobError> {
    let artifact = out.join(ARTIFACT);
    [out.join(REPORT), card_path(&artifact), artifact]
        .iter()
        .try_for_each(|path| output::check_writable(path))
}

impl Made<'_> {
    /// Writes the files into `out`, all of them or none, the artifact last: a whole artifact of a first training has its
    /// card. Should the process end between two of the renames, the new card lies beside the old artifact, and names
    /// another hash; every verb that reads a card refuses the pair, and says that training again mends it.
    pub(super) fn write(&self, out: &Path) -> Result<(), JobError> {
        let _lock = FolderLock::take(out)?;
        let path = out.join(ARTIFACT);
        output::write_together(&[
            (&out.join(REPORT), self.report.as_bytes()),
            (&card_path(&path), self.card.to_json().as_bytes()),
            (&path, self.bytes),
        ])
    }

    /// Brings them, which are whole on disk, to the MLflow server.
    pub(super) fn publish(&self, server: &Server, candidates: &Candidates<'_>) -> Result<(), JobError> {
        let features = FEATURES.map(|field| field.name());
        let onnx = onnx::export(&self.artifact.forest, &features, &BTreeMap::new(), Graph::Probability)
            .map_err(|source| JobError::Export { path: ARTIFACT.into(), source })?;
        let publication = Publication {
            artifact: self.bytes,
            sha256: &self.card.artifact_sha256,
            card: self.card,
            card_json: &self.card.to_json(),
            report: self.report.as_bytes(),
            onnx: &onnx,
            candidates,
        };
        let published = mlflow::publish(server, &publication).map_err(|error| {
            JobError::mlflow(
                error,
                "the files of the challenger are whole; the same command again does the rest",
            )
        })?;
        eprintln!(
            "MLflow: run {}; version {} of churn_classifier is the {}",
            published.run_id, published.model_version, published.alias
        );
        Ok(())
    }
}

/// A child run for each candidate: its ROC-AUC on each fold, and for boosting how the first fold is learned tree by
/// tree.
pub(super) fn candidate_runs(
    selection: &Selection,
    dataset: &Dataset,
    threads: Threads,
) -> Result<Vec<CandidateRun>, LearnerError> {
    let of_curves = selection.candidates().filter(|(candidate, ..)| has_curve(candidate));
    let progress = Progress::new("learning curves", of_curves.map(|(candidate, ..)| candidate.steps()).sum());
    let advance = |steps| progress.advance(steps);
    let run = |(candidate, folds, selected): (&Candidate, &[FoldScores], bool)| {
        let mut metrics = Vec::new();
        for (fold, scores) in (0..).zip(folds) {
            metrics.push(Metric { name: "fold/roc_auc".into(), value: scores.roc_auc, step: fold });
        }
        let mean = folds.iter().map(|fold| fold.roc_auc).sum::<f64>() / folds.len() as f64;
        metrics.push(Metric { name: "roc_auc_mean".into(), value: mean, step: 0 });
        if let Some(fold) = folds.first().filter(|_| has_curve(candidate)) {
            metrics.extend(learning_curve(candidate, dataset, &fold.rows, threads, &advance)?);
        }
        Ok(CandidateRun {
            name: candidate.kind().into(),
            parameters: parameters(candidate),
            metrics,
            selected,
        })
    };
    selection.candidates().map(run).collect()
}

/// Boosting adds tree to tree; the others have no curve.
fn has_curve(candidate: &Candidate) -> bool {
    matches!(candidate, Candidate::GradientBoosting(_))
}

/// Log loss after each tree, on the rows that were fitted on and on the fold's own.
fn learning_curve(
    candidate: &Candidate,
    dataset: &Dataset,
    test: &[usize],
    threads: Threads,
    progress: learner::Progress<'_>,
) -> Result<Vec<Metric>, LearnerError> {
    let mut is_test = vec![false; dataset.rows()];
    test.iter().for_each(|&row| is_test[row] = true);
    let train: Vec<usize> = (0..dataset.rows()).filter(|&row| !is_test[row]).collect();
    let (train, test) = (dataset.select(&train)?, dataset.select(test)?);
    let Fitted::Trees(model) = candidate.fit(&train, threads, progress)? else { return Ok(Vec::new()) };
    let curve = |name: &'static str, rows: &Dataset| {
        let losses = model.staged_log_loss(rows);
        (1..).zip(losses).map(move |(step, value)| Metric { name: name.into(), value, step })
    };
    Ok(curve("fitted/log_loss", &train).chain(curve("validation/log_loss", &test)).collect())
}
