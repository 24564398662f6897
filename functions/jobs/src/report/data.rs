//! What the report of a training run is made of, as plain data: figures of crate `evaluation` where it has them, lists and
//! words where training makes them. A list that is empty, or a part that is `None`, has no section in the page.

use churn::{Card, Provenance};
use evaluation::{
    CalibrationCurve, Campaign, CampaignParameters, ConfusionMatrix, ECE_BINS, EvaluationError,
    ExpectedMaximumProfit, GainsCurve, Interval, Metrics, PairedAuc, PrCurve, ProfitCurve, RocCurve, Scored,
    Slice, expected_maximum_profit,
};

use crate::profile::Profile;

/// Points of a curve that are drawn; more cannot be told apart in a chart of this size.
const CURVE_POINTS: usize = 200;

/// One training run.
pub(crate) struct ReportData {
    /// The card of the selected model.
    pub(crate) card: Card,
    /// Where the selected model comes from, as its artifact says.
    pub(crate) provenance: Provenance,
    /// How large the selected model is.
    pub(crate) size: ModelSize,
    /// The selected model on rows that it was not fitted on.
    pub(crate) judged: Judged,
    /// What wrong decisions cost, as the configuration states it; the decision threshold was chosen by it.
    pub(crate) costs: DecisionCosts,
    /// The model that the selected one must not lose to, on the same rows.
    pub(crate) yardstick: Option<Yardstick>,
    /// Every model that was tried, in the order of the table.
    pub(crate) candidates: Vec<Candidate>,
    /// One entry a feature, in any order.
    pub(crate) importances: Vec<Importance>,
    /// What moves single predictions.
    pub(crate) shapley: Option<ShapleySummary>,
    /// Directions that the selected model was held to.
    pub(crate) constraints: Vec<Constraint>,
    /// What is in the data.
    pub(crate) profile: Profile,
}

/// The size of a model of trees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModelSize {
    pub(crate) trees: usize,
    pub(crate) nodes: usize,
    /// Edges from a root to the deepest leaf.
    pub(crate) depth: usize,
    /// Bytes of the artifact.
    pub(crate) bytes: usize,
}

/// Which rows the figures are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JudgedRows {
    /// The fixed hold-out: no shipped model is fitted on it.
    HoldOut,
    /// Every row that was fitted on, each scored by a model of the same recipe that did not see it.
    CrossValidation,
}

/// All figures of one model on the same rows.
pub(crate) struct Judged {
    pub(crate) rows: JudgedRows,
    pub(crate) metrics: Metrics,
    /// At the threshold of `metrics`.
    pub(crate) matrix: ConfusionMatrix,
    pub(crate) roc: RocCurve,
    pub(crate) pr: PrCurve,
    pub(crate) gains: GainsCurve,
    /// In bins of equal width, as the expected calibration error takes them.
    pub(crate) calibration: CalibrationCurve,
    pub(crate) slices: Vec<Slice>,
    pub(crate) campaign: CampaignParameters,
    pub(crate) profit: ProfitCurve,
    pub(crate) expected_profit: ExpectedMaximumProfit,
}

impl Judged {
    /// The curves of `scored` beside figures that training has already: `metrics` (with their threshold) and `slices`.
    ///
    /// # Errors
    /// Where all rows have the same outcome.
    pub(crate) fn of(
        rows: JudgedRows,
        scored: &Scored<'_>,
        metrics: Metrics,
        slices: Vec<Slice>,
        campaign: &Campaign,
    ) -> Result<Self, EvaluationError> {
        Ok(Self {
            rows,
            metrics,
            matrix: ConfusionMatrix::at(scored, metrics.threshold),
            roc: RocCurve::of(scored)?.thinned(CURVE_POINTS),
            pr: PrCurve::of(scored)?.thinned(CURVE_POINTS),
            gains: GainsCurve::of(scored)?.thinned(CURVE_POINTS),
            calibration: CalibrationCurve::equal_width(scored, ECE_BINS),
            slices,
            campaign: *campaign.parameters(),
            profit: ProfitCurve::of(scored, campaign).thinned(CURVE_POINTS),
            expected_profit: expected_maximum_profit(scored, campaign)?,
        })
    }
}

