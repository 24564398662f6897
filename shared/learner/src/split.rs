//! The best split of one node on one feature, found by counting bins.

use crate::criterion::{Criterion, Tally};

/// The way in which predictions may move while one feature rises and all others stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Monotone {
    /// Any way.
    #[default]
    Free,
    /// Never down.
    Rising,
    /// Never up.
    Falling,
}

impl Monotone {
    fn allows(self, left: f64, right: f64) -> bool {
        match self {
            Self::Free => true,
            Self::Rising => left <= right,
            Self::Falling => right <= left,
        }
    }
}

/// Where the leaf values below a node must lie, so that no constraint above it is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    low: f64,
    high: f64,
}

impl Bounds {
    pub(crate) const NONE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    pub(crate) fn clamp(self, value: f64) -> f64 {
        value.max(self.low).min(self.high)
    }

    /// Bounds of the left and of the right side of a split into `values`: on a constrained feature they meet halfway,
    /// so that every leaf of one side lies on the right side of every leaf of the other.
    pub(crate) fn sides(self, monotone: Monotone, values: [f64; 2]) -> [Self; 2] {
        let middle = f64::midpoint(values[0], values[1]);
        let (below, above) = (Self { high: middle, ..self }, Self { low: middle, ..self });
        match monotone {
            Monotone::Free => [self, self],
            Monotone::Rising => [below, above],
            Monotone::Falling => [above, below],
        }
    }
}

/// A split between two bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Split<T> {
    pub(crate) feature: usize,
    /// The last bin that goes left.
    pub(crate) below: u8,
    /// The first bin that goes right and is not empty.
    pub(crate) above: u8,
    /// The tally of the rows that go left.
    pub(crate) left: T,
    /// Values of the two sides, were they leaves.
    pub(crate) values: [f64; 2],
    /// How well both sides fit together.
    pub(crate) fit: f64,
}

/// What a histogram says of a feature at a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Found<T> {
    /// All rows lie in one bin: there is nothing to split.
    Constant,
    /// The feature varies, but no split is allowed.
    NoRoom,
    /// The best split; of equal ones the lowest.
    Best(Split<T>),
}

