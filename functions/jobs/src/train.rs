//! `churn train`: from a file of customers to a challenger and its card.
//!
//! The walk: source, hold-out, dataset, cross-validation (which chooses the threshold), fit, hold-out metrics,
//! artifact, card. The artifact depends on data, configuration and seed alone; everything else stands in the card.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use churn::{
    Artifact, Card, CardMetrics, CrossValidation, DataFacts, Decision, Features, Golden, Model, Parameter,
    Provenance, Reference, is_held_out, sha256_hex, transform,
};
use clap::Args;
use evaluation::{Metrics, Scored, cheapest_threshold};
use learner::{Dataset, FoldScores, MaxFeatures, RandomForest, Threads, cross_validate, stratified_folds};
use ndarray::Array2;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::artifacts::card_path;
use crate::config::{self, Config};
use crate::error::JobError;
use crate::progress::Progress;
use crate::source::{Labels, Source};
use crate::{folds, output};

/// Folds of the cross-validation where none are given.
const FOLDS: usize = 5;
/// Golden rows of an artifact, spread evenly over the scores.
const GOLDEN_ROWS: usize = 20;

/// Train a challenger: cross-validation, hold-out, artifact and card.
#[derive(Args)]
pub(crate) struct Arguments {
    /// CSV file with the customer's columns and `Churn` (Yes or No).
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Folder for challenger.msgpack and challenger.card.json.
    #[arg(long, value_name = "DIR", default_value = "model-artifacts")]
    out: PathBuf,
    /// Seed of all randomness.
    #[arg(long, value_name = "S", default_value_t = 42)]
    seed: u64,
    /// Threads; they change the duration and nothing else [default: all cores].
    #[arg(long, value_name = "T")]
    threads: Option<usize>,
    /// Share of customers that is held out; 0 fits on every row and gives no hold-out figures.
    #[arg(long, value_name = "SHARE", default_value_t = 0.3)]
    holdout: f64,
    /// JSON file with the test rows of each fold, [[row, ...], ...], rows of the data file from 0.
    #[arg(long, value_name = "FILE")]
    folds: Option<PathBuf>,
    /// TOML file with [forest] and [decision]; what it leaves out has its default.
    #[arg(long, value_name = "TOML")]
    config: Option<PathBuf>,
    /// Print the card as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    let start = Instant::now();
    if !(0.0..1.0).contains(&arguments.holdout) {
        let expected = "a share from 0 up to, and not including, 1";
        return Err(JobError::Option { option: "holdout", expected, found: arguments.holdout });
    }
    let config = arguments.config.as_deref().map_or_else(|| Ok(Config::default()), config::read)?;
    let learner = config.forest.parameters(arguments.seed).check()?;
    let costs = config.decision.costs()?;
    let source = Source::read(&arguments.data, Labels::Required)?.whole()?;
    let data = Data::split(&source, arguments.holdout);

    let fitted = data.dataset(&data.fitted)?;
    let test = match &arguments.folds {
        Some(path) => folds::read(path, &data.fitted, source.rows.len())?,
        None => stratified_folds(fitted.churned(), FOLDS, arguments.seed)?,
    };
    let threads = arguments.threads.map_or_else(Threads::available, Threads::new);
    let trees = u64::from(learner.parameters().trees);
    let progress = Progress::new("trees", trees * (test.len() as u64 + 1));
    let folds = cross_validate(&learner, &fitted, &test, threads, &|trees| progress.advance(trees))?;
    let threshold = validated(&fitted, &folds, |scored| Ok(cheapest_threshold(scored, &costs)))?;
    let forest = learner.fit(&fitted, threads, &|trees| progress.advance(trees));
    drop(progress);

