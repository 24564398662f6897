//! Curves for plots: how well the probabilities rank, and what a campaign by them reaches.
//!
//! A curve has one point for each distinct probability, from the highest to the lowest, and one before them where
//! nobody is called. All its columns have the same length.

use serde::{Deserialize, Serialize};

use crate::ranking::both;
use crate::{EvaluationError, Scored};

/// Receiver operating characteristic: true positive rate over false positive rate. The area under it by trapezoids is
/// [`crate::roc_auc`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocCurve {
    /// Share of those who stayed who are called, in [0, 1], ascending from 0 to 1.
    pub false_positive_rate: Vec<f64>,
    /// Share of those who churned who are called, in [0, 1], ascending from 0 to 1.
    pub true_positive_rate: Vec<f64>,
    /// Called are those with `threshold <= probability`; `None` at the start, where nobody is.
    pub threshold: Vec<Option<f64>>,
}

/// Precision over recall. It starts at recall 0 and precision 1 by convention (scikit-learn's), where nobody is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrCurve {
    /// Share of those who churned who are called, in [0, 1], ascending from 0 to 1.
    pub recall: Vec<f64>,
    /// Share of those called who churned, in [0, 1].
    pub precision: Vec<f64>,
    /// Called are those with `threshold <= probability`; `None` at the start, where nobody is.
    pub threshold: Vec<Option<f64>>,
}

/// Cumulative gains and lift over the share of customers who are called, highest probability first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GainsCurve {
    /// Share of all rows who are called, in [0, 1], ascending from 0 to 1.
    pub fraction: Vec<f64>,
    /// Share of those who churned who are called, in [0, 1], ascending from 0 to 1.
    pub gain: Vec<f64>,
    /// `gain / fraction`, at least 0: how many times more churners are called than by a random choice of as many rows.
    /// At the start the limit, which is that of the first point: rows of one probability are called in any order.
    pub lift: Vec<f64>,
}

impl RocCurve {
    /// The curve of these rows.
    ///
    /// # Errors
    /// Where all rows have the same outcome.
    pub fn of(scored: &Scored<'_>) -> Result<Self, EvaluationError> {
        let (churned, stayed) = both(scored)?;
        let calls = calls(scored);
        Ok(Self {
            false_positive_rate: column(&calls, |call| call.stayed as f64 / stayed as f64),
            true_positive_rate: column(&calls, |call| call.churned as f64 / churned as f64),
            threshold: column(&calls, |call| call.threshold),
        })
    }

    /// At most `points` points of the curve, evenly spaced among them; the first and the last stay.
    ///
    /// # Panics
    /// Where `points` is under 2.
    #[must_use]
    pub fn thinned(&self, points: usize) -> Self {
        let kept = kept(self.threshold.len(), points);
        Self {
            false_positive_rate: pick(&self.false_positive_rate, &kept),
            true_positive_rate: pick(&self.true_positive_rate, &kept),
            threshold: pick(&self.threshold, &kept),
        }
    }
}

impl PrCurve {
    /// The curve of these rows.
    ///
    /// # Errors
    /// Where all rows have the same outcome.
    pub fn of(scored: &Scored<'_>) -> Result<Self, EvaluationError> {
        let (churned, _) = both(scored)?;
        let calls = calls(scored);
        let precision = |call: &Call| match call.rows() {
            0 => 1.0,
            rows => call.churned as f64 / rows as f64,
        };
        Ok(Self {
            recall: column(&calls, |call| call.churned as f64 / churned as f64),
            precision: column(&calls, precision),
            threshold: column(&calls, |call| call.threshold),
        })
    }

    /// At most `points` points of the curve, evenly spaced among them; the first and the last stay.
    ///
    /// # Panics
    /// Where `points` is under 2.
    #[must_use]
    pub fn thinned(&self, points: usize) -> Self {
        let kept = kept(self.threshold.len(), points);
        Self {
            recall: pick(&self.recall, &kept),
            precision: pick(&self.precision, &kept),
            threshold: pick(&self.threshold, &kept),
        }
    }
}

impl GainsCurve {
    /// The curve of these rows.
    ///
    /// # Errors
    /// Where all rows have the same outcome.
    pub fn of(scored: &Scored<'_>) -> Result<Self, EvaluationError> {
        let (churned, stayed) = both(scored)?;
        let calls = calls(scored);
        let gain = |call: &Call| call.churned as f64 / churned as f64;
        let fraction = |call: &Call| call.rows() as f64 / (churned + stayed) as f64;
        let mut lift = column(&calls, |call| gain(call) / fraction(call));
        lift[0] = lift[1];
        Ok(Self { fraction: column(&calls, fraction), gain: column(&calls, gain), lift })
    }

    /// At most `points` points of the curve, evenly spaced among them; the first and the last stay.
    ///
    /// # Panics
    /// Where `points` is under 2.
    #[must_use]
    pub fn thinned(&self, points: usize) -> Self {
        let kept = kept(self.fraction.len(), points);
        Self {
            fraction: pick(&self.fraction, &kept),
            gain: pick(&self.gain, &kept),
            lift: pick(&self.lift, &kept),
        }
    }
}

/// Who is called at one threshold.
pub(crate) struct Call {
    pub(crate) threshold: Option<f64>,
    pub(crate) churned: u64,
    pub(crate) stayed: u64,
}

impl Call {
    pub(crate) fn rows(&self) -> u64 {
        self.churned + self.stayed
    }
}

/// First nobody, then everybody down to each distinct probability.
pub(crate) fn calls(scored: &Scored<'_>) -> Vec<Call> {
    let mut calls = vec![Call { threshold: None, churned: 0, stayed: 0 }];
    let (mut churned, mut stayed) = (0, 0);
    for tie in scored.ties() {
        churned += tie.churned;
        stayed += tie.stayed;
        calls.push(Call { threshold: Some(tie.probability), churned, stayed });
    }
    calls
}

