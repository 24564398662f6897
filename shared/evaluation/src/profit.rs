//! What a retention campaign earns that calls those with the highest probabilities.
//!
//! A customer who is called costs the contact. One who would churn accepts the offer with some probability and then
//! stays: the lifetime value is kept, the offer is paid. One who would stay takes the offer for nothing. All money is in
//! one currency, all figures are per customer of the rows, called or not. That an offer works equally well on all who
//! would churn is an assumption (Ascarza 2018 found that it often does not).

use serde::{Deserialize, Serialize};
use statrs::function::beta::beta_reg;

use crate::curves::{Call, calls, column, kept, pick};
use crate::ranking::both;
use crate::{EvaluationError, Scored};

/// A campaign as it is configured, unchecked. The letters are those of Verbraken, Verbeke and Baesens (2013), and so are
/// the default values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CampaignParameters {
    /// First parameter of the beta distribution of the share of churners who accept, 0.001 to 1,000: beyond, the
    /// distribution is one point, and its tails are no numbers.
    pub alpha: f64,
    /// Second parameter of that distribution, 0.001 to 1,000.
    pub beta: f64,
    /// Lifetime value of a customer who is kept (CLV), above `offer`, at most 10^9.
    pub lifetime_value: f64,
    /// What an accepted offer costs (d), 0 to 10^9.
    pub offer: f64,
    /// What a contact costs (f), 0 to 10^9.
    pub contact: f64,
}

impl Default for CampaignParameters {
    fn default() -> Self {
        Self { alpha: 6.0, beta: 14.0, lifetime_value: 200.0, offer: 10.0, contact: 1.0 }
    }
}

impl CampaignParameters {
    /// The campaign, checked.
    ///
    /// # Errors
    /// A number that is not finite or out of its range.
    pub fn check(self) -> Result<Campaign, EvaluationError> {
        let of_shape = "a number from 0.001 to 1,000";
        let of_money = "a number from 0 to 1,000,000,000";
        let shape = |parameter: f64| (0.001..=1e3).contains(&parameter);
        let money = |amount: f64| (0.0..=1e9).contains(&amount);
        let is_kept = self.offer < self.lifetime_value && self.lifetime_value <= 1e9;
        for (name, found, holds, expected) in [
            ("alpha", self.alpha, shape(self.alpha), of_shape),
            ("beta", self.beta, shape(self.beta), of_shape),
            ("offer", self.offer, money(self.offer), of_money),
            ("contact", self.contact, money(self.contact), of_money),
            (
                "lifetime_value",
                self.lifetime_value,
                is_kept,
                "a number above the offer, at most 1,000,000,000",
            ),
        ] {
            if !holds {
                return Err(EvaluationError::ParameterOutOfRange { name, expected, found });
            }
        }
        Ok(Campaign(self))
    }
}

/// A checked campaign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Campaign(CampaignParameters);

impl Campaign {
    /// The parameters, for writing.
    #[must_use]
    pub fn parameters(&self) -> &CampaignParameters {
        &self.0
    }

    /// Mean share of churners who accept the offer, `alpha / (alpha + beta)`, in (0, 1).
    #[must_use]
    pub fn acceptance(&self) -> f64 {
        self.0.alpha / (self.0.alpha + self.0.beta)
    }

    /// Expected profit of calling a customer who churns with `probability`, where the mean share accepts.
    #[must_use]
    pub fn profit_of(&self, probability: f64) -> f64 {
        probability * self.profit_of_churner(self.acceptance()) - (1.0 - probability) * self.cost_of_stayer()
    }

    /// Profit of calling one who would churn, where a share `acceptance` accepts.
    fn profit_of_churner(&self, acceptance: f64) -> f64 {
        acceptance * (self.0.lifetime_value - self.0.offer) - self.0.contact
    }

    /// Cost of calling one who would stay.
    fn cost_of_stayer(&self) -> f64 {
        self.0.offer + self.0.contact
    }

    /// The probability that at most a share `acceptance` accepts, for a beta distribution of which `more` was added to
    /// alpha.
    fn cumulative(&self, acceptance: f64, more: f64) -> f64 {
        beta_reg(self.0.alpha + more, self.0.beta, acceptance)
    }
}

