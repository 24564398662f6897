//! The rows of the source as the model sees them, and which of them it may be fitted on.

use std::path::Path;

use churn::{CustomerRecord, DataFacts, Features, Seen, is_held_out, transform};
use evaluation::{EvaluationError, Metrics, Scored};
use forest::ForestView;
use learner::Dataset;
use ndarray::Array2;

use super::card::file_name;
use crate::error::JobError;
use crate::source::Source;

/// Features and labels of all rows; each row is fitted on or held out.
pub(super) struct Data {
    features: Vec<Features>,
    churned: Vec<bool>,
    fitted: Vec<usize>,
    held_out: Vec<usize>,
}

impl Data {
    /// Transforms every row, and holds out about the share `holdout` of them. Of few customers that may be none or all,
    /// and then there is nothing to judge on, or to learn from.
    pub(super) fn split(source: &Source, holdout: f64) -> Result<Self, JobError> {
        let rows = 0..source.rows.len();
        let (held_out, fitted): (Vec<usize>, Vec<usize>) =
            rows.partition(|&row| is_held_out(&source.rows[row].record, holdout));
        if fitted.is_empty() || (held_out.is_empty() && 0.0 < holdout) {
            let (held_out, rows) = (held_out.len(), source.rows.len());
            return Err(JobError::Holdout { held_out, rows, share: holdout });
        }
        Ok(Self {
            features: source.rows.iter().map(|row| transform(&row.record.customer)).collect(),
            churned: source.rows.iter().map(|row| row.churned).collect(),
            fitted,
            held_out,
        })
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.features.len()
    }

    /// Features of every row.
    pub(super) fn features(&self) -> &[Features] {
        &self.features
    }

    /// The rows that may be fitted on, rising.
    pub(super) fn fitted(&self) -> &[usize] {
        &self.fitted
    }

    /// The rows that are held out, rising.
    pub(super) fn held_out(&self) -> &[usize] {
        &self.held_out
    }

    /// The rows that may be fitted on, as the learner takes them.
    pub(super) fn fitted_dataset(&self) -> Result<Dataset, JobError> {
        let x = Array2::from(of(&self.features, &self.fitted));
        Ok(Dataset::parse(x, of(&self.churned, &self.fitted))?)
    }

    /// The hold-out, or the rows that are fitted on where there is none.
    pub(super) fn judged_dataset(&self) -> Result<Dataset, JobError> {
        let rows = self.judged_rows();
        Ok(Dataset::parse(Array2::from(of(&self.features, rows)), of(&self.churned, rows))?)
    }

    fn judged_rows(&self) -> &[usize] {
        if self.held_out.is_empty() { &self.fitted } else { &self.held_out }
    }

    /// The probability of every row.
    pub(super) fn scores(&self, forest: ForestView<'_>) -> Vec<f64> {
        self.features.iter().map(|row| forest.probability(row)).collect()
    }

    /// The scores of the hold-out, where there is one.
    pub(super) fn hold_out(&self, scores: &[f64]) -> Option<Vec<f64>> {
        (!self.held_out.is_empty()).then(|| of(scores, &self.held_out))
    }

    /// Checks, before anything is fitted, that the hold-out can be judged on: it has customers of both outcomes.
    pub(super) fn check_hold_out(&self) -> Result<(), JobError> {
        let rows = self.held_out.len();
        let churned = self.held_out.iter().filter(|&&row| self.churned[row]).count();
        if rows != 0 && (churned == 0 || churned == rows) {
            return Err(JobError::HoldOut { source: EvaluationError::OneClass { rows } });
        }
        Ok(())
    }

    /// The figures of the hold-out with their intervals, where there is one.
    pub(super) fn metrics(
        &self,
        scores: &[f64],
        threshold: f64,
        seed: u64,
    ) -> Result<Option<Metrics>, JobError> {
        if self.held_out.is_empty() {
            return Ok(None);
        }
        let (probability, churned) = (of(scores, &self.held_out), of(&self.churned, &self.held_out));
        Scored::parse(&probability, &churned)
            .and_then(|scored| Metrics::with_intervals(&scored, threshold, seed))
            .map(Some)
            .map_err(|source| JobError::HoldOut { source })
    }

    /// What a model saw that is fitted on these rows of `source`.
    pub(super) fn seen(&self, source: &Source) -> Seen {
        let records = |rows: &[usize]| {
            rows.iter().map(|&row| &source.rows[row].record).collect::<Vec<&CustomerRecord>>()
        };
        Seen::of(&records(&self.fitted), &records(&self.held_out))
    }

    /// What the card says of the data.
    pub(super) fn facts(&self, path: &Path, sha256: &str) -> DataFacts {
        DataFacts {
            file: file_name(path),
            sha256: sha256.to_owned(),
            rows: self.rows() as u64,
            churned: self.churned.iter().filter(|&&churned| churned).count() as u64,
            fitted_rows: self.fitted.len() as u64,
            holdout_rows: self.held_out.len() as u64,
        }
    }
}

/// The entries of `column` at `rows`.
fn of<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| column[row]).collect()
}
