//! What the report of a training run is made of, as plain data: figures of crate `evaluation` where it has them, lists and
//! words where training makes them. A list that is empty, or a part that is `None`, has no section in the page.

use churn::{Card, JudgedRows, Provenance};
use evaluation::{
    CalibrationCurve, Campaign, CampaignParameters, ConfusionMatrix, ECE_BINS, EvaluationError,
    ExpectedMaximumProfit, GainsCurve, Interval, Metrics, PairedAuc, PrCurve, ProfitCurve, RocCurve, Scored,
    Slice, expected_maximum_profit,
};

use crate::profile::Profile;

/// Points of a curve that are drawn; more cannot be told apart in a chart of this size.
const CURVE_POINTS: usize = 200;
/// Points of the curve that the card keeps, which is a part of the function's binary.
const CARD_POINTS: usize = 60;

/// One training run.
pub(crate) struct ReportData {
    /// The card of the selected model, with candidates, importances and constraints.
    pub(crate) card: Card,
    /// Where the selected model comes from, as its artifact says.
    pub(crate) provenance: Provenance,
    /// How large the selected model is.
    pub(crate) size: ModelSize,
    /// The selected model on rows that it was not fitted on.
    pub(crate) judged: Judged,
    /// What wrong decisions cost, as the configuration states it; the decision threshold was chosen by it.
    pub(crate) costs: DecisionCosts,
    /// The model that the selected one must not lose to, on the same rows; absent where there is none, and where the rows
    /// are too few to compare on. The card holds the comparison over the folds of selection.
    pub(crate) yardstick: Option<Yardstick>,
    /// What moves single predictions.
    pub(crate) shapley: Option<ShapleySummary>,
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

    /// What of it stands in the card.
    pub(crate) fn for_card(&self) -> churn::Judged {
        churn::Judged {
            rows: self.rows,
            roc: self.roc.thinned(CARD_POINTS),
            calibration: self.calibration.clone(),
            slices: self.slices.clone(),
        }
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

/// What the yardstick is called in a sentence.
pub(super) const YARDSTICK: &str = "logistic regression";

/// The yardstick on the rows of [`Judged`].
pub(crate) struct Yardstick {
    /// The selected model as `a`, the yardstick as `b`.
    pub(crate) paired: PairedAuc,
    /// Its curve, which is drawn beside the selected model's.
    pub(crate) roc: RocCurve,
}

impl Yardstick {
    /// A yardstick's comparison and curve.
    ///
    /// # Errors
    /// Unequal lengths, or fewer than two rows of an outcome.
    pub(crate) fn of(selected: &[f64], yardstick: &[f64], churned: &[bool]) -> Result<Self, EvaluationError> {
        Ok(Self {
            paired: evaluation::paired_roc_auc(selected, yardstick, churned)?,
            roc: RocCurve::of(&Scored::parse(yardstick, churned)?)?.thinned(CURVE_POINTS),
        })
    }

    /// Whether it ranks better than the selected model by more than chance explains: the 95 % interval of the difference
    /// lies above 0.
    pub(super) fn beats_the_selected(&self) -> bool {
        0.0 < self.paired.interval().low
    }
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

/// An interval in words, with as many places as an AUC needs.
pub(super) fn interval_text(interval: Interval) -> String {
    format!("95 % interval {:.3} to {:.3}", interval.low, interval.high)
}