/// The profit where the share of those who accept is only known in distribution, and each share gets the threshold that
/// is best for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedMaximumProfit {
    /// Expected profit per customer, at least 0.
    pub profit: f64,
    /// Expected share of customers who are called, in [0, 1].
    pub fraction: f64,
}

/// Expected maximum profit measure for churn, EMPC (Verbraken, Verbeke and Baesens 2013), and the
/// fraction of customers to target. The best threshold moves along the convex hull of the ROC curve as more accept;
/// between two moves profit is linear in the share that accepts, so that its expectation is a difference of two
/// incomplete beta functions. O(n log n).
///
/// # Errors
/// Where all rows have the same outcome.
pub fn expected_maximum_profit(
    scored: &Scored<'_>,
    campaign: &Campaign,
) -> Result<ExpectedMaximumProfit, EvaluationError> {
    both(scored)?;
    let rows = scored.rows() as f64;
    let hull = hull(calls(scored));
    let CampaignParameters { alpha, beta, lifetime_value, offer, contact } = campaign.0;
    let (mut profit, mut fraction, mut low) = (0.0, 0.0, 0.0);
    for (index, call) in hull.iter().enumerate() {
        let high = hull.get(index + 1).map_or(1.0, |next| {
            let (churned, stayed) = (next.churned - call.churned, next.stayed - call.stayed);
            let odds = stayed as f64 / churned as f64;
            ((campaign.cost_of_stayer() * odds + contact) / (lifetime_value - offer)).min(1.0)
        });
        let chance = campaign.cumulative(high, 0.0) - campaign.cumulative(low, 0.0);
        let accepted =
            alpha / (alpha + beta) * (campaign.cumulative(high, 1.0) - campaign.cumulative(low, 1.0));
        let of_churned = accepted * (lifetime_value - offer) - chance * contact;
        let of_stayed = chance * campaign.cost_of_stayer();
        profit += (call.churned as f64 * of_churned - call.stayed as f64 * of_stayed) / rows;
        fraction += chance * call.rows() as f64 / rows;
        low = high;
    }
    Ok(ExpectedMaximumProfit { profit, fraction })
}

/// The vertices of the upper convex hull of the ROC curve, from nobody called to everybody; exact, in integers.
fn hull(calls: Vec<Call>) -> Vec<Call> {
    let mut hull: Vec<Call> = Vec::new();
    for next in calls {
        while let [.., before, last] = &hull[..] {
            let step = |from: u64, to: u64| i128::from(to) - i128::from(from);
            let turn = step(before.stayed, last.stayed) * step(before.churned, next.churned)
                - step(before.churned, last.churned) * step(before.stayed, next.stayed);
            if turn < 0 {
                break;
            }
            hull.pop();
        }
        hull.push(next);
    }
    hull
}

/// Profit per customer over the share of customers who are called, highest probability first, where the mean share of
/// churners accepts. One point for each distinct probability, and the start where nobody is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfitCurve {
    /// Share of all rows who are called, in [0, 1], ascending from 0 to 1.
    pub fraction: Vec<f64>,
    /// Profit per customer; 0 at the start.
    pub profit: Vec<f64>,
    /// Called are those with `threshold <= probability`; `None` at the start, where nobody is.
    pub threshold: Vec<Option<f64>>,
    /// The best point.
    pub maximum: MaximumProfit,
}

/// The best point of a [`ProfitCurve`]; of equal ones the one that calls fewest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaximumProfit {
    /// Profit per customer, at least 0.
    pub profit: f64,
    /// Share of all rows who are called, in [0, 1].
    pub fraction: f64,
    /// Called are those with `threshold <= probability`; `None` where nobody is.
    pub threshold: Option<f64>,
}

