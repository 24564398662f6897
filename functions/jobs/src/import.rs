//! `churn import`: a model that another library trained becomes an artifact that can be judged, promoted and served.
//!
//! The file gives the trees. The data gives what an artifact holds beside them: covers, reference histograms, golden rows,
//! and the decision threshold where none is given. Which rows the model was fitted on is not known, so the card holds
//! no figure of its quality, and says so.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use churn::{
    Artifact, Card, CardMetrics, DataFacts, Decision, FEATURE_COUNT, FEATURES, Features, Parameter,
    Provenance, Reference, sha256_hex, transform,
};
use clap::Args;
use evaluation::{Scored, cheapest_threshold, roc_auc};
use forest::Link;
use onnx::{Imported, MAX_BYTES, METADATA_FEATURES};

use crate::artifacts::card_path;
use crate::config::DecisionConfig;
use crate::error::JobError;
use crate::lock::FolderLock;
use crate::output;
use crate::source::{Labels, Source};
use crate::train::{file_name, git_revision, golden, machine, now};

/// Make an artifact of an ONNX model that another library trained.
#[derive(Args)]
pub(crate) struct Arguments {
    /// ONNX file: a forest or boosted trees over the coded features.
    #[arg(value_name = "FILE.onnx")]
    onnx: PathBuf,
    /// File (.csv, .ndjson or .parquet) with the customer's columns; `Churn` too, unless the threshold is given.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Artifact to write; its card goes beside it.
    #[arg(long, value_name = "M")]
    out: PathBuf,
    /// Decision threshold, 0 to 1 [default: the one whose wrong decisions on the data cost least].
    #[arg(long, value_name = "P")]
    threshold: Option<f64>,
    /// Print the card as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    let start = Instant::now();
    check_outputs(arguments)?;
    let file = OnnxFile::read(&arguments.onnx)?;
    let source = Source::read(&arguments.data, Labels::Optional)?.whole()?;
    let names = file.names;
    let artifact = artifact(arguments, file, &source)?;
    let bytes = artifact.encode();
    let card = card(arguments, &artifact, &sha256_hex(&bytes), &source, start.elapsed());
    write(&arguments.out, &card, &bytes)?;
    let auc = roc_auc_on(&artifact, &source);
    if let Some(auc) = auc.filter(|auc| *auc < HARDLY_BETTER_THAN_CHANCE) {
        eprintln!(
            "warning: the ROC-AUC on the data is {auc:.4}; does the model take its columns as {}, and is the data its own?",
            FEATURES.map(|field| field.name()).join(", ")
        );
    }
    output::say(&if arguments.json { card.to_json() } else { told(arguments, &artifact, &card, names, auc) })
}

/// A model on its own data is far above this, and one that takes its columns in another order seldom is.
const HARDLY_BETTER_THAN_CHANCE: f64 = 0.6;

/// The ROC-AUC on the data, where its labels are known and of both kinds.
fn roc_auc_on(artifact: &Artifact, source: &Source) -> Option<f64> {
    if !source.labelled {
        return None;
    }
    let forest = artifact.forest.view();
    let scores: Vec<f64> =
        source.rows.iter().map(|row| forest.probability(&transform(&row.record.customer))).collect();
    let churned: Vec<bool> = source.rows.iter().map(|row| row.churned).collect();
    Scored::parse(&scores, &churned).and_then(|scored| roc_auc(&scored)).ok()
}

/// Refuses an output that is an input. Artifacts end in .msgpack, so that no two of them have the same card.
fn check_outputs(arguments: &Arguments) -> Result<(), JobError> {
    let Arguments { onnx, data, out, .. } = arguments;
    [out, &card_path(out)].into_iter().try_for_each(|output| output::is_none_of(output, &[onnx, data]))?;
    if out.extension().is_none_or(|extension| extension != "msgpack") {
        return Err(JobError::Unnamed { path: out.clone() });
    }
    Ok(())
}

/// Both files or none, the artifact last.
fn write(out: &Path, card: &Card, artifact: &[u8]) -> Result<(), JobError> {
    let _lock = FolderLock::take(output::folder(out))?;
    output::write_together(&[(&card_path(out), card.to_json().as_bytes()), (out, artifact)])
}

/// The file that was read.
struct OnnxFile {
    imported: Imported,
    /// SHA-256 of the file, in hex.
    sha256: String,
    names: Names,
}

/// Whether the file says which features its columns are.
#[derive(Clone, Copy)]
enum Names {
    /// It does, and they are ours in our order.
    Ours,
    /// It does not: they are taken to be.
    Absent,
}

impl OnnxFile {
    fn read(path: &Path) -> Result<Self, JobError> {
        let mut bytes = Vec::new();
        // One byte more than is allowed is enough to refuse the file.
        File::open(path)
            .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
            .map_err(|source| JobError::Read { path: path.into(), source })?;
        let imported = onnx::import(&bytes, FEATURE_COUNT)
            .map_err(|source| JobError::Onnx { path: path.into(), source })?;
        let expected = FEATURES.map(|field| field.name()).join(",");
        let names = match imported.metadata.get(METADATA_FEATURES) {
            Some(found) if *found != expected => {
                let found = found.escape_debug().to_string();
                return Err(JobError::Features { path: path.into(), expected, found });
            }
            Some(_) => Names::Ours,
            None => Names::Absent,
        };
        Ok(Self { imported, sha256: sha256_hex(&bytes), names })
    }
}

