//! The configuration of training and judging, a TOML file. What is left out has the default that stands here.

mod fault;
mod grids;
mod values;

use std::error::Error;
use std::path::Path;

use evaluation::{Campaign, CampaignParameters, Costs, EvaluationError};
use learner::{Candidate, LearnerError};
use serde::Deserialize;

use self::fault::out_of_range;
use self::grids::{BoostingGrid, ForestGrid, LogisticGrid};
use crate::error::JobError;
use crate::format::count;

/// The most candidates, and the most fits of them over all folds. A search of this size takes days; what is asked beyond
/// it is a slip, and would end in memory that is not there.
const MOST_CANDIDATES: usize = 10_000;
const MOST_FITS: u64 = 1_000_000;
const MOST_FOLDS: usize = 100;
const MOST_REPEATS: u64 = 1_000;

/// `--config FILE`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) selection: SelectionConfig,
    pub(crate) logistic: LogisticGrid,
    pub(crate) forest: ForestGrid,
    pub(crate) boosting: BoostingGrid,
    pub(crate) decision: DecisionConfig,
    pub(crate) campaign: CampaignConfig,
    pub(crate) gate: GateConfig,
}

impl Config {
    /// Checks every number, and how many candidates there are before they are made.
    fn check(&self) -> Result<(), String> {
        self.selection.check()?;
        self.check_size()?;
        let told = |section: &str, error: &dyn Error| format!("[{section}] {error}");
        self.logistic.candidates().map_err(|error| told("logistic", &error))?;
        self.forest.candidates(0).map_err(|error| told("forest", &error))?;
        self.boosting.candidates(0).map_err(|error| told("boosting", &error))?;
        self.decision.parse().map_err(|error| told("decision", &error))?;
        self.campaign.parse().map_err(|error| told("campaign", &error))?;
        self.gate.check()
    }

    /// Checks the number of candidates, and of fits over all folds.
    fn check_size(&self) -> Result<(), String> {
        let mut candidates = 0;
        for (kind, section, found) in [
            (Kind::LogisticRegression, "logistic", self.logistic.count()),
            (Kind::RandomForest, "forest", self.forest.count()),
            (Kind::GradientBoosting, "boosting", self.boosting.count()),
        ] {
            let asked = self.selection.candidates.iter().filter(|asked| **asked == kind).count();
            let Some(found) = found.filter(|found| asked.max(1) * found <= MOST_CANDIDATES - candidates)
            else {
                let found = found.map_or_else(|| "beyond all numbers".into(), |found| count(found as u64));
                let most = count(MOST_CANDIDATES as u64);
                return Err(format!(
                    "[{section}] has {found} combinations; {most} candidates are the most in all"
                ));
            };
            candidates += asked * found;
        }
        let SelectionConfig { folds, repeats, .. } = self.selection;
        let fits = candidates as u64 * folds as u64 * repeats;
        if MOST_FITS < fits {
            let [fits, most] = [fits, MOST_FITS].map(count);
            return Err(format!(
                "[selection] {candidates} candidates x {folds} folds x {repeats} repeats are {fits} fits; {most} are the most"
            ));
        }
        Ok(())
    }

    /// Every combination of the grids of the kinds that are asked for.
    pub(crate) fn candidates(&self, seed: u64) -> Result<Vec<Candidate>, LearnerError> {
        let of_kind = |kind: &Kind| match kind {
            Kind::LogisticRegression => self.logistic.candidates(),
            Kind::RandomForest => self.forest.candidates(seed),
            Kind::GradientBoosting => self.boosting.candidates(seed),
        };
        Ok(self.selection.candidates.iter().map(of_kind).collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// `[selection]`: which candidates are compared, on how many folds, and which of them wins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SelectionConfig {
    pub(crate) candidates: Vec<Kind>,
    /// Folds of the stratified cross-validation.
    pub(crate) folds: usize,
    /// How often it is repeated with other folds.
    pub(crate) repeats: u64,
    pub(crate) prefer: Prefer,
}

impl Default for SelectionConfig {
    fn default() -> Self {
        let candidates = vec![Kind::LogisticRegression, Kind::RandomForest, Kind::GradientBoosting];
        Self { candidates, folds: 5, repeats: 2, prefer: Prefer::Best }
    }
}

impl SelectionConfig {
    fn check(&self) -> Result<(), String> {
        if !(2..=MOST_FOLDS).contains(&self.folds) {
            return Err(out_of_range("selection", "folds", self.folds, "2 to 100"));
        }
        if !(1..=MOST_REPEATS).contains(&self.repeats) {
            return Err(out_of_range("selection", "repeats", self.repeats, "1 to 1,000"));
        }
        Ok(())
    }
}

/// A kind of learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    LogisticRegression,
    RandomForest,
    GradientBoosting,
}

/// Which candidate wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Prefer {
    /// The one with the highest mean ROC-AUC.
    Best,
    /// The one with the fewest nodes of those whose mean ROC-AUC is within one standard error of the best's.
    Smallest,
}

