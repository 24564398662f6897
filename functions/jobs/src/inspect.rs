//! `churn inspect`: what is in an artifact.

use std::fmt::Write as _;
use std::path::PathBuf;

use churn::{FEATURES, Schema};
use clap::Args;
use serde_json::json;

use crate::artifacts::{self, Loaded};
use crate::error::JobError;
use crate::output;

/// Show what is in an artifact, after checking all of it.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The artifact.
    #[arg(value_name = "M")]
    model: PathBuf,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    let loaded = artifacts::load(&arguments.model)?;
    output::say(&if arguments.json { format!("{:#}\n", summary(&loaded)) } else { told(&loaded) })
}

fn summary(loaded: &Loaded) -> serde_json::Value {
    let artifact = &loaded.artifact;
    let forest = artifact.forest.view();
    json!({
        "version": loaded.version(),
        "artifact_sha256": loaded.sha256,
        "bytes": loaded.bytes.len(),
        "schema": Schema::compiled(),
        "link": artifact.forest.link(),
        "trees": forest.trees(),
        "nodes": forest.nodes(),
        "depth": forest.depth(),
        "decision": artifact.decision,
        "reference": artifact.reference,
        "golden": artifact.golden,
        "provenance": artifact.provenance,
    })
}

/// The same for people. Writing to a `String` cannot fail.
fn told(loaded: &Loaded) -> String {
    let mut text = String::new();
    let artifact = &loaded.artifact;
    let (forest, decision, provenance) = (artifact.forest.view(), artifact.decision, &artifact.provenance);
    let _ = writeln!(text, "version      {}", loaded.version());
    let _ = writeln!(text, "sha256       {}", loaded.sha256);
    let _ = writeln!(text, "bytes        {}", loaded.bytes.len());
    let _ = writeln!(text, "model        {}, link {}", provenance.model_type, json!(forest.link()));
    let _ = writeln!(
        text,
        "trees        {} with {} nodes, depth {}",
        forest.trees(),
        forest.nodes(),
        forest.depth()
    );
    let _ = writeln!(
        text,
        "decision     Yes from {}, MEDIUM from {}, HIGH from {}",
        decision.threshold, decision.medium, decision.high
    );
    for (feature, histogram) in FEATURES.iter().zip(&artifact.reference.features) {
        let labels = feature.labels();
        let takes = if labels.is_empty() { "number".to_owned() } else { labels.join(", ") };
        let _ = writeln!(
            text,
            "feature      {} ({takes}): {} reference bins",
            feature.name(),
            histogram.counts.len()
        );
    }
    let (low, high) = (artifact.golden.first(), artifact.golden.last());
    if let (Some(low), Some(high)) = (low, high) {
        let rows = artifact.golden.len();
        let _ = writeln!(
            text,
            "golden rows  {rows}, all come out, from {} to {}",
            low.probability, high.probability
        );
    }
    let _ = writeln!(text, "trainer      {}, seed {}", provenance.trainer, provenance.seed);
    let _ = writeln!(text, "parameters   {}", json!(provenance.parameters));
    let _ =
        writeln!(text, "data         {} rows, {} fitted on", provenance.data_rows, provenance.fitted_rows);
    let _ = writeln!(text, "data sha256  {}", provenance.data_sha256);
    text
}
