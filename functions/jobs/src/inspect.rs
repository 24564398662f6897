//! `churn inspect`: what is in an artifact.

use std::path::PathBuf;

use churn::{FEATURES, Schema};
use clap::Args;
use serde_json::json;

use crate::artifacts::{self, Loaded};
use crate::error::JobError;

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
    if arguments.json {
        println!("{:#}", summary(&loaded));
    } else {
        print(&loaded);
    }
    Ok(())
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

fn print(loaded: &Loaded) {
    let artifact = &loaded.artifact;
    let (forest, decision, provenance) = (artifact.forest.view(), artifact.decision, &artifact.provenance);
    println!("version      {}", loaded.version());
    println!("sha256       {}", loaded.sha256);
    println!("bytes        {}", loaded.bytes.len());
    println!("model        {}, link {:?}", provenance.model_type, forest.link());
    println!("trees        {} with {} nodes, depth {}", forest.trees(), forest.nodes(), forest.depth());
    println!(
        "decision     Yes from {}, MEDIUM from {}, HIGH from {}",
        decision.threshold, decision.medium, decision.high
    );
    for (feature, histogram) in FEATURES.iter().zip(&artifact.reference.features) {
        let labels = feature.labels();
        let takes = if labels.is_empty() { "number".to_owned() } else { labels.join(", ") };
        println!("feature      {} ({takes}): {} reference bins", feature.name(), histogram.counts.len());
    }
    let (low, high) = (artifact.golden.first(), artifact.golden.last());
    if let (Some(low), Some(high)) = (low, high) {
        let rows = artifact.golden.len();
        println!("golden rows  {rows}, all come out, from {} to {}", low.probability, high.probability);
    }
    println!("trainer      {}, seed {}", provenance.trainer, provenance.seed);
    println!("parameters   {}", json!(provenance.parameters));
    println!("data         {} rows, {} fitted on", provenance.data_rows, provenance.fitted_rows);
    println!("data sha256  {}", provenance.data_sha256);
}