/// The best split of a node whose rows fall into `histogram` and together make `total`.
pub(crate) fn best<C: Criterion>(
    criterion: &C,
    feature: usize,
    histogram: &[C::Tally],
    total: &C::Tally,
    monotone: Monotone,
    bounds: Bounds,
) -> Found<C::Tally> {
    let mut left = C::Tally::default();
    let mut last = None;
    let mut best: Option<Split<C::Tally>> = None;
    for (bin, tally) in (0_u8..=u8::MAX).zip(histogram).filter(|(_, tally)| tally.rows() != 0) {
        let right = total.minus(left);
        if let Some(below) = last
            && criterion.admits(&left)
            && criterion.admits(&right)
        {
            let values = [&left, &right].map(|side| bounds.clamp(criterion.value(side)));
            let fit = criterion.fit(&left, values[0]) + criterion.fit(&right, values[1]);
            if best.as_ref().is_none_or(|best| best.fit < fit) && monotone.allows(values[0], values[1]) {
                best = Some(Split { feature, below, above: bin, left, values, fit });
            }
        }
        left.add(*tally);
        if left.rows() == total.rows() && last.is_none() {
            return Found::Constant;
        }
        last = Some(bin);
    }
    best.map_or(Found::NoRoom, Found::Best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::criterion::{Gini, Newton, Slopes};

    /// Tallies of bins with these rows that churned and that stayed.
    fn histogram(
        criterion: &Gini<'_>,
        bins: &[(u32, u32)],
    ) -> (Vec<<Gini<'static> as Criterion>::Tally>, u32) {
        // Row 0 stayed and row 1 churned, both drawn once.
        let mut tallies = vec![];
        for &(churned, stayed) in bins {
            let mut tally = Default::default();
            (0..churned).for_each(|_| Tally::add(&mut tally, criterion.of(1)));
            (0..stayed).for_each(|_| Tally::add(&mut tally, criterion.of(0)));
            tallies.push(tally);
        }
        let rows = bins.iter().map(|bin| bin.0 + bin.1).sum();
        (tallies, rows)
    }

    fn check(bins: &[(u32, u32)], min_samples_leaf: u32, expected: Option<(u8, u8)>) {
        let criterion = Gini::new(&[2, 3], min_samples_leaf);
        let (tallies, rows) = histogram(&criterion, bins);
        let mut total = Default::default();
        tallies.iter().for_each(|tally| Tally::add(&mut total, *tally));
        assert_eq!(total.rows(), rows);
        let found = best(&criterion, 0, &tallies, &total, Monotone::Free, Bounds::NONE);
        let sides = match found {
            Found::Best(split) => Some((split.below, split.above)),
            Found::Constant | Found::NoRoom => None,
        };
        assert_eq!(sides, expected, "{bins:?}: {found:?}");
    }

    #[test]
    fn the_split_with_the_purest_sides_wins_and_skips_empty_bins() {
        check(&[(5, 0), (0, 0), (0, 5)], 1, Some((0, 2)));
        check(&[(5, 0), (4, 1), (0, 5), (1, 4)], 1, Some((1, 2)));
        check(&[(1, 0), (4, 5), (5, 5)], 5, Some((1, 2)));
    }

    #[test]
    fn a_side_with_too_few_rows_is_no_split() {
        check(&[(4, 0), (0, 6)], 5, None);
        check(&[(4, 6)], 1, None);
        let criterion = Gini::new(&[2, 3], 1);
        let (one_bin, _) = histogram(&criterion, &[(0, 0), (4, 6)]);
        let found = best(&criterion, 0, &one_bin, &one_bin[1], Monotone::Free, Bounds::NONE);
        assert_eq!(found, Found::Constant);
    }

    /// Three bins of one row each with the gradients -1, 1 and -3, so that values rise, then fall.
    fn best_of_slopes(monotone: Monotone, bounds: Bounds, min_child_weight: f64) -> Found<Slopes> {
        let slopes = [[-1.0, 1.0], [1.0, 1.0], [-3.0, 1.0]];
        let criterion = Newton { slopes: &slopes, l2: 0.0, min_child_weight };
        let tallies: Vec<_> = (0..3).map(|row| criterion.of(row)).collect();
        let mut total = Default::default();
        tallies.iter().for_each(|tally| Tally::add(&mut total, *tally));
        best(&criterion, 7, &tallies, &total, monotone, bounds)
    }

    #[test]
    fn a_constraint_takes_the_best_split_that_keeps_it() {
        let values = |found| match found {
            Found::Best(split) => Some((split.below, split.values)),
            Found::Constant | Found::NoRoom => None,
        };
        assert_eq!(values(best_of_slopes(Monotone::Free, Bounds::NONE, 0.0)), Some((1, [0.0, 3.0])));
        assert_eq!(values(best_of_slopes(Monotone::Rising, Bounds::NONE, 0.0)), Some((1, [0.0, 3.0])));
        // Left 1.0 and right (3 - 1) / 2: equal, so it may stand.
        assert_eq!(values(best_of_slopes(Monotone::Falling, Bounds::NONE, 0.0)), Some((0, [1.0, 1.0])));
        assert_eq!(best_of_slopes(Monotone::Falling, Bounds::NONE, 1.5), Found::NoRoom);
        let bounds = Bounds { low: 0.5, high: 2.0 };
        assert_eq!(values(best_of_slopes(Monotone::Free, bounds, 0.0)), Some((1, [0.5, 2.0])));
    }

    #[test]
    fn the_sides_of_a_constrained_split_meet_halfway() {
        let outer = Bounds { low: -1.0, high: 4.0 };
        let [left, right] = outer.sides(Monotone::Rising, [1.0, 2.0]);
        assert_eq!((left, right), (Bounds { low: -1.0, high: 1.5 }, Bounds { low: 1.5, high: 4.0 }));
        let [left, right] = outer.sides(Monotone::Falling, [2.0, 1.0]);
        assert_eq!((left, right), (Bounds { low: 1.5, high: 4.0 }, Bounds { low: -1.0, high: 1.5 }));
        assert_eq!(outer.sides(Monotone::Free, [2.0, 1.0]), [outer, outer]);
    }
}
