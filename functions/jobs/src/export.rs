//! `churn export`: a model for other programs, as ONNX.

use std::collections::BTreeMap;
use std::path::PathBuf;

use churn::{FEATURES, Schema};
use clap::{Args, ValueEnum};
use onnx::Graph;
use serde_json::json;

use crate::artifacts::{self, Loaded, card_path};
use crate::error::JobError;
use crate::output;

/// Write a model as ONNX, for other programs to score with.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The artifact.
    #[arg(long, value_name = "M")]
    model: PathBuf,
    /// ONNX file to write.
    #[arg(long, value_name = "FILE")]
    onnx: PathBuf,
    /// What the graph answers.
    #[arg(long, value_enum, default_value_t = Answer::Classifier)]
    graph: Answer,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// The two graphs.
#[derive(Clone, Copy, ValueEnum)]
enum Answer {
    /// `label` and `probabilities`, as scikit-learn's converter writes a classifier.
    Classifier,
    /// `churn_probability` alone, as MLflow takes it.
    Probability,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    output::is_none_of(&arguments.onnx, &[&arguments.model, &card_path(&arguments.model)])?;
    let loaded = artifacts::load(&arguments.model)?;
    let graph = match arguments.graph {
        Answer::Classifier => Graph::Classifier,
        Answer::Probability => Graph::Probability,
    };
    let features = FEATURES.map(|field| field.name());
    let bytes = onnx::export(&loaded.artifact.forest, &features, &metadata(&loaded), graph)
        .map_err(|source| JobError::Export { path: arguments.model.clone(), source })?;
    output::write(&arguments.onnx, &bytes)?;
    let (version, path) = (loaded.version(), arguments.onnx.display());
    output::say(&if arguments.json {
        let (path, sha256) = (path.to_string(), churn::sha256_hex(&bytes));
        format!("{}\n", json!({"model_version": version, "onnx": path, "onnx_sha256": sha256}))
    } else {
        format!("wrote model {version} as {path}\n")
    })
}

/// What goes into the file beside the trees: whose they are, how features are coded, and where a decision is made.
fn metadata(loaded: &Loaded) -> BTreeMap<String, String> {
    let artifact = &loaded.artifact;
    [
        ("model_version", loaded.version()),
        ("artifact_sha256", loaded.sha256.clone()),
        ("model_type", artifact.provenance.model_type.clone()),
        ("decision_threshold", artifact.decision.threshold.to_string()),
        ("schema", json!(Schema::compiled()).to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}