    let model = Model { forest: forest.view(), decision: Decision::at(threshold) };
    let scores: Vec<f64> = data.features.iter().map(|row| model.forest.probability(row)).collect();
    let artifact = Artifact {
        decision: model.decision,
        reference: Reference::of(&data.features, &data.of(&scores, data.judged())),
        golden: golden(&data.features, &scores),
        provenance: provenance(&learner, &config, &source, &data),
        forest,
    };
    let bytes = artifact.encode();
    let metrics =
        CardMetrics { holdout: holdout(&data, &scores, threshold)?, cross_validation: summary(&folds) };
    let facts = facts(arguments, &source, &data);
    let card = card(arguments, &artifact, &sha256_hex(&bytes), facts, metrics, start.elapsed(), threads);
    write(&arguments.out, &bytes, &card)?;
    print(arguments, &card);
    Ok(())
}

/// The rows of the source as the model sees them, and which of them it may be fitted on.
struct Data {
    features: Vec<Features>,
    churned: Vec<bool>,
    fitted: Vec<usize>,
    held_out: Vec<usize>,
}

impl Data {
    fn split(source: &Source, holdout: f64) -> Self {
        let rows = 0..source.rows.len();
        let (held_out, fitted) = rows.partition(|&row| is_held_out(&source.rows[row].record, holdout));
        Self {
            features: source.rows.iter().map(|row| transform(&row.record.customer)).collect(),
            churned: source.rows.iter().map(|row| row.churned).collect(),
            fitted,
            held_out,
        }
    }

    /// The rows that scores are judged on: the hold-out, or all rows where there is none.
    fn judged(&self) -> &[usize] {
        if self.held_out.is_empty() { &self.fitted } else { &self.held_out }
    }

    fn of<T: Copy>(&self, column: &[T], rows: &[usize]) -> Vec<T> {
        rows.iter().map(|&row| column[row]).collect()
    }

    fn dataset(&self, rows: &[usize]) -> Result<Dataset, JobError> {
        let x = Array2::from(self.of(&self.features, rows));
        Ok(Dataset::parse(x, self.of(&self.churned, rows), vec![1.0; rows.len()])?)
    }
}

