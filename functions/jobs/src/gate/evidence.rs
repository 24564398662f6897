//! What the rules are judged on: the rows, and what both models say of them.

use churn::{Artifact, Features, is_held_out, transform};

use super::unseen::unseen;
use crate::artifacts::Loaded;
use crate::error::JobError;
use crate::source::{Row, Source};
use crate::train::HOLDOUT;

/// Which rows of the file are judged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// Those that every model spares.
    HoldOut,
    /// All of them: somebody says that no model saw any.
    All,
}

impl Judged {
    fn holds(self, row: &Row) -> bool {
        match self {
            Self::HoldOut => is_held_out(&row.record, HOLDOUT),
            Self::All => true,
        }
    }
}

/// The same rows for both models.
pub(super) struct Evidence<'a> {
    pub(super) champion: &'a Artifact,
    pub(super) challenger: &'a Artifact,
    /// Features of every row of the file.
    pub(super) all: Vec<Features>,
    /// Features of the rows that are judged on; below, one entry a row of them.
    pub(super) judged: Vec<Features>,
    pub(super) churned: Vec<bool>,
    pub(super) by_champion: Vec<f64>,
    pub(super) by_challenger: Vec<f64>,
    /// What is known of the rows that the models were fitted on, or why one may have seen those that it is judged on.
    pub(super) unseen: Result<String, String>,
}

impl<'a> Evidence<'a> {
    /// Scores the judged rows of `source` by both models.
    pub(super) fn of(
        source: &Source,
        champion: &'a Loaded,
        challenger: &'a Loaded,
        which: Judged,
    ) -> Result<Self, JobError> {
        let rows: Vec<&Row> = source.rows.iter().filter(|row| which.holds(row)).collect();
        let judged: Vec<Features> = rows.iter().map(|row| transform(&row.record.customer)).collect();
        if judged.is_empty() {
            return Err(JobError::NoRowsToJudge);
        }
        let models = [("champion", &champion.artifact), ("challenger", &challenger.artifact)];
        let scores =
            |model: &Artifact| judged.iter().map(|row| model.forest.view().probability(row)).collect();
        Ok(Self {
            all: source.rows.iter().map(|row| transform(&row.record.customer)).collect(),
            churned: rows.iter().map(|row| row.churned).collect(),
            by_champion: scores(&champion.artifact),
            by_challenger: scores(&challenger.artifact),
            unseen: unseen(models, source, &rows, which),
            champion: &champion.artifact,
            challenger: &challenger.artifact,
            judged,
        })
    }
}
