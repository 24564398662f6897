//! `churn train`: from a file of customers to a challenger and its card.
//!
//! The walk: source, hold-out, dataset, cross-validation (which chooses the threshold), fit, artifact, card. The
//! artifact depends on data, configuration and seed alone; everything else stands in the card.

mod card;
mod data;
mod folds;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use churn::{Artifact, Card, Decision, Golden, Model, Parameter, Provenance, Reference, sha256_hex};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use evaluation::{Costs, Scored, cheapest_threshold};
use forest::Forest;
use learner::{FoldScores, MaxFeatures, RandomForest, Threads, cross_validate, stratified_folds};

use self::card::Run;
pub(crate) use self::card::file_name;
use self::data::Data;
use crate::artifacts::card_path;
use crate::config::{self, Config, DecisionConfig};
use crate::error::JobError;
use crate::evaluate::table;
use crate::output;
use crate::progress::Progress;
use crate::source::{Labels, Source};

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
    /// Threads, 1 to 1024; they change the duration and nothing else [default: all cores].
    #[arg(long, value_name = "T", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
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
    let plan = Plan::of(arguments)?;
    let source = Source::read(&arguments.data, Labels::Required)?.whole()?;
    let data = Data::split(&source, arguments.holdout);
    let trained = plan.train(arguments, &data)?;
    let scores = data.scores(trained.forest.view());
    let artifact = Artifact {
        decision: Decision::at(trained.threshold),
        reference: Reference::of(data.features(), &data.judged(&scores)),
        golden: golden(&data, &scores),
        provenance: plan.provenance(&source, &data),
        forest: trained.forest,
    };
    let bytes = artifact.encode();
    let run = Run {
        arguments,
        facts: data.facts(&arguments.data, &source.sha256),
        holdout: data.metrics(&scores, trained.threshold)?,
        folds: &trained.folds,
        duration: start.elapsed(),
        threads: plan.threads,
    };
    let card = run.card(&artifact, &sha256_hex(&bytes));
    write(&arguments.out, &bytes, &card)?;
    output::say(&if arguments.json { card.to_json() } else { told(arguments, &artifact.model(), &card) })
}

/// Everything that was asked for, checked.
struct Plan {
    learner: RandomForest,
    decision: DecisionConfig,
    costs: Costs,
    threads: Threads,
}

/// What training gives.
struct Trained {
    forest: Forest,
    threshold: f64,
    folds: Vec<FoldScores>,
}

impl Plan {
    fn of(arguments: &Arguments) -> Result<Self, JobError> {
        if !(0.0..1.0).contains(&arguments.holdout) {
            let expected = "a share from 0 up to, and not including, 1";
            return Err(JobError::Option { option: "holdout", expected, found: arguments.holdout });
        }
        let config = arguments.config.as_deref().map_or_else(|| Ok(Config::default()), config::read)?;
        Ok(Self {
            learner: config.forest.parameters(arguments.seed).check()?,
            costs: config.decision.costs()?,
            decision: config.decision,
            threads: arguments.threads.map_or_else(Threads::available, Threads::new),
        })
    }

    /// Cross-validates on the rows that may be fitted on, chooses the threshold there, and fits on all of them.
    fn train(&self, arguments: &Arguments, data: &Data) -> Result<Trained, JobError> {
        let dataset = data.fitted_dataset()?;
        let test = match &arguments.folds {
            Some(path) => folds::read(path, data.fitted(), data.rows())?,
            None => stratified_folds(dataset.churned(), FOLDS, arguments.seed)?,
        };
        let trees = u64::from(self.learner.parameters().trees);
        let progress = Progress::new("trees", trees * (test.len() as u64 + 1));
        let advance = |trees| progress.advance(trees);
        let folds = cross_validate(&self.learner, &dataset, &test, self.threads, &advance)?;
        let threshold = self.cheapest_threshold(dataset.churned(), &folds)?;
        Ok(Trained { forest: self.learner.fit(&dataset, self.threads, &advance), threshold, folds })
    }

    /// The threshold that costs least on the validation rows, each scored by a forest that did not see it.
    fn cheapest_threshold(&self, churned: &[bool], folds: &[FoldScores]) -> Result<f64, JobError> {
        let probability: Vec<f64> = folds.iter().flat_map(|fold| fold.probability.iter().copied()).collect();
        let churned: Vec<bool> = folds.iter().flat_map(|fold| &fold.rows).map(|&row| churned[row]).collect();
        Scored::parse(&probability, &churned)
            .map(|scored| cheapest_threshold(&scored, &self.costs))
            .map_err(|source| JobError::Evaluation { rows: "validation rows", source })
    }

    fn provenance(&self, source: &Source, data: &Data) -> Provenance {
        let parameters = self.learner.parameters();
        let max_features = match parameters.max_features {
            MaxFeatures::Sqrt => Parameter::Name("sqrt".into()),
            MaxFeatures::Count(count) => Parameter::Count(count.into()),
        };
        Provenance {
            trainer: concat!("churn ", env!("CARGO_PKG_VERSION")).into(),
            model_type: "random_forest".into(),
            data_sha256: source.sha256.clone(),
            data_rows: data.rows() as u64,
            fitted_rows: data.fitted().len() as u64,
            seed: parameters.seed,
            parameters: BTreeMap::from([
                ("trees".into(), Parameter::Count(parameters.trees.into())),
                ("max_depth".into(), Parameter::Count(parameters.max_depth.into())),
                ("min_samples_leaf".into(), Parameter::Count(parameters.min_samples_leaf.into())),
                ("max_features".into(), max_features),
                ("cost_false_positive".into(), Parameter::Number(self.decision.false_positive)),
                ("cost_false_negative".into(), Parameter::Number(self.decision.false_negative)),
            ]),
        }
    }
}

/// Rows at even ranks of the score, from the lowest to the highest.
fn golden(data: &Data, scores: &[f64]) -> Vec<Golden> {
    let mut ranked: Vec<usize> = (0..scores.len()).collect();
    ranked.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let rows = GOLDEN_ROWS.min(ranked.len());
    let at_rank = |golden: usize| ranked[golden * (ranked.len() - 1) / (rows - 1).max(1)];
    (0..rows)
        .map(at_rank)
        .map(|row| Golden { features: data.features()[row], probability: scores[row] })
        .collect()
}

/// The card goes first: a card without its artifact does no harm, an artifact without its card cannot be built in.
fn write(out: &Path, bytes: &[u8], card: &Card) -> Result<(), JobError> {
    let path = out.join("challenger.msgpack");
    output::write(&card_path(&path), card.to_json().as_bytes())?;
    output::write(&path, bytes)
}

/// The result for people.
fn told(arguments: &Arguments, model: &Model<'_>, card: &Card) -> String {
    let data = &card.data;
    let validation = &card.metrics.cross_validation;
    let holdout = match &card.metrics.holdout {
        Some(metrics) => format!("hold-out\n{}", table(metrics)),
        None => "hold-out          none: every row was fitted on\n".to_owned(),
    };
    format!(
        "{} {}: {} trees fitted on {} rows, {} held out, in {:.1} s\n\
         cross-validation  ROC-AUC {:.4} (sd {:.4} over {} folds)\n\
         {holdout}wrote {} and its card\n",
        card.model_type,
        card.version,
        model.forest.trees(),
        data.fitted_rows,
        data.holdout_rows,
        card.duration_seconds,
        validation.roc_auc_mean,
        validation.roc_auc_sd,
        validation.folds,
        arguments.out.join("challenger.msgpack").display()
    )
}
