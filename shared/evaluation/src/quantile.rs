//! Quantiles between neighbours, by exact places.

/// The quantile `part / whole` of `sorted` (ascending, not empty), by linear interpolation between the two neighbours of
/// place `part / whole x (length - 1)` (Hyndman and Fan 1996, type 7; numpy's default). The place is an exact fraction,
/// so that a quantile that falls on a number is that number.
pub(crate) fn quantile(sorted: &[f64], part: usize, whole: usize) -> f64 {
    let place = part * (sorted.len() - 1);
    let (below, rest) = (sorted[place / whole], place % whole);
    if rest == 0 {
        return below;
    }
    below + (sorted[place / whole + 1] - below) * (rest as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sorted: &[f64], part: usize, whole: usize, expected: f64) {
        assert_eq!(quantile(sorted, part, whole), expected, "{part} / {whole} of {sorted:?}");
    }

    #[test]
    fn quantiles_are_numbers_or_lie_between_two() {
        check(&[1.0, 3.0, 4.0], 0, 2, 1.0);
        check(&[1.0, 3.0, 4.0], 1, 2, 3.0);
        check(&[1.0, 3.0, 4.0], 2, 2, 4.0);
        check(&[1.0, 3.0, 4.0], 1, 4, 2.0);
        check(&[1.0, 3.0, 4.0], 3, 4, 3.5);
        check(&[0.0, 1.0], 39, 40, 0.975);
        check(&[7.0], 39, 40, 7.0);
    }
}