/// Costs of `[decision]`, in any one unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DecisionCosts {
    /// Calling one who stays.
    pub(crate) false_positive: f64,
    /// Missing one who churns.
    pub(crate) false_negative: f64,
}

/// A simpler model on the rows of [`Judged`].
pub(crate) struct Yardstick {
    /// Its name in a sentence, such as `logistic regression`.
    pub(crate) name: String,
    /// The selected model as `a`, the yardstick as `b`.
    pub(crate) paired: PairedAuc,
    /// Its curve, which is drawn beside the selected model's.
    pub(crate) roc: RocCurve,
}

impl Yardstick {
    /// A yardstick's comparison and curve.
    ///
    /// # Errors
    /// Unequal lengths, or all rows have the same outcome.
    pub(crate) fn of(
        name: &str,
        selected: &[f64],
        yardstick: &[f64],
        churned: &[bool],
    ) -> Result<Self, EvaluationError> {
        Ok(Self {
            name: name.to_owned(),
            paired: evaluation::paired_roc_auc(selected, yardstick, churned)?,
            roc: RocCurve::of(&Scored::parse(yardstick, churned)?)?.thinned(CURVE_POINTS),
        })
    }

    /// Whether it ranks better than the selected model by more than chance explains: the 95 % interval of the difference
    /// lies above 0.
    pub(crate) fn beats_the_selected(&self) -> bool {
        0.0 < self.paired.interval().low
    }
}

/// What a candidate is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It ships.
    Selected,
    /// It could have shipped.
    Contender,
    /// It cannot ship; the others are held against it.
    Yardstick,
}

/// One model that was tried.
pub(crate) struct Candidate {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// Mean over folds.
    pub(crate) roc_auc_mean: f64,
    /// Sample standard deviation over folds.
    pub(crate) roc_auc_sd: f64,
    /// Its AUC less the selected model's, fold by fold; `None` for the selected model itself.
    pub(crate) difference: Option<FoldDifference>,
    /// Nodes of all trees, or `None` for a model without trees.
    pub(crate) nodes: Option<u64>,
    /// Hyperparameters by name.
    pub(crate) parameters: Vec<(String, String)>,
    /// Wall time of its cross-validation, in seconds.
    pub(crate) seconds: f64,
}

/// A difference of AUCs over the same folds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoldDifference {
    pub(crate) mean: f64,
    /// Standard error of the mean.
    pub(crate) standard_error: f64,
}

/// How much one feature matters to the selected model.
pub(crate) struct Importance {
    pub(crate) feature: String,
    /// Share of all impurity that splits on it take away; the shares of all features sum to 1.
    pub(crate) impurity: Option<f64>,
    /// How much AUC is lost where its values are shuffled among the judged rows.
    pub(crate) permutation: Option<Permutation>,
}

/// Loss of AUC over several shuffles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permutation {
    pub(crate) mean: f64,
    /// Sample standard deviation over shuffles.
    pub(crate) sd: f64,
}

/// Shapley values over many customers: how far each feature moves the probability away from the base value.
pub(crate) struct ShapleySummary {
    /// Customers that were explained.
    pub(crate) rows: u64,
    /// The probability where nothing is known of a customer.
    pub(crate) base_value: f64,
    pub(crate) features: Vec<ShapleyFeature>,
}

/// One feature's Shapley values, in probability.
pub(crate) struct ShapleyFeature {
    pub(crate) feature: String,
    /// Mean distance by which it moves the probability, either way.
    pub(crate) mean_absolute: f64,
    /// Mean contribution by label, or by tenth of a number's values; in their order.
    pub(crate) groups: Vec<ShapleyGroup>,
}

/// Customers of one label, or of one range of values.
pub(crate) struct ShapleyGroup {
    pub(crate) label: String,
    pub(crate) rows: u64,
    /// Mean contribution, signed: above 0 raises the risk.
    pub(crate) mean: f64,
}

/// A direction that the model cannot turn.
pub(crate) struct Constraint {
    pub(crate) feature: String,
    pub(crate) direction: Direction,
}

/// What more of a feature may do to the risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// It may raise the risk or leave it.
    Up,
    /// It may lower the risk or leave it.
    Down,
}

/// An interval in words, with as many places as an AUC needs.
pub(super) fn interval_text(interval: Interval) -> String {
    format!("95 % interval {:.3} to {:.3}", interval.low, interval.high)
}
