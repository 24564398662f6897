//! What the rules are judged on: the rows, and what both models say of them.

use churn::{Artifact, Features, is_held_out, transform};

use crate::artifacts::Loaded;
use crate::error::JobError;
use crate::source::Source;
use crate::train::HOLDOUT;

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
    /// Why a model may have been fitted on these rows.
    pub(super) seen: Option<String>,
}

impl<'a> Evidence<'a> {
    /// Scores the hold-out of `source`, or all of it, by both models.
    pub(super) fn of(
        source: &Source,
        champion: &'a Loaded,
        challenger: &'a Loaded,
        all_rows: bool,
    ) -> Result<Self, JobError> {
        let is_judged = |row: &&crate::source::Row| all_rows || is_held_out(&row.record, HOLDOUT);
        let rows: Vec<_> = source.rows.iter().filter(is_judged).collect();
        let judged: Vec<Features> = rows.iter().map(|row| transform(&row.record.customer)).collect();
        if judged.is_empty() {
            return Err(JobError::NoRowsToJudge);
        }
        let scores =
            |model: &Artifact| judged.iter().map(|row| model.forest.view().probability(row)).collect();
        Ok(Self {
            all: source.rows.iter().map(|row| transform(&row.record.customer)).collect(),
            churned: rows.iter().map(|row| row.churned).collect(),
            by_champion: scores(&champion.artifact),
            by_challenger: scores(&challenger.artifact),
            seen: [("champion", champion), ("challenger", challenger)]
                .into_iter()
                .find_map(|(name, model)| seen(name, &model.artifact, source, all_rows)),
            champion: &champion.artifact,
            challenger: &challenger.artifact,
            judged,
        })
    }
}

/// Why the model may have been fitted on rows that it is judged on; `None` where it cannot have been.
fn seen(name: &str, model: &Artifact, source: &Source, all_rows: bool) -> Option<String> {
    let provenance = &model.provenance;
    if all_rows {
        let same = provenance.data_sha256 == source.sha256;
        return same
            .then(|| format!("the {name} was fitted on rows of this very file, so --all-rows cannot stand"));
    }
    if provenance.fitted_rows == 0 {
        return Some(format!(
            "another program fitted the {name}, on rows that are not known; judge it by --all-rows on customers that nobody saw"
        ));
    }
    // The hash holds out a share that varies by chance: four standard deviations of it are let pass.
    let (fitted, rows) = (provenance.fitted_rows as f64, provenance.data_rows as f64);
    let most = (1.0 - HOLDOUT) * rows + 4.0 * (HOLDOUT * (1.0 - HOLDOUT) * rows).sqrt();
    (most < fitted).then(|| {
        format!("the {name} was fitted on {fitted} of {rows} rows, so the hold-out was among them; train with --holdout {HOLDOUT}")
    })
}
