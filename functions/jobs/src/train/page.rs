//! The report of a training run: everything that was found, gathered for the page.

use churn::{Artifact, Card, FEATURES, Features, Field, JudgedRows};
use evaluation::{EvaluationError, Metrics, Scored, Slice, slices};
use forest::ForestView;
use learner::{Classifier as _, Learner as _};

use super::data::Data;
use super::{Plan, Trained};
use crate::config::DecisionConfig;
use crate::error::JobError;
use crate::profile::Profile;
use crate::report::{
    DecisionCosts, Judged, ModelSize, ReportData, ShapleyFeature, ShapleyGroup, ShapleySummary, Yardstick,
};
use crate::source::Source;

/// What the figures are told for.
pub(crate) const SLICED: [Field; 3] = [Field::SeniorCitizen, Field::Contract, Field::InternetService];
/// Customers whose predictions are explained; more would change the summary by less than its last digit.
const EXPLAINED: usize = 500;
/// Groups of a number's values.
const TENTHS: usize = 10;

/// What a training run has found.
pub(super) struct Found<'a> {
    pub(super) source: &'a Source,
    pub(super) data: &'a Data,
    pub(super) trained: &'a Trained,
    pub(super) artifact: &'a Artifact,
    pub(super) bytes: usize,
    pub(super) card: &'a Card,
    pub(super) plan: &'a Plan,
}

/// Rows that the model was not fitted on, with its probabilities and the yardstick's.
struct Rows {
    kind: JudgedRows,
    rows: Vec<usize>,
    selected: Vec<f64>,
    yardstick: Option<Vec<f64>>,
}

impl Found<'_> {
    /// What the page shows.
    pub(super) fn gathered(&self) -> Result<ReportData, JobError> {
        let failed = |source| JobError::Evaluation { rows: "the rows that the report shows", source };
        let rows = self.rows()?;
        let churned: Vec<bool> = rows.rows.iter().map(|&row| self.source.rows[row].churned).collect();
        let scored = Scored::parse(&rows.selected, &churned).map_err(failed)?;
        let DecisionConfig { false_positive, false_negative } = self.plan.config.decision;
        let forest = self.artifact.forest.view();
        Ok(ReportData {
            card: self.card.clone(),
            provenance: self.artifact.provenance.clone(),
            size: ModelSize {
                trees: forest.trees(),
                nodes: forest.nodes(),
                depth: forest.depth(),
                bytes: self.bytes,
            },
            judged: self.judged(&rows, &scored).map_err(failed)?,
            costs: DecisionCosts { false_positive, false_negative },
            yardstick: yardstick(&rows, &churned).map_err(failed)?,
            shapley: Some(shapley(
                forest,
                &rows.rows.iter().map(|&row| self.data.features()[row]).collect::<Vec<_>>(),
            )),
            profile: Profile::of(self.source, self.card.data.file.clone()),
        })
    }

    /// The hold-out, or where there is none the rows that were fitted on, each by a model that did not see it.
    fn rows(&self) -> Result<Rows, JobError> {
        let selection = &self.trained.selection;
        let held_out = self.data.held_out();
        if held_out.is_empty() {
            let found = selection.out_of_fold();
            let rows = found.rows.iter().map(|&row| self.data.fitted()[row]).collect();
            let (selected, yardstick) = (found.selected, found.yardstick);
            return Ok(Rows { kind: JudgedRows::CrossValidation, rows, selected, yardstick });
        }
        let yardstick = match selection.yardstick_candidate() {
            None => None,
            Some(candidate) => {
                let model = candidate.fit(&self.trained.dataset, self.plan.threads, &|_| ())?;
                Some(model.predict_proba(self.data.judged_dataset()?.x().view()).to_vec())
            }
        };
        let selected = held_out.iter().map(|&row| self.trained.scores[row]).collect();
        Ok(Rows { kind: JudgedRows::HoldOut, rows: held_out.to_vec(), selected, yardstick })
    }

    fn judged(&self, rows: &Rows, scored: &Scored<'_>) -> Result<Judged, EvaluationError> {
        let threshold = self.trained.threshold;
        let metrics = match self.card.metrics.holdout {
            Some(metrics) => metrics,
            None => Metrics::with_intervals(scored, threshold, self.artifact.provenance.seed)?,
        };
        let mut of_groups: Vec<Slice> = Vec::new();
        for field in SLICED {
            let label = |&row: &usize| self.source.rows[row].record.customer.text(field);
            let labels: Vec<_> = rows.rows.iter().map(label).collect();
            of_groups.extend(slices(scored, field.name(), &labels, threshold)?);
        }
        Judged::of(rows.kind, scored, metrics, of_groups, &self.plan.campaign)
    }
}