pub(crate) fn column<T>(calls: &[Call], of: impl Fn(&Call) -> T) -> Vec<T> {
    calls.iter().map(of).collect()
}

/// At most `points` of the places `0..length`, evenly spaced, with both ends.
pub(crate) fn kept(length: usize, points: usize) -> Vec<usize> {
    assert!(2 <= points, "a curve keeps its two ends");
    if length <= points {
        return (0..length).collect();
    }
    let last = points - 1;
    (0..points).map(|point| (point * (length - 1) + last / 2) / last).collect()
}

pub(crate) fn pick<T: Copy>(column: &[T], kept: &[usize]) -> Vec<T> {
    kept.iter().map(|&place| column[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scored::tests_support::pseudo_random;
    use crate::{average_precision, roc_auc};

    /// Two churners and two who stay, one of each on the same probability.
    fn curves() -> (RocCurve, PrCurve, GainsCurve) {
        let scored = Scored::parse(&[0.9, 0.5, 0.5, 0.2], &[true, true, false, false]).unwrap();
        (RocCurve::of(&scored).unwrap(), PrCurve::of(&scored).unwrap(), GainsCurve::of(&scored).unwrap())
    }

    #[test]
    fn points_are_those_of_the_definitions() {
        let (roc, pr, gains) = curves();
        let threshold = vec![None, Some(0.9), Some(0.5), Some(0.2)];
        assert_eq!(roc.false_positive_rate, [0.0, 0.0, 0.5, 1.0]);
        assert_eq!(roc.true_positive_rate, [0.0, 0.5, 1.0, 1.0]);
        assert_eq!((&roc.threshold, &pr.threshold), (&threshold, &threshold));
        assert_eq!(pr.recall, [0.0, 0.5, 1.0, 1.0]);
        assert_eq!(pr.precision, [1.0, 1.0, 2.0 / 3.0, 0.5]);
        assert_eq!(gains.fraction, [0.0, 0.25, 0.75, 1.0]);
        assert_eq!(gains.gain, [0.0, 0.5, 1.0, 1.0]);
        assert_eq!(gains.lift, [2.0, 2.0, 1.0 / 0.75, 1.0]);
    }

    #[test]
    fn areas_under_the_curves_are_the_figures() {
        for seed in 0..20 {
            let (probability, churned) = pseudo_random(80, seed);
            let scored = Scored::parse(&probability, &churned).unwrap();
            let (roc, pr) = (RocCurve::of(&scored).unwrap(), PrCurve::of(&scored).unwrap());
            let (x, y) = (&roc.false_positive_rate, &roc.true_positive_rate);
            let area: f64 = (1..x.len()).map(|i| (x[i] - x[i - 1]) * f64::midpoint(y[i], y[i - 1])).sum();
            assert!((area - roc_auc(&scored).unwrap()).abs() < 1e-14, "seed {seed}");
            let steps = 1..pr.recall.len();
            let area: f64 = steps.map(|i| (pr.recall[i] - pr.recall[i - 1]) * pr.precision[i]).sum();
            assert!((area - average_precision(&scored).unwrap()).abs() < 1e-14, "seed {seed}");
        }
    }

    fn check_kept(length: usize, points: usize, expected: &[usize]) {
        assert_eq!(kept(length, points), expected, "{points} of {length}");
    }

    #[test]
    fn thinning_keeps_both_ends_and_never_a_point_twice() {
        check_kept(4, 9, &[0, 1, 2, 3]);
        check_kept(4, 4, &[0, 1, 2, 3]);
        check_kept(9, 3, &[0, 4, 8]);
        check_kept(10, 2, &[0, 9]);
        check_kept(11, 6, &[0, 2, 4, 6, 8, 10]);
        for (length, points) in [(1_000, 999), (1_000, 7), (7, 6)] {
            let kept = kept(length, points);
            assert_eq!((kept.len(), kept[0], kept[points - 1]), (points, 0, length - 1));
            assert!(kept.windows(2).all(|pair| pair[0] < pair[1]), "{kept:?}");
        }
    }

    #[test]
    fn a_thinned_curve_has_points_of_the_curve() {
        let (roc, pr, gains) = curves();
        let thin = roc.thinned(2);
        assert_eq!((thin.false_positive_rate, thin.true_positive_rate), (vec![0.0, 1.0], vec![0.0, 1.0]));
        assert_eq!(thin.threshold, [None, Some(0.2)]);
        let thin = pr.thinned(3);
        assert_eq!((thin.recall, thin.precision), (vec![0.0, 1.0, 1.0], vec![1.0, 2.0 / 3.0, 0.5]));
        assert_eq!(thin.threshold, [None, Some(0.5), Some(0.2)]);
        let thin = gains.thinned(2);
        assert_eq!(thin, GainsCurve { fraction: vec![0.0, 1.0], gain: vec![0.0, 1.0], lift: vec![2.0, 1.0] });
        assert_eq!(roc.thinned(10), roc);
    }

    #[test]
    fn curves_need_both_outcomes_and_are_read_back() {
        let scored = Scored::parse(&[0.5, 0.6], &[true, true]).unwrap();
        let refused = EvaluationError::OneClass { rows: 2 };
        assert_eq!(RocCurve::of(&scored), Err(refused.clone()));
        assert_eq!(PrCurve::of(&scored), Err(refused.clone()));
        assert_eq!(GainsCurve::of(&scored), Err(refused));
        let (roc, _, _) = curves();
        let text = serde_json::to_string(&roc).unwrap();
        assert_eq!(serde_json::from_str::<RocCurve>(&text).unwrap(), roc);
    }
}