/// `[decision]`: what a wrong decision costs, in any one unit; only the ratio matters.
///
/// By default a churner who is missed costs one and a half times an offer to a customer who would have stayed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DecisionConfig {
    pub(crate) false_positive: f64,
    pub(crate) false_negative: f64,
}

impl Default for DecisionConfig {
    fn default() -> Self {
        Self { false_positive: 2.0, false_negative: 3.0 }
    }
}

impl DecisionConfig {
    pub(crate) fn costs(&self) -> Result<Costs, JobError> {
        self.parse().map_err(|source| JobError::Evaluation { rows: "costs of [decision]", source })
    }

    fn parse(&self) -> Result<Costs, EvaluationError> {
        Costs::parse(self.false_positive, self.false_negative)
    }
}

/// `[campaign]`: the retention campaign whose profit the report expects. The defaults are those of the literature.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CampaignConfig {
    alpha: f64,
    beta: f64,
    lifetime_value: f64,
    offer: f64,
    contact: f64,
}

impl Default for CampaignConfig {
    fn default() -> Self {
        let CampaignParameters { alpha, beta, lifetime_value, offer, contact } =
            CampaignParameters::default();
        Self { alpha, beta, lifetime_value, offer, contact }
    }
}

impl CampaignConfig {
    pub(crate) fn campaign(&self) -> Result<Campaign, JobError> {
        self.parse().map_err(|source| JobError::Evaluation { rows: "the figures of [campaign]", source })
    }

    fn parse(&self) -> Result<Campaign, EvaluationError> {
        let Self { alpha, beta, lifetime_value, offer, contact } = *self;
        CampaignParameters { alpha, beta, lifetime_value, offer, contact }.check()
    }
}

/// `[gate]`: where a challenger is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GateConfig {
    /// Least ROC-AUC; below 0.70 it is 0.70 all the same.
    pub(crate) roc_auc_floor: f64,
    /// Least number of rows to judge on.
    pub(crate) rows: u64,
    /// How far the outcomes may be from what the champion expects of these customers, as churn rate and as ROC-AUC.
    /// Further off, labels are damaged or customers have changed, and somebody must look.
    pub(crate) label_shift: f64,
    /// What the PSI of a feature or of the champion's scores must exceed to refuse, beside being significant.
    pub(crate) psi: f64,
    /// Least number of rows of the file, as a part of those that the champion's had.
    pub(crate) share_of_rows: f64,
}

impl Default for GateConfig {
    fn default() -> Self {
        Self { roc_auc_floor: 0.70, rows: 500, label_shift: 0.05, psi: 0.1, share_of_rows: 0.5 }
    }
}

impl GateConfig {
    fn check(&self) -> Result<(), String> {
        for (name, found) in [
            ("roc_auc_floor", self.roc_auc_floor),
            ("label_shift", self.label_shift),
            ("share_of_rows", self.share_of_rows),
        ] {
            if !(0.0..=1.0).contains(&found) {
                return Err(out_of_range("gate", name, found, "0 to 1"));
            }
        }
        if !(self.psi.is_finite() && 0.0 <= self.psi) {
            return Err(out_of_range("gate", "psi", self.psi, "a finite number of at least 0"));
        }
        if self.rows == 0 { Err(out_of_range("gate", "rows", 0, "at least 1")) } else { Ok(()) }
    }
}

/// The configuration at `path`, or the default one where there is none.
pub(crate) fn read(path: Option<&Path>) -> Result<Config, JobError> {
    let Some(path) = path else { return Ok(Config::default()) };
    let text =
        std::fs::read_to_string(path).map_err(|source| JobError::Read { path: path.into(), source })?;
    let failed = |detail| JobError::Config { path: path.into(), detail };
    let config: Config = toml::from_str(&text).map_err(|error| failed(fault::told(&text, &error)))?;
    config.check().map_err(failed)?;
    Ok(config)
}
