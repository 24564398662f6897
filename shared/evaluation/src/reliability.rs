//! The calibration curve: churn rate over mean probability, bin by bin, and the interval of a rate.

use serde::{Deserialize, Serialize};

use crate::calibration::bin_of;
use crate::normal::Z_TWO_SIDED;
use crate::quantile::quantile;
use crate::{Interval, Scored};

/// Rows in bins of probability, ascending; one entry a bin that holds rows. A model is calibrated where churn rate and
/// mean probability agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationCurve {
    /// Mean probability of the bin's rows, in [0, 1].
    pub mean_probability: Vec<f64>,
    /// Share of the bin's rows that churned, in [0, 1].
    pub churn_rate: Vec<f64>,
    /// 95 % interval of the churn rate, by [`wilson`].
    pub interval: Vec<Interval>,
    /// Number of rows in the bin, at least 1.
    pub rows: Vec<u64>,
}

impl CalibrationCurve {
    /// `bins` bins of equal width; a probability on an edge belongs to the bin above it, as in
    /// [`crate::expected_calibration_error`].
    ///
    /// # Panics
    /// Where `bins` is 0.
    #[must_use]
    pub fn equal_width(scored: &Scored<'_>, bins: usize) -> Self {
        assert!(bins != 0, "there is at least one bin");
        Self::of(scored, bins, |p| bin_of(p, bins))
    }

    /// `bins` bins of about equally many rows: their edges are quantiles, and a probability on an edge belongs to the bin
    /// below it (scikit-learn's `calibration_curve(strategy="quantile")`). Rows of one probability share a bin.
    ///
    /// # Panics
    /// Where `bins` is 0.
    #[must_use]
    pub fn quantiles(scored: &Scored<'_>, bins: usize) -> Self {
        assert!(bins != 0, "there is at least one bin");
        let mut sorted: Vec<f64> = scored.iter().map(|(p, _)| p).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let edges: Vec<f64> = (1..bins).map(|edge| quantile(&sorted, edge, bins)).collect();
        Self::of(scored, bins, |p| edges.partition_point(|edge| *edge < p))
    }

    /// At most `points` bins of the curve, evenly spaced among them; the first and the last stay.
    ///
    /// # Panics
    /// Where `points` is under 2.
    #[must_use]
    pub fn thinned(&self, points: usize) -> Self {
        let kept = crate::curves::kept(self.rows.len(), points);
        Self {
            mean_probability: crate::curves::pick(&self.mean_probability, &kept),
            churn_rate: crate::curves::pick(&self.churn_rate, &kept),
            interval: crate::curves::pick(&self.interval, &kept),
            rows: crate::curves::pick(&self.rows, &kept),
        }
    }

    fn of(scored: &Scored<'_>, bins: usize, bin: impl Fn(f64) -> usize) -> Self {
        let (mut sum, mut churned, mut rows) = (vec![0.0; bins], vec![0_u64; bins], vec![0_u64; bins]);
        for (p, label) in scored.iter() {
            let bin = bin(p);
            sum[bin] += p;
            churned[bin] += u64::from(label);
            rows[bin] += 1;
        }
        let used = || (0..bins).filter(|&bin| rows[bin] != 0);
        Self {
            mean_probability: used().map(|bin| sum[bin] / rows[bin] as f64).collect(),
            churn_rate: used().map(|bin| churned[bin] as f64 / rows[bin] as f64).collect(),
            interval: used().map(|bin| wilson(churned[bin], rows[bin])).collect(),
            rows: used().map(|bin| rows[bin]).collect(),
        }
    }
}

/// 95 % interval of a rate of which `part` in `whole` rows were seen, in [0, 1] (Wilson 1927).
///
/// # Panics
/// Where `whole` is 0 or smaller than `part`.
#[must_use]
pub fn wilson(part: u64, whole: u64) -> Interval {
    assert!(whole != 0 && part <= whole, "a rate is a part of at least one row");
    let (rows, rate, z2) = (whole as f64, part as f64 / whole as f64, Z_TWO_SIDED * Z_TWO_SIDED);
    let middle = (rate + z2 / (2.0 * rows)) / (1.0 + z2 / rows);
    let spread = (rate * (1.0 - rate) / rows + z2 / (4.0 * rows * rows)).sqrt();
    let reach = Z_TWO_SIDED * spread / (1.0 + z2 / rows);
    Interval { low: (middle - reach).max(0.0), high: (middle + reach).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f64; 6] = [0.05, 0.5, 0.1, 0.55, 0.12, 1.0];
    const CHURNED: [bool; 6] = [false, true, true, false, false, true];

    fn check(found: &CalibrationCurve, mean_probability: &[f64], churn_rate: &[f64], rows: &[u64]) {
        assert_eq!(found.rows, rows);
        assert_eq!(found.churn_rate, churn_rate);
        for (found, expected) in found.mean_probability.iter().zip(mean_probability) {
            assert!((found - expected).abs() < 1e-15, "{found} and {expected}");
        }
    }

    #[test]
    fn bins_of_equal_width_leave_out_empty_ones() {
        let curve = CalibrationCurve::equal_width(&Scored::parse(&P, &CHURNED).unwrap(), 10);
        check(&curve, &[0.05, 0.11, 0.525, 1.0], &[0.0, 0.5, 0.5, 1.0], &[1, 2, 2, 1]);
        assert_eq!(curve.interval[1], wilson(1, 2));
    }

    #[test]
    fn quantile_bins_hold_equally_many_rows() {
        let curve = CalibrationCurve::quantiles(&Scored::parse(&P, &CHURNED).unwrap(), 3);
        check(&curve, &[0.075, 0.31, 0.775], &[0.5, 0.5, 0.5], &[2, 2, 2]);
        let odd = CalibrationCurve::quantiles(&Scored::parse(&P[1..], &CHURNED[1..]).unwrap(), 2);
        assert_eq!(odd.rows, [3, 2], "the row on the edge belongs to the bin below");
        let ties = CalibrationCurve::quantiles(&Scored::parse(&[0.3; 6], &CHURNED).unwrap(), 3);
        check(&ties, &[0.3], &[0.5], &[6]);
    }

    #[test]
    fn a_thinned_curve_keeps_its_ends() {
        let curve = CalibrationCurve::equal_width(&Scored::parse(&P, &CHURNED).unwrap(), 10);
        check(&curve.thinned(2), &[0.05, 1.0], &[0.0, 1.0], &[1, 1]);
    }

    /// Expected values: scipy 1.17.1, `binomtest(part, whole).proportion_ci(method="wilson")`.
    #[test]
    fn the_interval_of_a_rate_is_that_of_scipy() {
        for (part, whole, low, high) in [
            (1, 2, 0.09453120573423074, 0.9054687942657693),
            (0, 9, 0.0, 0.29914504841954404),
            (9, 9, 0.7008549515804559, 1.0),
            (37, 400, 0.06785393449857381, 0.12489858538387784),
        ] {
            let found = wilson(part, whole);
            assert!((found.low - low).abs() < 1e-14, "{part} of {whole}: {found:?}");
            assert!((found.high - high).abs() < 1e-14, "{part} of {whole}: {found:?}");
        }
    }
}
