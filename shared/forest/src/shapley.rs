//! Exact Shapley values of one probability: how much each feature moves it away from the mean.
//!
//! The game is that of Lundberg, Erion and others (2020, "tree path dependent"): a coalition S of features is worth what
//! the forest answers where a node on a feature of S sends the row its way, and any other node sends it both ways in
//! proportion to the training rows there. Each tree is walked once. A path carries one weight (a lane) for each coalition
//! of the features on it that could still tell it from others; leaves add their lanes into a table with three states a
//! feature, and the table is folded into the worth of all coalitions at the end. The link is applied to each worth, so
//! that contributions add up in probability for every link.

mod walk;

use self::walk::{POWERS, Walk};
use crate::ForestView;

/// Most features that exact values are computed for: the table has `3^features` cells.
pub const MAX_SHAPLEY_FEATURES: usize = 8;

/// A probability in parts: `base` and all `contributions` add up to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contributions<const N: usize> {
    /// The probability without any feature known, in [0, 1].
    pub base: f64,
    /// What each feature adds, in (-1, 1), by its index.
    pub contributions: [f64; N],
}

impl ForestView<'_> {
    /// Exact Shapley values of [`ForestView::probability`] for `row`, whose `N` numbers are all the features there are.
    /// `base` and the contributions add up to it within rounding (1e-12).
    ///
    /// # Panics
    /// Where the forest asks for a feature past `N`. More than [`MAX_SHAPLEY_FEATURES`] do not compile.
    #[must_use]
    pub fn shapley<const N: usize>(&self, row: &[f32; N]) -> Contributions<N> {
        const { assert!(N <= MAX_SHAPLEY_FEATURES, "too many features for exact Shapley values") };
        let mut table = vec![0.0; POWERS[N]];
        let mut walk = Walk::new();
        for &root in self.root {
            walk.tree(self, root as usize, row, &mut table);
        }
        let worth: Vec<f64> =
            fold(table).into_iter().map(|sum| self.link.probability(sum, self.root.len())).collect();
        Contributions { base: worth[0], contributions: values(&worth) }
    }
}

/// From cells of three states a feature to the sums of all coalitions: bit `j` of an index says whether it holds feature
/// `j`. The last feature is folded first, since its states are whole blocks of the table.
fn fold(mut blocks: Vec<f64>) -> Vec<f64> {
    let mut width = blocks.len();
    while width != 1 {
        width /= 3;
        let mut merged = Vec::with_capacity(2 * blocks.len() / 3);
        for block in blocks.chunks_exact(3 * width) {
            let (either, one) = block.split_at(width);
            merged.extend(one.iter().zip(either.iter().cycle()).map(|(one, either)| one + either));
        }
        blocks = merged;
    }
    blocks
}

