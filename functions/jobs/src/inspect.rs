//! `churn inspect`: what is in an artifact.

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

/// The same for people, a line a fact.
fn told(loaded: &Loaded) -> String {
    let artifact = &loaded.artifact;
    let (forest, decision, provenance) = (artifact.forest.view(), artifact.decision, &artifact.provenance);
    let (trees, nodes, depth) = (forest.trees(), forest.nodes(), forest.depth());
    let mut facts = vec![
        ("version", loaded.version()),
        ("sha256", loaded.sha256.clone()),
        ("bytes", loaded.bytes.len().to_string()),
        ("model", format!("{}, link {}", provenance.model_type, json!(forest.link()))),
        ("trees", format!("{trees} with {nodes} nodes, depth {depth}")),
        (
            "decision",
            format!(
                "Yes from {}, MEDIUM from {}, HIGH from {}",
                decision.threshold, decision.medium, decision.high
            ),
        ),
    ];
    for (feature, histogram) in FEATURES.iter().zip(&artifact.reference.features) {
        let (name, bins) = (feature.name(), histogram.counts.len());
        let takes =
            if feature.labels().is_empty() { "number".to_owned() } else { feature.labels().join(", ") };
        facts.push(("feature", format!("{name} ({takes}): {bins} reference bins")));
    }
    let kept = match &provenance.seen {
        Some(seen) => format!("{} of them kept as hashes", seen.sketch.hashes()),
        None => "no record of which".into(),
    };
    facts.extend([
        ("golden rows", format!("{}, all come out", artifact.golden.len())),
        ("trainer", format!("{}, seed {}", provenance.trainer, provenance.seed)),
        ("parameters", json!(provenance.parameters).to_string()),
        ("data", format!("{} rows, {} fitted on, {kept}", provenance.data_rows, provenance.fitted_rows)),
        ("data sha256", provenance.data_sha256.clone()),
    ]);
    facts.iter().map(|(name, fact)| format!("{name:<12} {fact}\n")).collect()
}