/// A figure of all validation rows, each scored by a forest that did not see it.
fn validated<T>(
    fitted: &Dataset,
    folds: &[FoldScores],
    figure: impl Fn(&Scored<'_>) -> Result<T, evaluation::EvaluationError>,
) -> Result<T, JobError> {
    let probability: Vec<f64> = folds.iter().flat_map(|fold| fold.probability.iter().copied()).collect();
    let churned: Vec<bool> =
        folds.iter().flat_map(|fold| &fold.rows).map(|&row| fitted.churned()[row]).collect();
    let scored = Scored::parse(&probability, &churned);
    scored
        .and_then(|scored| figure(&scored))
        .map_err(|source| JobError::Evaluation { rows: "validation rows", source })
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

fn holdout(data: &Data, scores: &[f64], threshold: f64) -> Result<Option<Metrics>, JobError> {
    if data.held_out.is_empty() {
        return Ok(None);
    }
    let (probability, churned) = (data.of(scores, &data.held_out), data.of(&data.churned, &data.held_out));
    Scored::parse(&probability, &churned)
        .and_then(|scored| Metrics::at(&scored, threshold))
        .map(Some)
        .map_err(|source| JobError::Evaluation { rows: "hold-out rows", source })
}

/// Rows at even ranks of the score, from the lowest to the highest.
fn golden(features: &[Features], scores: &[f64]) -> Vec<Golden> {
    let mut ranked: Vec<usize> = (0..scores.len()).collect();
    ranked.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let rows = GOLDEN_ROWS.min(ranked.len());
    let rank = |row: usize| row * (ranked.len() - 1) / (rows - 1).max(1);
    (0..rows)
        .map(|row| ranked[rank(row)])
        .map(|row| Golden { features: features[row], probability: scores[row] })
        .collect()
}

fn provenance(learner: &RandomForest, config: &Config, source: &Source, data: &Data) -> Provenance {
    let parameters = learner.parameters();
    let max_features = match parameters.max_features {
        MaxFeatures::Sqrt => Parameter::Name("sqrt".into()),
        MaxFeatures::Count(count) => Parameter::Count(count.into()),
    };
    Provenance {
        trainer: concat!("churn ", env!("CARGO_PKG_VERSION")).into(),
        model_type: "random_forest".into(),
        data_sha256: source.sha256.clone(),
        data_rows: source.rows.len() as u64,
        fitted_rows: data.fitted.len() as u64,
        seed: parameters.seed,
        parameters: BTreeMap::from([
            ("trees".into(), Parameter::Count(parameters.trees.into())),
            ("max_depth".into(), Parameter::Count(parameters.max_depth.into())),
            ("min_samples_leaf".into(), Parameter::Count(parameters.min_samples_leaf.into())),
            ("max_features".into(), max_features),
            ("cost_false_positive".into(), Parameter::Number(config.decision.false_positive)),
            ("cost_false_negative".into(), Parameter::Number(config.decision.false_negative)),
        ]),
    }
}

fn facts(arguments: &Arguments, source: &Source, data: &Data) -> DataFacts {
    DataFacts {
        file: file_name(&arguments.data),
        sha256: source.sha256.clone(),
        rows: source.rows.len() as u64,
        churned: data.churned.iter().filter(|&&churned| churned).count() as u64,
        fitted_rows: data.fitted.len() as u64,
        holdout_rows: data.held_out.len() as u64,
    }
}

fn card(
    arguments: &Arguments,
    artifact: &Artifact,
    artifact_sha256: &str,
    data: DataFacts,
    metrics: CardMetrics,
    duration: Duration,
    threads: Threads,
) -> Card {
    Card {
        version: Card::version_of(artifact_sha256),
        artifact_sha256: artifact_sha256.to_owned(),
        model_type: artifact.provenance.model_type.clone(),
        command: command(arguments),
        trained_at: now(),
        duration_seconds: duration.as_secs_f64(),
        machine: format!("{}-{}, {} threads", std::env::consts::ARCH, std::env::consts::OS, threads.get()),
        git_revision: git_revision(),
        data,
        parameters: artifact.provenance.parameters.clone(),
        decision: artifact.decision,
        metrics,
    }
}

/// The command that gives the same bytes, with names of files instead of paths, which differ from machine to machine.
fn command(arguments: &Arguments) -> String {
    let mut command = format!(
        "churn train --data {} --seed {} --holdout {}",
        file_name(&arguments.data),
        arguments.seed,
        arguments.holdout
    );
    for (option, path) in [("folds", &arguments.folds), ("config", &arguments.config)] {
        if let Some(path) = path {
            command += &format!(" --{option} {}", file_name(path));
        }
    }
    command
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn now() -> String {
    OffsetDateTime::now_utc().format(&Rfc3339).expect("a time of this era has an RFC 3339 form")
}

/// The revision of the code, as far as git knows it.
fn git_revision() -> Option<String> {
    let output = Command::new("git")
        .args(["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"])
        .output()
        .ok()?;
    let revision = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !revision.trim().is_empty()).then(|| revision.trim().to_owned())
}

/// The card goes first: a card without its artifact does no harm, an artifact without its card cannot be built in.
fn write(out: &Path, bytes: &[u8], card: &Card) -> Result<(), JobError> {
    let path = out.join("challenger.msgpack");
    output::write(&card_path(&path), card.to_json().as_bytes())?;
    output::write(&path, bytes)
}

fn print(arguments: &Arguments, card: &Card) {
    if arguments.json {
        print!("{}", card.to_json());
        return;
    }
    println!(
        "{} {}: {} trees fitted on {} rows, {} held out, in {:.1} s",
        card.model_type,
        card.version,
        match card.parameters.get("trees") {
            Some(Parameter::Count(trees)) => *trees,
            _ => 0,
        },
        card.data.fitted_rows,
        card.data.holdout_rows,
        card.duration_seconds
    );
    let validation = &card.metrics.cross_validation;
    println!(
        "cross-validation  ROC-AUC {:.4} (sd {:.4} over {} folds)",
        validation.roc_auc_mean, validation.roc_auc_sd, validation.folds
    );
    match &card.metrics.holdout {
        Some(metrics) => print!("hold-out\n{}", crate::evaluate::table(metrics)),
        None => println!("hold-out          none: every row was fitted on"),
    }
    println!("wrote {} and its card", arguments.out.join("challenger.msgpack").display());
}
