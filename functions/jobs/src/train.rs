//! `churn train`: from a file of customers to a challenger and its card.
//!
//! The walk: source, hold-out, dataset, selection (which chooses candidate and threshold by cross-validation), fit,
//! artifact, card, report. The artifact depends on data, configuration and seed alone; everything else stands in the card.

mod card;
mod data;
mod folds;
mod page;
mod publication;
mod selection;

use std::path::{Path, PathBuf};
use std::time::Instant;

use churn::{
    Artifact, Card, CardMetrics, CrossValidation, Decision, FEATURES, FeatureImportance, Features, Field,
    Golden, Model, Parameter, Provenance, Reference, sha256_hex,
};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use evaluation::{Campaign, Costs};
use learner::{
    Candidate, Dataset, Fitted, Learner, PermutationImportance, Threads, TreeModel, permutation_importance,
    stratified_folds,
};

use self::card::Run;
pub(crate) use self::card::{file_name, git_revision, machine, now};
use self::data::Data;
use self::page::Found;
pub(crate) use self::page::SLICED;
use self::publication::{Made, candidate_runs};
use self::selection::Selection;
use crate::artifacts::card_path;
use crate::config::{self, Config};
use crate::error::JobError;
use crate::evaluate::table;
use crate::format::deviation;
use crate::mlflow;
use crate::output;
use crate::progress::Progress;
use crate::report;
use crate::source::{Labels, Source};

/// Share of the customers that is held out where nothing else is said, and that the gate judges on.
pub(crate) const HOLDOUT: f64 = 0.3;
/// How often each feature is shuffled for its permutation importance.
const SHUFFLES: usize = 10;
/// Names of what is written into `--out`.
const ARTIFACT: &str = "challenger.msgpack";
const REPORT: &str = "report.html";
/// Golden rows of an artifact, spread evenly over the scores.
const GOLDEN_ROWS: usize = 20;

/// Train a challenger: candidates, selection, hold-out, artifact and card.
#[derive(Args)]
pub(crate) struct Arguments {
    /// File (.csv, .ndjson or .parquet) with the customer's columns and `Churn` (Yes or No).
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Folder for challenger.msgpack, challenger.card.json and report.html.
    #[arg(long, value_name = "DIR", default_value = "model-artifacts")]
    out: PathBuf,
    /// Seed of all randomness.
    #[arg(long, value_name = "S", default_value_t = 42)]
    seed: u64,
    /// Threads, 1 to 1024; they change the duration and nothing else [default: all cores].
    #[arg(long, value_name = "T", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    threads: Option<usize>,
    /// Share of customers that is held out; 0 fits on every row and gives no hold-out figures.
    #[arg(long, value_name = "SHARE", default_value_t = HOLDOUT)]
    holdout: f64,
    /// JSON file with the test rows of each fold, [[row, ...], ...], rows of the data file from 0.
    #[arg(long, value_name = "FILE")]
    folds: Option<PathBuf>,
    /// TOML file with grids, costs and rules; what it leaves out has its default.
    #[arg(long, value_name = "TOML")]
    config: Option<PathBuf>,
    #[command(flatten)]
    mlflow: mlflow::Arguments,
    /// Print the card as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    let start = Instant::now();
    arguments.check_outputs()?;
    let plan = Plan::of(arguments)?;
    let server = arguments.mlflow.server()?;
    let source = Source::read(&arguments.data, Labels::Required)?.whole()?.distinct()?;
    let data = Data::split(&source, arguments.holdout)?;
    let trained = plan.train(arguments, &data)?;
    let artifact = plan.artifact(arguments.seed, &source, &data, &trained);
    let bytes = artifact.encode();
    let run = Run {
        arguments,
        facts: data.facts(&arguments.data, &source.sha256),
        metrics: plan.metrics(arguments, &data, &trained)?,
        importance: plan.importance(arguments, &data, &trained)?,
        selection: &trained.selection,
        duration: start.elapsed(),
        threads: plan.threads,
    };
    let card = run.card(&artifact, &sha256_hex(&bytes));
    let found = Found {
        source: &source,
        data: &data,
        trained: &trained,
        artifact: &artifact,
        bytes: bytes.len(),
        card: &card,
        plan: &plan,
    };
    let shown = found.gathered()?;
    let card = Card { judged: Some(shown.judged.for_card()), ..card };
    let made = Made { artifact: &artifact, bytes: &bytes, card: &card, report: &report::render(&shown) };
    made.write(&arguments.out)?;
    let told = || told(arguments, &artifact.model(), &card, report::defeat(&shown));
    output::say(&if arguments.json { card.to_json() } else { told() })?;
    let candidates = || candidate_runs(&trained.selection, &trained.dataset, plan.threads);
    server.map_or(Ok(()), |server| made.publish(&server, &candidates))
}

