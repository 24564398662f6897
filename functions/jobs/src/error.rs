//! What can go wrong in a verb, and the exit status that says so.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use churn::{ArtifactError, CardError};
use evaluation::EvaluationError;
use learner::LearnerError;
use onnx::OnnxError;
use thiserror::Error as ThisError;

use crate::mlflow::{Fault, MlflowError, SettingError};
use crate::rejected::Rejections;

/// Why a verb did not do its work. Nothing was written, unless the error says so.
#[derive(Debug, ThisError)]
pub(crate) enum JobError {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {path}")]
    Write { path: PathBuf, source: io::Error },
    #[error("the output is {path}, which is an input and would be lost")]
    Overwrite { path: PathBuf },
    #[error("{path} is in the way, and not of an earlier run; move it, or give the output another name")]
    Foreign { path: PathBuf },
    #[error("--out is {path}, expected NAME.msgpack; the card goes beside it as NAME.card.json")]
    Unnamed { path: PathBuf },
    #[error("another churn is writing to {folder}; try again when it is done")]
    Busy { folder: PathBuf },
    #[error("{path}: {detail}")]
    Table { path: PathBuf, detail: String },
    #[error("{}", rejected.listed(path))]
    Rows { path: PathBuf, rejected: Box<Rejections> },
    #[error("{path}")]
    Artifact { path: PathBuf, source: ArtifactError },
    #[error(
        "{path} is not the card of the artifact beside it: a run was cut off between the two, or one of them was \
         replaced; train again, or bring both from one run"
    )]
    Card { path: PathBuf, source: CardError },
    #[error("{path} cannot be imported")]
    Onnx { path: PathBuf, source: OnnxError },
    #[error("{path} cannot be exported")]
    Export { path: PathBuf, source: OnnxError },
    #[error("{path} is a model of the features {found}, expected {expected}")]
    Features { path: PathBuf, expected: String, found: String },
    #[error("{path}: {detail}")]
    Config { path: PathBuf, detail: String },
    #[error("{path}: {detail}")]
    Folds { path: PathBuf, detail: String },
    #[error("--{option} is {found}, expected {expected}")]
    Option { option: &'static str, expected: &'static str, found: f64 },
    #[error(
        "no candidate can ship: logistic regression is a yardstick; let [selection] candidates of the configuration name \
         random_forest or gradient_boosting"
    )]
    NothingCanShip,
    #[error(
        "{held_out} of the {rows} customers would be held out by --holdout {share}, expected some and not all; give more \
         customers, another share, or --holdout 0, which holds out none"
    )]
    Holdout { held_out: usize, rows: usize, share: f64 },
    #[error(
        "there is no champion {path} to judge by; a first model is not judged but promoted: churn promote --challenger {challenger}"
    )]
    NoChampion { path: PathBuf, challenger: String },
    #[error(
        "the file has no row of the hold-out to judge on; --all-rows judges on every row that no model was fitted on"
    )]
    NoRowsToJudge,
    #[error("the hold-out cannot be judged; more rows make a larger one, and --holdout 0 makes none")]
    HoldOut { source: EvaluationError },
    #[error("nothing can be learned from this data")]
    Learner(#[from] LearnerError),
    #[error("{rows} cannot be judged")]
    Evaluation { rows: &'static str, source: EvaluationError },
    #[error(
        "{path}, line {line}, is {found:?}, expected TIME promote|rollback|found VERSION; mend it or delete the file"
    )]
    Log { path: PathBuf, line: usize, found: String },
    #[error("{path} holds version {found}; give it that name")]
    Misnamed { path: PathBuf, found: String },
    #[error("{folder} holds {found}; it holds {kept}")]
    Version { folder: PathBuf, found: String, kept: String },
    #[error(transparent)]
    MlflowSetting(#[from] SettingError),
    #[error("MLflow: {step}: {fault}\n  {state}")]
    Mlflow { step: String, fault: Fault, state: String },
}

impl JobError {
    /// A failed step of MLflow, and what is already done and how to do the rest.
    pub(crate) fn mlflow(MlflowError { step, fault }: MlflowError, state: impl Into<String>) -> Self {
        Self::Mlflow { step, fault, state: state.into() }
    }

    /// 2 where the caller can mend it in his input, 1 where the machine failed.
    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Self::Write { .. } | Self::Busy { .. } | Self::Mlflow { .. } => 1,
            _ => 2,
        }
    }
}

/// The error and its causes, one line each level.
pub(crate) fn report(error: &JobError) -> String {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        // Some libraries print their cause themselves.
        if !text.ends_with(&reason) {
            text += &format!("\n  because: {reason}");
        }
        cause = error.source();
    }
    text
}
