//! Many tests at once: p values corrected, so that chance alone does not raise an alarm.

/// Adjusted p values, in the order of `p`, that control the share of false discoveries (Benjamini and Hochberg 1995):
/// calling those at or under `alpha` is wrong in a share `alpha` of the calls. Each is in [0, 1] and not under its own.
///
/// # Panics
/// Where a number is not in [0, 1].
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let tests = p.len() as f64;
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, &test) in order.iter().enumerate().rev() {
        least = least.min(p[test] * (tests / (rank + 1) as f64));
        adjusted[test] = least;
    }
    adjusted
}

/// Adjusted p values, in the order of `p`, that control the probability of any false alarm (Holm 1979): calling those
/// at or under `alpha` is wrong once or more with probability at most `alpha`, however the tests depend on each other.
///
/// # Panics
/// Where a number is not in [0, 1].
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut adjusted = vec![1.0; p.len()];
    let mut greatest = 0.0_f64;
    for (rank, &test) in ascending(p).iter().enumerate() {
        greatest = greatest.max((p[test] * (p.len() - rank) as f64).min(1.0));
        adjusted[test] = greatest;
    }
    adjusted
}

/// Places in `p` from the smallest p value to the largest.
fn ascending(p: &[f64]) -> Vec<usize> {
    assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "a p value lies in [0, 1]");
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(corrected: fn(&[f64]) -> Vec<f64>, p: &[f64], expected: &[f64]) {
        let found = corrected(p);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{found} and {expected} of {p:?}");
        }
    }

    #[test]
    fn benjamini_and_hochbergs_step_up_by_hand() {
        check(benjamini_hochberg, &[0.01, 0.04, 0.03, 0.005], &[0.02, 0.04, 0.04, 0.02]);
        check(benjamini_hochberg, &[0.9, 0.95, 0.5], &[0.95, 0.95, 0.95]);
        check(benjamini_hochberg, &[0.2], &[0.2]);
        check(benjamini_hochberg, &[], &[]);
    }

    #[test]
    fn holms_steps_down_by_hand() {
        check(holm, &[0.01, 0.04, 0.03, 0.005], &[0.03, 0.06, 0.06, 0.02]);
        check(holm, &[0.9, 0.3, 0.02], &[0.9, 0.6, 0.06]);
        check(holm, &[0.5, 0.5], &[1.0, 1.0]);
        check(holm, &[], &[]);
    }

    #[test]
    #[should_panic(expected = "a p value lies in [0, 1]")]
    fn what_is_no_p_value_stops() {
        let _ = holm(&[0.5, f64::NAN]);
    }
}
