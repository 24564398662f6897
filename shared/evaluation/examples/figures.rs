//! Every figure of this crate for scores from elsewhere: `figures < cases.json > figures.json`. The input is a list of
//! [`Case`]s, the output a list of as many objects.

use std::error::Error;
use std::io::{stdin, stdout};

use evaluation::{
    CalibrationCurve, CampaignParameters, GainsCurve, Metrics, PrCurve, ProfitCurve, RocCurve, Scored,
    benjamini_hochberg, expected_maximum_profit, holm, paired_roc_auc, psi, slices,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Two models on the same rows, two histograms, and p values.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    a: Vec<f64>,
    b: Vec<f64>,
    churned: Vec<bool>,
    group: Vec<String>,
    threshold: f64,
    margin: f64,
    seed: u64,
    bins: usize,
    campaign: CampaignParameters,
    expected: Vec<u64>,
    found: Vec<u64>,
    false_alarms: f64,
    p_values: Vec<f64>,
}

impl Case {
    fn figures(&self) -> Result<Value, Box<dyn Error>> {
        let scored = Scored::parse(&self.a, &self.churned)?;
        let campaign = self.campaign.check()?;
        let pair = paired_roc_auc(&self.a, &self.b, &self.churned)?;
        let drift = psi(&self.expected, &self.found)?;
        Ok(json!({
            "metrics": Metrics::with_intervals(&scored, self.threshold, self.seed)?,
            "paired": pair,
            "paired_interval": pair.interval(),
            "paired_lower_95": pair.lower_95(),
            "paired_p_worse": pair.p_worse(self.margin),
            "roc": RocCurve::of(&scored)?,
            "pr": PrCurve::of(&scored)?,
            "gains": GainsCurve::of(&scored)?,
            "calibration_quantiles": CalibrationCurve::quantiles(&scored, self.bins),
            "calibration_equal_width": CalibrationCurve::equal_width(&scored, self.bins),
            "empc": expected_maximum_profit(&scored, &campaign)?,
            "profit": ProfitCurve::of(&scored, &campaign).maximum,
            "slices": slices(&scored, "group", &self.group, self.threshold)?,
            "psi": drift,
            "psi_threshold": drift.threshold(self.false_alarms),
            "psi_p_value": drift.p_value(),
            "benjamini_hochberg": benjamini_hochberg(&self.p_values),
            "holm": holm(&self.p_values),
        }))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let cases: Vec<Case> = serde_json::from_reader(stdin().lock())?;
    let figures: Vec<Value> = cases.iter().map(Case::figures).collect::<Result<_, _>>()?;
    serde_json::to_writer(stdout().lock(), &figures)?;
    Ok(())
}
