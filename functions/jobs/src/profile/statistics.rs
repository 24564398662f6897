//! The statistics of a profile, of numbers alone; no field is known here.

/// Arithmetic mean; NaN of no values.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample standard deviation (divisor n - 1); `None` of fewer than two values.
pub(crate) fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (1 < values.len()).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// The `p` quantile, `p` in [0, 1], of at least one rising value, linear between neighbours (type 7 of Hyndman and Fan
/// 1996, the default of R and of numpy).
pub(crate) fn quantile(rising: &[f64], p: f64) -> f64 {
    let place = p * (rising.len() - 1) as f64;
    let (below, share) = (place as usize, place.fract());
    let above = (below + 1).min(rising.len() - 1);
    rising[below] + share * (rising[above] - rising[below])
}

/// Pearson's correlation in [-1, 1] of two columns of equal length; `None` where one of them is constant or empty. Where
/// one column is 0 or 1 it is called the point-biserial correlation, where both are, phi.
pub(crate) fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let (mean_x, mean_y) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    (0.0 < xx && 0.0 < yy).then(|| (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

/// Cramer's V in [0, 1] of a table of counts, a row a label and a column an outcome, without correction for bias (Cramer
/// 1946): the root of chi squared over its largest value. `None` where fewer than two rows or columns are not empty.
pub(crate) fn cramers_v(counts: &[[u64; 2]]) -> Option<f64> {
    let of_row = |row: &[u64; 2]| (row[0] + row[1]) as f64;
    let columns: [f64; 2] = [0, 1].map(|column| counts.iter().map(|row| row[column] as f64).sum());
    let total = columns[0] + columns[1];
    let filled = counts.iter().filter(|row| row[0] + row[1] != 0).count();
    if filled < 2 || columns.contains(&0.0) {
        return None;
    }
    let mut chi_squared = 0.0;
    for row in counts.iter().filter(|row| row[0] + row[1] != 0) {
        for (seen, of_column) in row.iter().zip(columns) {
            let expected = of_row(row) * of_column / total;
            chi_squared += (*seen as f64 - expected) * (*seen as f64 - expected) / expected;
        }
    }
    // The smaller of rows and columns, less one, is 1: there are two outcomes.
    Some((chi_squared / total).sqrt().min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} instead of {expected}");
    }

    #[test]
    fn quantiles_are_linear_between_neighbours() {
        for (p, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (1.0, 10.0)] {
            near(quantile(&[1.0, 2.0, 4.0, 10.0], p), expected);
        }
        near(quantile(&[7.0], 0.75), 7.0);
    }

    #[test]
    fn correlations_are_those_of_the_definition_and_a_constant_has_none() {
        near(pearson(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).unwrap(), 1.0);
        near(pearson(&[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, 1.0, 0.0]).unwrap(), -0.447_213_595_499_957_9);
        assert_eq!(pearson(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(pearson(&[], &[]), None);
        near(standard_deviation(&[2.0, 4.0, 6.0]).unwrap(), 2.0);
        assert_eq!(standard_deviation(&[2.0]), None);
    }

    #[test]
    fn association_of_labels_is_cramers_and_one_label_has_none() {
        near(cramers_v(&[[10, 0], [0, 10]]).unwrap(), 1.0);
        near(cramers_v(&[[10, 10], [5, 5], [0, 0]]).unwrap(), 0.0);
        // A table of two by two: the absolute value of phi.
        near(cramers_v(&[[30, 10], [15, 45]]).unwrap(), 0.492_365_963_917_331_1);
        assert_eq!(cramers_v(&[[3, 4], [0, 0]]), None);
        assert_eq!(cramers_v(&[[3, 0], [4, 0]]), None);
    }
}