impl Arguments {
    /// Refuses an output that is an input.
    fn check_outputs(&self) -> Result<(), JobError> {
        let artifact = self.out.join(ARTIFACT);
        let inputs = [Some(&self.data), self.folds.as_ref(), self.config.as_ref()];
        let inputs: Vec<&Path> = inputs.into_iter().flatten().map(PathBuf::as_path).collect();
        [self.out.join(REPORT), card_path(&artifact), artifact]
            .iter()
            .try_for_each(|output| output::is_none_of(output, &inputs))
    }
}

/// Everything that was asked for, checked.
struct Plan {
    config: Config,
    candidates: Vec<Candidate>,
    costs: Costs,
    campaign: Campaign,
    threads: Threads,
}

/// What training gives.
struct Trained {
    selection: Selection,
    model: TreeModel,
    threshold: f64,
    /// The rows that were fitted on.
    dataset: Dataset,
    /// The model's probability of every row.
    scores: Vec<f64>,
}

impl Plan {
    fn of(arguments: &Arguments) -> Result<Self, JobError> {
        if !(0.0..1.0).contains(&arguments.holdout) {
            let expected = "a share from 0 up to, and not including, 1";
            return Err(JobError::Option { option: "holdout", expected, found: arguments.holdout });
        }
        let config = config::read(arguments.config.as_deref())?;
        Ok(Self {
            candidates: config.candidates(arguments.seed)?,
            costs: config.decision.costs()?,
            campaign: config.campaign.campaign()?,
            config,
            threads: arguments.threads.map_or_else(Threads::available, Threads::new),
        })
    }

    /// Selects on the rows that may be fitted on, chooses the threshold there, and fits on all of them.
    fn train(&self, arguments: &Arguments, data: &Data) -> Result<Trained, JobError> {
        let dataset = data.fitted_dataset()?;
        data.check_hold_out()?;
        let test = match &arguments.folds {
            Some(path) => folds::read(path, data.fitted(), data.rows())?,
            None => self.folds(dataset.churned(), arguments.seed)?,
        };
        publication::check_writable(&arguments.out)?;
        let steps: u64 = self.candidates.iter().map(Learner::steps).sum();
        let progress = Progress::new("fitting trees", steps * test.len() as u64);
        let advance = |steps| progress.advance(steps);
        let candidates = self.candidates.clone();
        let prefer = self.config.selection.prefer;
        let selection = Selection::of(candidates, &dataset, &test, prefer, self.threads, &advance)?;
        let Fitted::Trees(model) = selection.selected().fit(&dataset, self.threads, &|_| ())? else {
            return Err(JobError::NothingCanShip);
        };
        let threshold = selection.cheapest_threshold(dataset.churned(), &self.costs)?;
        let scores = data.scores(model.forest().view());
        Ok(Trained { selection, model: *model, threshold, dataset, scores })
    }

    /// The artifact. Its reference for drift is of scores that no row had a hand in, as those in service are: of the
    /// hold-out, and where there is none out of fold.
    fn artifact(&self, seed: u64, source: &Source, data: &Data, trained: &Trained) -> Artifact {
        let unseen =
            data.hold_out(&trained.scores).unwrap_or_else(|| trained.selection.out_of_fold().selected);
        Artifact {
            decision: Decision::at(trained.threshold),
            reference: Reference::of(data.features(), &unseen),
            golden: golden(data.features(), &trained.scores),
            provenance: self.provenance(source, data, trained.selection.selected(), seed),
            forest: trained.model.forest().clone(),
        }
    }

    /// Test rows of stratified folds, repeated with other seeds.
    fn folds(&self, churned: &[bool], seed: u64) -> Result<Vec<Vec<usize>>, JobError> {
        let selection = &self.config.selection;
        let repeats = (0..selection.repeats)
            .map(|repeat| stratified_folds(churned, selection.folds, seed.wrapping_add(repeat)));
        let folds: Vec<Vec<usize>> = repeats.collect::<Result<Vec<_>, _>>()?.concat();
        if folds.is_empty() {
            return Err(JobError::Option {
                option: "config: [selection] repeats",
                expected: "at least 1",
                found: 0.0,
            });
        }
        Ok(folds)
    }