/// Shapley's values (1953) of the game whose coalitions are worth `worth`.
fn values<const N: usize>(worth: &[f64]) -> [f64; N] {
    let mut weights = [0.0; N];
    for (others, weight) in weights.iter_mut().enumerate() {
        // others! (N - 1 - others)! / N!, by binomials: 1 / (N C(N - 1, others)).
        let orders = (0..others).fold(1.0, |orders, i| orders * (N - 1 - i) as f64 / (i + 1) as f64);
        *weight = 1.0 / (N as f64 * orders);
    }
    std::array::from_fn(|feature| {
        let without = (0..worth.len()).filter(|coalition| coalition & (1 << feature) == 0);
        let gain = |coalition: usize| {
            let others = coalition.count_ones() as usize;
            weights[others] * (worth[coalition | (1 << feature)] - worth[coalition])
        };
        without.map(gain).sum()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Columns, Forest, LEAF, Link};

    /// A tree from draws: its root splits, and deeper nodes do while draws last.
    fn tree(features: u8, depth: usize, draws: &mut impl Iterator<Item = (u8, u8, f64)>) -> Columns {
        fn grow(
            columns: &mut Columns,
            features: u8,
            depth: usize,
            cover: f32,
            draws: &mut impl Iterator<Item = (u8, u8, f64)>,
        ) -> u32 {
            let node = columns.feature.len();
            let (feature, place, value) = draws.next().unwrap_or((0, 1, 0.5));
            let splits = 0 < depth && !place.is_multiple_of(5);
            columns.feature.push(if splits { feature % features } else { LEAF });
            columns.threshold.push(if splits { f32::from(place % 4) / 4.0 } else { 0.0 });
            columns.left.push(0);
            columns.right.push(0);
            columns.value.push(if splits { 0.0 } else { value });
            columns.cover.push(cover);
            if splits {
                let share = f32::from(place % 7 + 1) / 9.0;
                columns.left[node] = grow(columns, features, depth - 1, cover * share, draws);
                columns.right[node] = grow(columns, features, depth - 1, cover * (1.0 - share), draws);
            }
            u32::try_from(node).unwrap()
        }
        let mut columns = Columns { root: vec![0], ..Columns::default() };
        grow(&mut columns, features, depth, 1000.0, draws);
        columns
    }

    fn forest(features: u8, depth: usize, link: Link, draws: &[(u8, u8, f64)]) -> Forest {
        let mut draws = draws.iter().copied();
        let mut columns = tree(features, depth, &mut draws);
        columns.append(&tree(features, depth, &mut draws));
        columns.append(&tree(features, depth, &mut draws));
        Forest::parse(columns, link, usize::from(features)).unwrap()
    }

    /// What a tree says to a coalition, by the definition.
    fn answer(view: &ForestView<'_>, node: usize, row: &[f32], coalition: usize) -> f64 {
        let Some((left, right)) = view.children(node) else {
            return view.value(node);
        };
        let feature = usize::from(view.at(node).feature());
        let below = |node| answer(view, node, row, coalition);
        if coalition & (1 << feature) != 0 {
            return below(if view.at(node).goes_right(row) { right } else { left });
        }
        let cover = |node| view.cover(node);
        (cover(left) * below(left) + cover(right) * below(right)) / (cover(left) + cover(right))
    }

    fn worth(view: &ForestView<'_>, row: &[f32], coalition: usize) -> f64 {
        let sum = view.root.iter().map(|&root| answer(view, root as usize, row, coalition)).sum();
        view.link.probability(sum, view.trees())
    }

    /// Each feature's mean gain over all orders in which features become known, by the factorials of Shapley's formula.
    fn textbook<const N: usize>(view: &ForestView<'_>, row: &[f32; N]) -> Contributions<N> {
        let factorial = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
        let contributions = std::array::from_fn(|feature| {
            let without = (0..1_usize << N).filter(|coalition| coalition >> feature & 1 == 0);
            let gain = |coalition: usize| {
                let others = coalition.count_ones() as usize;
                let share = factorial(others) * factorial(N - 1 - others) / factorial(N);
                share * (worth(view, row, coalition | 1 << feature) - worth(view, row, coalition))
            };
            without.map(gain).sum()
        });
        Contributions { base: worth(view, row, 0), contributions }
    }

    fn check_near<const N: usize>(found: &Contributions<N>, expected: &Contributions<N>) {
        assert!((found.base - expected.base).abs() < 1e-12, "{found:?} and {expected:?}");
        for (a, b) in found.contributions.iter().zip(&expected.contributions) {
            assert!((a - b).abs() < 1e-12, "{found:?} and {expected:?}");
        }
    }

    fn check<const N: usize>(forest: &Forest, row: &[f32; N]) {
        let view = forest.view();
        let found = view.shapley(row);
        check_near(&found, &textbook(&view, row));
        let sum = found.base + found.contributions.iter().sum::<f64>();
        assert!((sum - view.probability(row)).abs() < 1e-12, "{sum} and {}", view.probability(row));
        for (feature, contribution) in found.contributions.iter().enumerate() {
            let dummy = !forest.columns().feature.contains(&u8::try_from(feature).unwrap());
            assert!(!dummy || contribution.abs() < 1e-15, "feature {feature} is asked nowhere: {found:?}");
        }
    }

    fn links() -> impl Strategy<Value = Link> {
        prop_oneof![Just(Link::Mean), (-2.0_f64..2.0).prop_map(|bias| Link::Logistic { bias })]
    }

    fn draws() -> impl Strategy<Value = Vec<(u8, u8, f64)>> {
        prop::collection::vec((any::<u8>(), any::<u8>(), 0.0_f64..=1.0), 1..120)
    }

    proptest! {
        #[test]
        fn values_are_those_of_all_coalitions_of_eight_features(
            link in links(), draws in draws(), row in prop::array::uniform8(0.0_f32..1.0),
        ) {
            check(&forest(8, 6, link, &draws), &row);
        }

        /// Features come again and again on a path.
        #[test]
        fn values_are_those_of_all_coalitions_of_three_features(
            link in links(), draws in draws(), row in prop::array::uniform3(0.0_f32..1.0),
        ) {
            check(&forest(3, 7, link, &draws), &row);
        }
    }

    /// A stump on each of two features with the same threshold, covers and values.
    fn twins(link: Link) -> Forest {
        let stump = |feature| Columns {
            root: vec![0],
            feature: vec![feature, LEAF, LEAF],
            threshold: vec![0.5, 0.0, 0.0],
            left: vec![1, 0, 0],
            right: vec![2, 0, 0],
            value: vec![0.0, 0.2, 0.8],
            cover: vec![4.0, 3.0, 1.0],
        };
        let mut columns = stump(0);
        columns.append(&stump(2));
        Forest::parse(columns, link, 3).unwrap()
    }

    #[test]
    fn two_stumps_by_hand() {
        let found = twins(Link::Mean).view().shapley(&[0.0, 9.0, 1.0]);
        // Each stump says (3 x 0.2 + 0.8) / 4 = 0.35 where its feature is not known.
        let expected = Contributions { base: 0.35, contributions: [-0.075, 0.0, 0.225] };
        check_near(&found, &expected);
    }

    #[test]
    fn features_that_do_the_same_get_the_same() {
        for link in [Link::Mean, Link::Logistic { bias: -0.4 }] {
            let found = twins(link).view().shapley(&[1.0, 9.0, 1.0]).contributions;
            assert!((found[0] - found[2]).abs() < 1e-15, "{found:?}");
            assert!(0.05 < found[0] && found[1] == 0.0, "{found:?}");
        }
    }

    #[test]
    fn a_forest_of_single_leaves_is_all_base() {
        let columns = Columns {
            root: vec![0],
            feature: vec![LEAF],
            threshold: vec![0.0],
            left: vec![0],
            right: vec![0],
            value: vec![0.25],
            cover: vec![9.0],
        };
        let forest = Forest::parse(columns, Link::Mean, 2).unwrap();
        let found = forest.view().shapley(&[1.0, 2.0]);
        assert_eq!(found, Contributions { base: 0.25, contributions: [0.0, 0.0] });
    }
}
