//! The predictions of one request: a line each, or counts a block, by what the operator wants.

use churn::{Edges, FEATURE_COUNT, Features, Prediction, RiskLevel};

use super::predictions;
use crate::config::PredictionLog;
use crate::context::{Context, Purpose};
use crate::model::ServedModel;
use crate::score::{Amount, Row, Scored, Shadowed};

/// A request with more rows than this is counted instead of listed.
const MOST_LISTED: usize = 100;
/// Rows that one counts line tells of: a million streamed rows leave a hundred lines.
const BLOCK: u64 = 10_000;

/// What is kept of the rows between two blocks. It costs some tens of nanoseconds a row: no lock, and memory only with
/// the first row of a model.
#[derive(Debug)]
pub(crate) struct Ledger {
    context: Context,
    mode: Mode,
    /// Rows of this block.
    rows: u64,
    /// One a model and role: at most four.
    tallies: Vec<Tally>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Lines,
    Counts,
    Nothing,
}

/// What a model's predictions are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Answer,
    /// They are kept beside the answers, for a comparison.
    Shadow,
}

/// What one model says of one row.
#[derive(Clone, Copy, Debug)]
struct Said {
    served: &'static ServedModel,
    variant: &'static str,
    role: Role,
    prediction: Prediction,
}

/// The counts of one model in one role in this block.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) served: &'static ServedModel,
    pub(super) variant: &'static str,
    pub(super) role: Role,
    pub(super) rows: u64,
    /// One a risk level, low first.
    pub(super) risk: [u64; RISKS.len()],
    /// One a bin of the metric of scores.
    pub(super) scores: [u64; SCORE_BINS],
    /// Sum of the probabilities.
    pub(super) sum: f64,
    /// One a bin of each reference histogram, the score's after those of the features; empty where none is written.
    bins: Vec<u64>,
}

/// Every risk level, in the order in which it is counted.
pub(super) const RISKS: [RiskLevel; 3] = [RiskLevel::Low, RiskLevel::Medium, RiskLevel::High];

/// Bins of the metric of scores, of equal width.
pub(super) const SCORE_BINS: usize = 20;

/// The upper bounds of all its bins but the last.
pub(super) const SCORE_EDGES: [f64; SCORE_BINS - 1] = {
    let mut edges = [0.0; SCORE_BINS - 1];
    let mut bin = 1;
    while bin < SCORE_BINS {
        edges[bin - 1] = bin as f64 / SCORE_BINS as f64;
        bin += 1;
    }
    edges
};

impl Ledger {
    pub(crate) fn new(context: &Context, amount: Amount) -> Self {
        let mode = match (context.purpose, context.shared.config.prediction_log, amount) {
            (Purpose::WhatIf, ..) | (_, PredictionLog::Off, _) => Mode::Nothing,
            (_, PredictionLog::RowsAlways, _) => Mode::Lines,
            (_, PredictionLog::Rows, Amount::Rows(rows)) if rows <= MOST_LISTED => Mode::Lines,
            (_, PredictionLog::Rows | PredictionLog::Counts, _) => Mode::Counts,
        };
        Self { context: context.clone(), mode, rows: 0, tallies: Vec::new() }
    }

    /// Whether the log tells of these rows.
    pub(crate) fn is_written(&self) -> bool {
        self.mode != Mode::Nothing
    }

    /// Enters one row and what was said of it.
    pub(crate) fn enter(&mut self, row: &Row<'_>, scored: &Scored) {
        let Scored { served, variant, prediction, shadow, .. } = *scored;
        self.count(&row.features, Said { served, variant, role: Role::Answer, prediction });
        // A line tells of the shadow itself.
        if self.mode == Mode::Counts
            && let Some(Shadowed { served, variant, prediction }) = shadow
        {
            self.count(&row.features, Said { served, variant, role: Role::Shadow, prediction });
        }
        if self.mode == Mode::Lines {
            predictions::write_line(&self.context, row, scored);
        }
        self.rows += 1;
        if self.rows == BLOCK {
            self.close();
        }
    }

    fn count(&mut self, features: &Features, said: Said) {
        let is_his = |tally: &Tally| (tally.variant, tally.role) == (said.variant, said.role);
        let index = self.tallies.iter().position(is_his).unwrap_or_else(|| {
            self.tallies.push(Tally::new(said, self.mode));
            self.tallies.len() - 1
        });
        self.tallies[index].count(features, said.prediction);
    }

    /// Ends a block.
    fn close(&mut self) {
        for tally in self.tallies.iter_mut().filter(|tally| 0 < tally.rows) {
            if self.mode == Mode::Counts {
                predictions::write_counts(&self.context, tally);
            }
            // Figures are of answers.
            if tally.role == Role::Answer {
                self.context.shared.metrics.predicted(self.context.purpose, tally);
                self.context.in_flight.predicted(self.context.purpose, tally);
            }
            tally.clear();
        }
        self.rows = 0;
    }
}

/// A stream that ends early was answered so far, and is told of as far.
impl Drop for Ledger {
    fn drop(&mut self) {
        self.close();
    }
}

impl Tally {
    fn new(said: Said, mode: Mode) -> Self {
        let reference = &said.served.reference;
        let histograms = reference.features.iter().chain([&reference.score]);
        let bins = if mode == Mode::Counts { histograms.map(|edges| edges.bins()).sum() } else { 0 };
        Self {
            served: said.served,
            variant: said.variant,
            role: said.role,
            rows: 0,
            risk: [0; RISKS.len()],
            scores: [0; SCORE_BINS],
            sum: 0.0,
            bins: vec![0; bins],
        }
    }

    fn count(&mut self, features: &Features, prediction: Prediction) {
        let probability = prediction.probability.get();
        self.rows += 1;
        self.risk[prediction.risk as usize] += 1;
        self.scores[Edges(&SCORE_EDGES).bin(probability)] += 1;
        self.sum += probability;
        if self.bins.is_empty() {
            return;
        }
        let reference = &self.served.reference;
        let mut start = 0;
        for (edges, &value) in reference.features.iter().zip(features) {
            self.bins[start + edges.bin(f64::from(value))] += 1;
            start += edges.bins();
        }
        self.bins[start + reference.score.bin(probability)] += 1;
    }

    /// The counts of each feature, and those of the score.
    pub(super) fn histograms(&self) -> ([&[u64]; FEATURE_COUNT], &[u64]) {
        let mut rest = self.bins.as_slice();
        let features = self.served.reference.features.map(|edges| {
            let (counts, behind) = rest.split_at(edges.bins());
            rest = behind;
            counts
        });
        (features, rest)
    }

    fn clear(&mut self) {
        self.rows = 0;
        self.risk.fill(0);
        self.scores.fill(0);
        self.sum = 0.0;
        self.bins.fill(0);
    }
}
