//! Whether probabilities mean what they say.

use crate::Scored;

/// Bins of the expected calibration error where nothing else is asked for.
pub const ECE_BINS: usize = 10;

/// Mean negative log-likelihood in nats, at least 0. Probabilities of 0 and 1 are taken as `f64::EPSILON` away from
/// them, as scikit-learn does, so that one certain error does not make it infinite.
#[must_use]
pub fn log_loss(scored: &Scored<'_>) -> f64 {
    scored.iter().map(|(p, churned)| log_loss_of(p, churned)).sum::<f64>() / scored.rows() as f64
}

/// Mean squared distance between probability and outcome, in [0, 1] (Brier 1950).
#[must_use]
pub fn brier(scored: &Scored<'_>) -> f64 {
    scored.iter().map(|(p, churned)| squared_distance(p, churned)).sum::<f64>() / scored.rows() as f64
}

/// Expected calibration error in [0, 1] (Naeini et al. 2015): the distance between mean probability and churn rate in
/// each of `bins` bins of equal width, weighted by rows. A probability on an edge belongs to the bin above it.
///
/// # Panics
/// Where `bins` is 0.
#[must_use]
pub fn expected_calibration_error(scored: &Scored<'_>, bins: usize) -> f64 {
    assert!(bins != 0, "there is at least one bin");
    // Of each bin the sum of (probability - outcome): its rows cancel in distance times share of rows.
    let mut excess = vec![0.0; bins];
    for (p, churned) in scored.iter() {
        excess[bin_of(p, bins)] += p - f64::from(churned);
    }
    excess.iter().map(|excess: &f64| excess.abs()).sum::<f64>() / scored.rows() as f64
}

/// What one row adds to [`log_loss`].
pub(crate) fn log_loss_of(p: f64, churned: bool) -> f64 {
    let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    -libm::log(if churned { p } else { 1.0 - p })
}

/// What one row adds to [`brier`].
pub(crate) fn squared_distance(p: f64, churned: bool) -> f64 {
    let distance = p - f64::from(churned);
    distance * distance
}

/// Which of `bins` bins of equal width holds `p`; an edge belongs to the bin above it, and 1 to the last.
pub(crate) fn bin_of(p: f64, bins: usize) -> usize {
    ((p * bins as f64) as usize).min(bins - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Log loss and Brier: scikit-learn 1.9.1, `log_loss` and `brier_score_loss`. ECE: by hand.
    fn check(probability: &[f64], churned: &[bool], expected: [f64; 3]) {
        let scored = Scored::parse(probability, churned).unwrap();
        let found = [log_loss(&scored), brier(&scored), expected_calibration_error(&scored, ECE_BINS)];
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} and {expected} of {probability:?}");
        }
    }

    #[test]
    fn figures_are_those_of_scikit_learn_and_of_the_definition() {
        check(
            &[0.9, 0.1, 0.8, 0.35],
            &[true, false, false, true],
            [0.717_495_267_062_107_8, 0.270_625, (0.1 + 0.1 + 0.8 + 0.65) / 4.0],
        );
        check(
            &[0.25, 0.25, 0.25, 0.25],
            &[true, false, false, false],
            [0.562_335_144_618_808_3, 0.1875, 0.0],
        );
        check(&[1.0, 0.0], &[true, false], [f64::EPSILON, 0.0, 0.0]);
        check(&[0.0], &[true], [36.043_653_389_117_15, 1.0, 1.0]);
        check(&[0.1, 0.15], &[true, false], [1.232_552_011_245_910_3, 0.41625, 0.375]);
    }
}