/// The yardstick on the same rows; `None` where there is none, and where the rows are too few to compare on: a page without
/// the comparison is better than no model.
fn yardstick(rows: &Rows, churned: &[bool]) -> Result<Option<Yardstick>, EvaluationError> {
    let Some(yardstick) = &rows.yardstick else { return Ok(None) };
    match Yardstick::of(&rows.selected, yardstick, churned) {
        Err(EvaluationError::FewRows { .. }) => Ok(None),
        result => result.map(Some),
    }
}

/// Shapley values of some customers at even steps through `rows`, by feature and by its values.
fn shapley(forest: ForestView<'_>, rows: &[Features]) -> ShapleySummary {
    let step = rows.len().div_ceil(EXPLAINED).max(1);
    let rows: Vec<&Features> = rows.iter().step_by(step).collect();
    let explained: Vec<_> = rows.iter().map(|row| forest.shapley(row)).collect();
    let features = FEATURES.iter().enumerate().map(|(index, field)| {
        let moves: Vec<(f32, f64)> =
            rows.iter().zip(&explained).map(|(row, of)| (row[index], of.contributions[index])).collect();
        let distance: f64 = moves.iter().map(|(_, by)| by.abs()).sum();
        ShapleyFeature {
            feature: field.name().into(),
            mean_absolute: distance / moves.len() as f64,
            groups: if field.labels().is_empty() {
                of_numbers(moves)
            } else {
                of_labels(field.labels(), &moves)
            },
        }
    });
    ShapleySummary {
        rows: rows.len() as u64,
        base_value: explained.first().map_or(0.0, |of| of.base),
        features: features.collect(),
    }
}

fn of_labels(labels: &[&str], moves: &[(f32, f64)]) -> Vec<ShapleyGroup> {
    let of_code = |(code, label): (usize, &&str)| {
        let by: Vec<f64> =
            moves.iter().filter(|(value, _)| *value == code as f32).map(|(_, by)| *by).collect();
        group((*label).to_owned(), &by)
    };
    labels.iter().enumerate().filter_map(of_code).collect()
}

/// Tenths of the rows by their values; equal values stay together.
fn of_numbers(mut moves: Vec<(f32, f64)>) -> Vec<ShapleyGroup> {
    moves.sort_by(|a, b| a.0.total_cmp(&b.0));
    let size = moves.len().div_ceil(TENTHS).max(1);
    let mut groups: Vec<Vec<(f32, f64)>> = vec![Vec::new()];
    for equal in moves.chunk_by(|a, b| a.0 == b.0) {
        if size <= groups[groups.len() - 1].len() {
            groups.push(Vec::new());
        }
        groups.last_mut().expect("there is a group").extend(equal);
    }
    let of = |group_of: &Vec<(f32, f64)>| {
        let (low, high) = (group_of.first()?.0, group_of.last()?.0);
        let label = if low == high { low.to_string() } else { format!("{low} to {high}") };
        group(label, &group_of.iter().map(|(_, by)| *by).collect::<Vec<f64>>())
    };
    groups.iter().filter_map(of).collect()
}

fn group(label: String, by: &[f64]) -> Option<ShapleyGroup> {
    let rows = by.len() as u64;
    (rows != 0).then(|| ShapleyGroup { label, rows, mean: by.iter().sum::<f64>() / rows as f64 })
}