impl ProfitCurve {
    /// The curve of these rows.
    #[must_use]
    pub fn of(scored: &Scored<'_>, campaign: &Campaign) -> Self {
        let rows = scored.rows() as f64;
        let (gain, cost) = (campaign.profit_of_churner(campaign.acceptance()), campaign.cost_of_stayer());
        let calls = calls(scored);
        let fraction = column(&calls, |call| call.rows() as f64 / rows);
        let profit = column(&calls, |call| (call.churned as f64 * gain - call.stayed as f64 * cost) / rows);
        let threshold = column(&calls, |call| call.threshold);
        let mut best = 0;
        for (point, found) in profit.iter().enumerate() {
            if profit[best] < *found {
                best = point;
            }
        }
        let maximum =
            MaximumProfit { profit: profit[best], fraction: fraction[best], threshold: threshold[best] };
        Self { fraction, profit, threshold, maximum }
    }

    /// At most `points` points of the curve, evenly spaced among them; the first, the last and the figures of the
    /// maximum stay.
    ///
    /// # Panics
    /// Where `points` is under 2.
    #[must_use]
    pub fn thinned(&self, points: usize) -> Self {
        let kept = kept(self.fraction.len(), points);
        Self {
            fraction: pick(&self.fraction, &kept),
            profit: pick(&self.profit, &kept),
            threshold: pick(&self.threshold, &kept),
            maximum: self.maximum,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scored::tests_support::pseudo_random;

    fn campaign() -> Campaign {
        CampaignParameters::default().check().unwrap()
    }

    /// Expected values: empulse 0.13.1, `empc_score` and its `optimal_rate`.
    fn check(
        probability: &[f64],
        churned: &[bool],
        parameters: CampaignParameters,
        profit: f64,
        fraction: f64,
    ) {
        let scored = Scored::parse(probability, churned).unwrap();
        let found = expected_maximum_profit(&scored, &parameters.check().unwrap()).unwrap();
        assert!((found.profit - profit).abs() < 1e-9, "{} and {profit}", found.profit);
        assert!((found.fraction - fraction).abs() < 1e-9, "{} and {fraction}", found.fraction);
    }

    #[test]
    fn figures_are_those_of_empulse() {
        let default = CampaignParameters::default();
        check(
            &[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
            &[true, true, false, true, false, false, true, false],
            default,
            23.88568279347814,
            0.8668999217963778,
        );
        check(
            &[0.5, 0.5, 0.5, 0.2, 0.2, 0.9],
            &[true, false, true, true, false, false],
            default,
            22.50079122445112,
            0.9991601018889205,
        );
        check(&[0.1, 0.9], &[true, false], default, 22.50079122445112, 0.9991601018889205);
        check(
            &[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
            &[true, true, false, false, false, false, false, false],
            CampaignParameters { alpha: 2.0, beta: 30.0, lifetime_value: 50.0, offer: 20.0, contact: 5.0 },
            0.005759578443674286,
            0.006319080349631134,
        );
        check(
            &[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
            &[false, true, false, false, false, false, false, false],
            CampaignParameters { alpha: 0.5, beta: 0.7, lifetime_value: 1000.0, offer: 0.0, contact: 0.0 },
            52.08333333333332,
            0.25,
        );
    }

    /// The definition itself: for each of many shares of the beta distribution the best of all thresholds.
    #[test]
    fn the_expectation_is_that_of_the_best_profit_for_each_share() {
        let campaign = campaign();
        for seed in 0..5 {
            let (probability, churned) = pseudo_random(200, seed);
            let scored = Scored::parse(&probability, &churned).unwrap();
            let (mut profit, mut fraction, steps) = (0.0, 0.0, 5_000);
            for step in 0..steps {
                let [low, middle, high] =
                    [0.0, 0.5, 1.0].map(|part| (f64::from(step) + part) / f64::from(steps));
                let chance = campaign.cumulative(high, 0.0) - campaign.cumulative(low, 0.0);
                let of = |call: &Call| {
                    call.churned as f64 * campaign.profit_of_churner(middle)
                        - call.stayed as f64 * campaign.cost_of_stayer()
                };
                let calls = calls(&scored);
                let best = calls.iter().max_by(|a, b| of(a).total_cmp(&of(b))).unwrap();
                profit += chance * of(best) / 200.0;
                fraction += chance * best.rows() as f64 / 200.0;
            }
            let found = expected_maximum_profit(&scored, &campaign).unwrap();
            assert!((found.profit - profit).abs() < 1e-3, "{found:?} and {profit}");
            assert!((found.fraction - fraction).abs() < 1e-3, "{found:?} and {fraction}");
        }
    }

    #[test]
    fn the_curve_pays_for_every_call() {
        let scored = Scored::parse(&[0.9, 0.5, 0.5, 0.2], &[true, true, false, false]).unwrap();
        let curve = ProfitCurve::of(&scored, &campaign());
        // One who would churn: 0.3 x 190 - 1 = 56; one who would stay: -11.
        assert_eq!(curve.fraction, [0.0, 0.25, 0.75, 1.0]);
        assert_eq!(curve.profit, [0.0, 56.0 / 4.0, 101.0 / 4.0, 90.0 / 4.0]);
        assert_eq!(curve.threshold, [None, Some(0.9), Some(0.5), Some(0.2)]);
        let maximum = MaximumProfit { profit: 101.0 / 4.0, fraction: 0.75, threshold: Some(0.5) };
        assert_eq!(curve.maximum, maximum);
        let thin = curve.thinned(2);
        assert_eq!((thin.fraction, thin.profit, thin.maximum), (vec![0.0, 1.0], vec![0.0, 22.5], maximum));
    }

    #[test]
    fn of_equal_profits_the_one_that_calls_fewest_is_best() {
        let even =
            CampaignParameters { alpha: 1.0, beta: 1.0, lifetime_value: 7.0, offer: 1.0, contact: 1.0 };
        let scored = Scored::parse(&[0.9, 0.5, 0.3, 0.1], &[true, false, true, false]).unwrap();
        let curve = ProfitCurve::of(&scored, &even.check().unwrap());
        assert_eq!(curve.profit, [0.0, 0.5, 0.0, 0.5, 0.0]);
        assert_eq!((curve.maximum.fraction, curve.maximum.threshold), (0.25, Some(0.9)));
    }

    #[test]
    fn where_every_call_loses_nobody_is_called() {
        let dear = CampaignParameters { contact: 190.0, ..CampaignParameters::default() }.check().unwrap();
        let scored = Scored::parse(&[0.9, 0.5], &[true, false]).unwrap();
        let nobody = MaximumProfit { profit: 0.0, fraction: 0.0, threshold: None };
        assert_eq!(ProfitCurve::of(&scored, &dear).maximum, nobody);
        let expected = ExpectedMaximumProfit { profit: 0.0, fraction: 0.0 };
        assert_eq!(expected_maximum_profit(&scored, &dear), Ok(expected));
    }

    #[test]
    fn the_profit_of_a_customer_is_that_of_the_curves() {
        let campaign = campaign();
        assert!((campaign.profit_of(1.0) - 56.0).abs() < 1e-12);
        assert!((campaign.profit_of(0.0) + 11.0).abs() < 1e-12);
        assert!((campaign.profit_of(0.5) - 22.5).abs() < 1e-12);
    }

    fn check_refused(parameters: CampaignParameters, expected: &str) {
        assert_eq!(parameters.check().expect_err(expected).to_string(), expected);
    }

    #[test]
    fn a_campaign_without_sense_is_refused() {
        let default = CampaignParameters::default();
        let refused = |expected: &str| format!("campaign parameter {expected}");
        check_refused(
            CampaignParameters { alpha: 0.0, ..default },
            &refused("alpha is 0.0, expected a number from 0.001 to 1,000"),
        );
        check_refused(
            CampaignParameters { beta: f64::NAN, ..default },
            &refused("beta is NaN, expected a number from 0.001 to 1,000"),
        );
        check_refused(
            CampaignParameters { offer: -1.0, ..default },
            &refused("offer is -1.0, expected a number from 0 to 1,000,000,000"),
        );
        check_refused(
            CampaignParameters { contact: f64::INFINITY, ..default },
            &refused("contact is inf, expected a number from 0 to 1,000,000,000"),
        );
        check_refused(
            CampaignParameters { lifetime_value: 10.0, ..default },
            &refused("lifetime_value is 10.0, expected a number above the offer, at most 1,000,000,000"),
        );
    }
}
