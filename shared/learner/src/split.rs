//! The best split of one node on one feature, found by counting bins.

/// What a set of rows holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// Rows, each counted once however often it was drawn.
    pub(crate) rows: u32,
    /// Their weight.
    pub(crate) weight: f64,
    /// The weight of those that churned.
    pub(crate) churned: f64,
}

impl Tally {
    pub(crate) fn add(&mut self, weight: f64, churned: f64) {
        self.rows += 1;
        self.weight += weight;
        self.churned += churned;
    }

    fn plus(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            weight: self.weight + other.weight,
            churned: self.churned + other.churned,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            rows: self.rows - other.rows,
            weight: self.weight - other.weight,
            churned: self.churned - other.churned,
        }
    }

    /// Share of the weight that churned, in [0, 1].
    pub(crate) fn rate(self) -> f64 {
        (self.churned / self.weight).clamp(0.0, 1.0)
    }

    /// Whether all rows have the same label. Weights add up in one order, so the sums are equal to the last bit.
    pub(crate) fn is_pure(self) -> bool {
        self.churned == 0.0 || self.churned == self.weight
    }

    /// Weight times (1 - gini impurity) (Breiman et al. 1984): the sum of squared class weights over the weight.
    fn purity(self) -> f64 {
        let stayed = self.weight - self.churned;
        (self.churned * self.churned + stayed * stayed) / self.weight
    }
}

/// A split between two bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Split {
    pub(crate) feature: usize,
    /// The last bin that goes left.
    pub(crate) below: u16,
    /// The first bin that goes right and is not empty.
    pub(crate) above: u16,
    /// Purity of both sides together; the split with the most has the least gini impurity.
    pub(crate) purity: f64,
}

/// What a histogram says of a feature at a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Found {
    /// All rows lie in one bin: there is nothing to split.
    Constant,
    /// The feature varies, but every split leaves too few rows on one side.
    NoRoom,
    /// The best split; of equal ones the lowest.
    Best(Split),
}

/// The best split of a node whose rows fall into `histogram` and together make `total`.
pub(crate) fn best(feature: usize, histogram: &[Tally], total: Tally, min_samples_leaf: u32) -> Found {
    let mut left = Tally::default();
    let mut last = None;
    let mut best: Option<Split> = None;
    for (bin, tally) in histogram.iter().enumerate().filter(|(_, tally)| tally.rows != 0) {
        let bin = u16::try_from(bin).expect("there are fewer bins than 2^16");
        let right = total.minus(left);
        if let Some(below) = last
            && min_samples_leaf <= left.rows
            && min_samples_leaf <= right.rows
        {
            let purity = left.purity() + right.purity();
            if best.is_none_or(|best| best.purity < purity) {
                best = Some(Split { feature, below, above: bin, purity });
            }
        }
        left = left.plus(*tally);
        if left.rows == total.rows && last.is_none() {
            return Found::Constant;
        }
        last = Some(bin);
    }
    best.map_or(Found::NoRoom, Found::Best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: u32, churned: f64) -> Tally {
        Tally { rows, weight: f64::from(rows), churned }
    }

    fn check(histogram: &[Tally], min_samples_leaf: u32, expected: Option<(u16, u16)>) {
        let total = histogram.iter().fold(Tally::default(), |sum, bin| sum.plus(*bin));
        let found = best(0, histogram, total, min_samples_leaf);
        let bins = match found {
            Found::Best(split) => Some((split.below, split.above)),
            Found::Constant | Found::NoRoom => None,
        };
        assert_eq!(bins, expected, "{histogram:?}: {found:?}");
    }

    #[test]
    fn the_split_with_the_purest_sides_wins_and_skips_empty_bins() {
        check(&[tally(5, 5.0), tally(0, 0.0), tally(5, 0.0)], 1, Some((0, 2)));
        check(&[tally(5, 5.0), tally(5, 4.0), tally(5, 0.0), tally(5, 1.0)], 1, Some((1, 2)));
        check(&[tally(1, 1.0), tally(9, 4.0), tally(10, 5.0)], 5, Some((1, 2)));
    }

    #[test]
    fn a_side_with_too_few_rows_is_no_split() {
        check(&[tally(4, 4.0), tally(6, 0.0)], 5, None);
        check(&[tally(10, 4.0)], 1, None);
        let one_bin = [tally(0, 0.0), tally(10, 4.0)];
        assert_eq!(best(0, &one_bin, one_bin[1], 1), Found::Constant);
    }
}