    fn metrics(
        &self,
        arguments: &Arguments,
        data: &Data,
        trained: &Trained,
    ) -> Result<CardMetrics, JobError> {
        let out_of_bag = match trained.selection.selected() {
            Candidate::RandomForest(forest) => {
                Some(forest.out_of_bag_score(&trained.dataset, &trained.model)?)
            }
            Candidate::LogisticRegression(_) | Candidate::GradientBoosting(_) => None,
        };
        Ok(CardMetrics {
            holdout: data.metrics(&trained.scores, trained.threshold, arguments.seed)?,
            cross_validation: Some(trained.selection.cross_validation()),
            out_of_bag_roc_auc: out_of_bag,
        })
    }

    fn importance(
        &self,
        arguments: &Arguments,
        data: &Data,
        trained: &Trained,
    ) -> Result<Vec<FeatureImportance>, JobError> {
        let judged = data.judged_dataset()?;
        let shuffled =
            permutation_importance(&trained.model, &judged, SHUFFLES, arguments.seed, self.threads)?;
        let of_feature =
            |((field, &gain), shuffled): ((&Field, &f64), &PermutationImportance)| FeatureImportance {
                feature: field.name().into(),
                gain,
                permutation_mean: shuffled.mean,
                permutation_sd: shuffled.deviation,
            };
        Ok(FEATURES.iter().zip(trained.model.importance()).zip(&shuffled).map(of_feature).collect())
    }

    fn provenance(&self, source: &Source, data: &Data, selected: &Candidate, seed: u64) -> Provenance {
        let decision = &self.config.decision;
        let mut parameters = selection::parameters(selected);
        parameters.insert("cost_false_positive".into(), Parameter::Number(decision.false_positive));
        parameters.insert("cost_false_negative".into(), Parameter::Number(decision.false_negative));
        Provenance {
            trainer: concat!("churn ", env!("CARGO_PKG_VERSION")).into(),
            model_type: selected.kind().into(),
            data_sha256: source.sha256.clone(),
            data_rows: data.rows() as u64,
            fitted_rows: data.fitted().len() as u64,
            seed,
            parameters,
            seen: Some(data.seen(source)),
        }
    }
}

/// Rows at even ranks of the score, from the lowest to the highest.
pub(crate) fn golden(features: &[Features], scores: &[f64]) -> Vec<Golden> {
    let mut ranked: Vec<usize> = (0..scores.len()).collect();
    ranked.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let rows = GOLDEN_ROWS.min(ranked.len());
    let at_rank = |golden: usize| ranked[golden * (ranked.len() - 1) / (rows - 1).max(1)];
    (0..rows).map(at_rank).map(|row| Golden { features: features[row], probability: scores[row] }).collect()
}

/// The result for people.
fn told(arguments: &Arguments, model: &Model<'_>, card: &Card, defeat: Option<String>) -> String {
    let data = &card.data;
    let holdout = match &card.metrics.holdout {
        Some(metrics) => format!("hold-out\n{}", table(metrics)),
        None => "hold-out          none: every row was fitted on\n".to_owned(),
    };
    format!(
        "{} {}: {} trees fitted on {} rows, {} held out, in {:.1} s\n\
         cross-validation  {}\nyardstick         {}\n{holdout}wrote {} with its card, and {}\n",
        card.model_type,
        card.version,
        model.forest.trees(),
        data.fitted_rows,
        data.holdout_rows,
        card.duration_seconds,
        over_folds(card.metrics.cross_validation.as_ref().expect("training cross-validates")),
        beside_yardstick(card, defeat),
        arguments.out.join(ARTIFACT).display(),
        arguments.out.join(REPORT).display()
    )
}

fn over_folds(validation: &CrossValidation) -> String {
    let (mean, folds) = (validation.roc_auc_mean, validation.folds);
    match deviation(validation) {
        Some(sd) => format!("ROC-AUC {mean:.4} (sd {sd:.4} over {folds} folds)"),
        None => format!("ROC-AUC {mean:.4} (one fold, which tells no sd)"),
    }
}

/// How the model does beside logistic regression; `defeat` says where it loses.
fn beside_yardstick(card: &Card, defeat: Option<String>) -> String {
    match (defeat, &card.yardstick) {
        (Some(defeat), _) => format!("BETTER: {defeat}"),
        (None, Some(yardstick)) => {
            let auc = yardstick.roc_auc_mean;
            format!("logistic regression, ROC-AUC {auc:.4}: not better by more than its interval")
        }
        (None, None) => "none: logistic regression is no candidate".to_owned(),
    }
}