fn artifact(arguments: &Arguments, file: OnnxFile, source: &Source) -> Result<Artifact, JobError> {
    let features: Vec<Features> = source.rows.iter().map(|row| transform(&row.record.customer)).collect();
    let producer: String = file.imported.producer.escape_debug().take(80).collect();
    let forest = file.imported.into_forest(features.iter().map(|row| &row[..]));
    let scores: Vec<f64> = features.iter().map(|row| forest.view().probability(row)).collect();
    let (threshold, costs) = threshold(arguments, source, &scores)?;
    let model_type = match forest.link() {
        Link::Mean => "imported_random_forest",
        Link::Logistic { .. } => "imported_gradient_boosting",
    };
    let mut parameters = BTreeMap::from([
        ("onnx_sha256".into(), Parameter::Name(file.sha256)),
        ("onnx_producer".into(), Parameter::Name(producer)),
        ("trees".into(), Parameter::Count(forest.view().trees() as u64)),
    ]);
    if let Some(costs) = costs {
        parameters.insert("cost_false_positive".into(), Parameter::Number(costs.false_positive));
        parameters.insert("cost_false_negative".into(), Parameter::Number(costs.false_negative));
    }
    Ok(Artifact {
        decision: Decision::at(threshold),
        reference: Reference::of(&features, &scores),
        golden: golden(&features, &scores),
        provenance: Provenance {
            trainer: concat!("churn ", env!("CARGO_PKG_VERSION"), ", which imported it").into(),
            model_type: model_type.into(),
            data_sha256: source.sha256.clone(),
            data_rows: source.rows.len() as u64,
            fitted_rows: 0,
            seed: 0,
            parameters,
            seen: None,
        },
        forest,
    })
}

/// The threshold that is asked for, or the one that costs least on the data, and those costs.
fn threshold(
    arguments: &Arguments,
    source: &Source,
    scores: &[f64],
) -> Result<(f64, Option<DecisionConfig>), JobError> {
    if let Some(found) = arguments.threshold {
        if (0.0..=1.0).contains(&found) {
            return Ok((found, None));
        }
        return Err(JobError::Option { option: "threshold", expected: "a probability from 0 to 1", found });
    }
    if !source.labelled {
        let detail = "the header has no column Churn, by which the decision threshold is chosen; add the column, \
                      or give --threshold";
        return Err(JobError::Table { path: arguments.data.clone(), detail: detail.into() });
    }
    let config = DecisionConfig::default();
    let churned: Vec<bool> = source.rows.iter().map(|row| row.churned).collect();
    let scored = Scored::parse(scores, &churned)
        .map_err(|source| JobError::Evaluation { rows: "the rows of this file", source })?;
    Ok((cheapest_threshold(&scored, &config.costs()?), Some(config)))
}

fn card(
    arguments: &Arguments,
    artifact: &Artifact,
    sha256: &str,
    source: &Source,
    duration: Duration,
) -> Card {
    let provenance = &artifact.provenance;
    Card {
        version: Card::version_of(sha256),
        artifact_sha256: sha256.to_owned(),
        model_type: provenance.model_type.clone(),
        command: command(arguments),
        trained_at: now(),
        duration_seconds: duration.as_secs_f64(),
        machine: machine(1),
        git_revision: git_revision(),
        data: DataFacts {
            file: file_name(&arguments.data),
            sha256: source.sha256.clone(),
            rows: provenance.data_rows,
            churned: source.rows.iter().filter(|row| row.churned).count() as u64,
            fitted_rows: 0,
            holdout_rows: 0,
        },
        parameters: provenance.parameters.clone(),
        decision: artifact.decision,
        constraints: BTreeMap::new(),
        metrics: CardMetrics { holdout: None, cross_validation: None, out_of_bag_roc_auc: None },
        candidates: Vec::new(),
        yardstick: None,
        importance: Vec::new(),
        judged: None,
        note: Some(note(arguments, source)),
    }
}

/// What the card says of figures that are not there, and of the threshold.
fn note(arguments: &Arguments, source: &Source) -> String {
    let threshold = match arguments.threshold {
        Some(_) => "The decision threshold was given.",
        None => {
            "The decision threshold costs least on the data named here, on which the model may have been fitted."
        }
    };
    let labels = if source.labelled { "" } else { " The data has no labels." };
    format!(
        "Imported; trained_at is the time of the import. Which rows the model was fitted on is not known, so no \
         figure of its quality stands here: judge it on rows that it has not seen. {threshold}{labels}"
    )
}

/// The command that gives the same bytes, with names of files instead of paths.
fn command(arguments: &Arguments) -> String {
    let [onnx, data, out] = [&arguments.onnx, &arguments.data, &arguments.out].map(|path| file_name(path));
    let threshold = arguments.threshold.map_or_else(String::new, |found| format!(" --threshold {found}"));
    format!("churn import {onnx} --data {data} --out {out}{threshold}")
}

/// The result for people.
fn told(arguments: &Arguments, artifact: &Artifact, card: &Card, names: Names, auc: Option<f64>) -> String {
    let forest = artifact.forest.view();
    let columns = FEATURES.map(|field| field.name()).join(", ");
    let columns = match names {
        Names::Ours => format!("columns are {columns}"),
        Names::Absent => {
            format!("columns are taken as {columns}, in this order: the file does not name them")
        }
    };
    let on_data = auc.map_or_else(
        || "the data does not tell its ROC-AUC".to_owned(),
        |auc| format!("ROC-AUC {auc:.4} on the data, on which it may have been fitted"),
    );
    format!(
        "{} {}: {} trees with {} nodes, covers from {} rows\n{columns}\nsays Yes from {}, {on_data}\n\
         quality is not known: `churn evaluate` judges it on rows that it has not seen\nwrote {} and its card\n",
        card.model_type,
        card.version,
        forest.trees(),
        forest.nodes(),
        card.data.rows,
        card.decision.threshold,
        arguments.out.display()
    )
}
