//! The standard normal distribution: the quantiles that intervals are made of, and its tail.

/// The 97.5 % quantile: a two-sided 95 % interval reaches this many standard errors to both sides.
pub(crate) const Z_TWO_SIDED: f64 = 1.959_963_984_540_054;

/// The 95 % quantile: a one-sided 95 % bound lies this many standard errors away.
pub(crate) const Z_ONE_SIDED: f64 = 1.644_853_626_951_472_2;

/// The probability of a value of at most `z`, in [0, 1].
pub(crate) fn cumulative(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(z: f64, expected: f64) {
        let found = cumulative(z);
        assert!((found - expected).abs() <= 1e-14 * expected, "{found} and {expected} at {z}");
    }

    /// Expected values: scipy 1.17.1, `norm.cdf`.
    #[test]
    fn quantiles_and_tail_are_those_of_scipy() {
        check(Z_TWO_SIDED, 0.975);
        check(Z_ONE_SIDED, 0.95);
        check(0.0, 0.5);
        check(-1.0, 0.158_655_253_931_457_05);
        check(-8.0, 6.220_960_574_271_74e-16);
    }
}
