//! Exact Shapley values of one probability: how much each feature moves it away from the mean.
//!
//! The game is that of Lundberg, Erion and others (2020, "tree path dependent"): a coalition S of features is worth what
//! the forest answers where a node on a feature of S sends the row its way, and any other node sends it both ways in
//! proportion to the training rows there. Each tree is walked once. A path carries one weight (a lane) for each coalition
//! of the features on it that could still tell it from others; leaves add their lanes into a table with three states a
//! feature, and the table is folded into the worth of all coalitions at the end. The link is applied to each worth, so
//! that contributions add up in probability for every link.

use std::ops::Range;

use crate::{ForestView, LEAF};

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
            walk.tree(self, root, row, &mut table);
        }
        let worth: Vec<f64> =
            fold(table).into_iter().map(|sum| self.link.probability(sum, self.root.len())).collect();
        Contributions { base: worth[0], contributions: values(&worth) }
    }
}

/// Powers of 3: what one state of each feature counts in the index of a cell.
const POWERS: [usize; MAX_SHAPLEY_FEATURES + 1] = [1, 3, 9, 27, 81, 243, 729, 2_187, 6_561];

/// A feature's state in a cell, beside 0 (not on the path, counts for coalitions with and without it).
const WITHOUT: usize = 1;
const WITH: usize = 2;

/// A branch in a tree, and the coalitions that get there.
#[derive(Clone, Copy)]
struct Place {
    node: u32,
    /// First of the place's lanes, one for each coalition of the `agreed` features: bit `b` of a lane's index says
    /// whether it holds `agreed[b]`.
    start: usize,
    /// Features met so far, on all of whose nodes the row goes this way, in no order.
    agreed: [u8; MAX_SHAPLEY_FEATURES],
    agreed_count: usize,
    /// Bit set of the features on one of whose nodes the row goes another way: no coalition with them gets here.
    left: u8,
    /// Index of the cell of coalitions without any of the features met.
    cell: usize,
}

impl Place {
    fn lanes(&self) -> Range<usize> {
        self.start..self.start + (1 << self.agreed_count)
    }

    fn agreed(&self) -> &[u8] {
        &self.agreed[..self.agreed_count]
    }

    /// The place before any node: the empty coalition gets there whole.
    fn start(node: u32) -> Self {
        Self { node, start: 0, agreed: [0; MAX_SHAPLEY_FEATURES], agreed_count: 0, left: 0, cell: 0 }
    }
}

/// What the way to a child means for the coalitions at its parent.
#[derive(Clone, Copy)]
enum Way {
    /// The row has left this path at another node of the feature: all come in proportion.
    Left,
    /// The feature is new, and the row goes this way: those without it come in proportion, those with it whole.
    FirstNear,
    /// The feature is new, and the row goes the other way: those without it come in proportion.
    FirstFar,
    /// The feature is `agreed[bit]`, and the row goes this way again.
    AgainNear { bit: usize },
    /// The feature is `agreed[bit]`, and the row goes the other way here: those without it come in proportion.
    AgainFar { bit: usize },
}

/// The walk's memory, kept from tree to tree.
struct Walk {
    /// Lanes of the open places, each place's behind those of its parent.
    lanes: Vec<f64>,
    /// Lanes behind this one belong to no open place.
    end: usize,
    /// Branches still to be seen; the last is seen first.
    open: Vec<Place>,
    /// Of each lane of the branch that is seen, its cell less that of lane 0.
    cells: [u16; 1 << MAX_SHAPLEY_FEATURES],
}

impl Walk {
    fn new() -> Self {
        Self { lanes: vec![1.0], end: 1, open: Vec::new(), cells: [0; 1 << MAX_SHAPLEY_FEATURES] }
    }

    /// Adds the leaves of one tree to `table`.
    fn tree(&mut self, forest: &ForestView<'_>, root: u32, row: &[f32], table: &mut [f64]) {
        if forest.feature[root as usize] == LEAF {
            table[0] += forest.value[root as usize];
            return;
        }
        self.open.push(Place::start(root));
        while let Some(place) = self.open.pop() {
            self.end = place.lanes().end;
            self.branch(&place, forest, row, table);
        }
    }

    /// Adds the children that are leaves and opens those that are branches.
    fn branch(&mut self, place: &Place, forest: &ForestView<'_>, row: &[f32], table: &mut [f64]) {
        let node = place.node as usize;
        let feature = forest.feature[node];
        let (left, right) = (forest.left[node], forest.right[node]);
        let goes_left = row[usize::from(feature)] <= forest.threshold[node];
        let (near, far) = if goes_left { (left, right) } else { (right, left) };
        let cover = |node: u32| f64::from(forest.cover[node as usize]);
        let share = cover(near) / (cover(near) + cover(far));
        let ways = if place.left & (1 << feature) != 0 {
            [Way::Left, Way::Left]
        } else if let Some(bit) = place.agreed().iter().position(|agreed| *agreed == feature) {
            [Way::AgainNear { bit }, Way::AgainFar { bit }]
        } else {
            [Way::FirstNear, Way::FirstFar]
        };
        let is_leaf = |node: u32| forest.feature[node as usize] == LEAF;
        if is_leaf(near) || is_leaf(far) {
            self.number_cells(place);
        }
        for (child, way, share) in [(near, ways[0], share), (far, ways[1], 1.0 - share)] {
            if is_leaf(child) {
                self.leaf(place, feature, way, share, forest.value[child as usize], table);
            } else {
                self.open(Place { node: child, ..*place }, place, feature, way, share);
            }
        }
    }

    /// Puts the lanes of a child behind all others and opens it.
    fn open(&mut self, mut child: Place, parent: &Place, feature: u8, way: Way, share: f64) {
        child.start = self.end;
        match way {
            Way::Left | Way::AgainNear { .. } => {}
            Way::FirstNear => {
                child.agreed[child.agreed_count] = feature;
                child.agreed_count += 1;
                child.cell += WITHOUT * POWERS[usize::from(feature)];
            }
            Way::FirstFar => {
                child.left |= 1 << feature;
                child.cell += WITHOUT * POWERS[usize::from(feature)];
            }
            Way::AgainFar { bit } => {
                child.left |= 1 << feature;
                child.agreed.copy_within(bit + 1.., bit);
                child.agreed_count -= 1;
            }
        }
        self.end = child.lanes().end;
        if self.lanes.len() < self.end {
            self.lanes.resize(2 * self.end, 0.0);
        }
        let (before, behind) = self.lanes.split_at_mut(child.start);
        fill(&mut behind[..1 << child.agreed_count], &before[parent.lanes()], way, share);
        self.open.push(child);
    }

    /// Adds `value` of a child that is a leaf to the cell of each coalition that gets there.
    fn leaf(&self, parent: &Place, feature: u8, way: Way, share: f64, value: f64, table: &mut [f64]) {
        let (lanes, step) = (&self.lanes[parent.lanes()], POWERS[usize::from(feature)]);
        let mut add = |cell: usize, lane: usize, value: f64| {
            table[cell + usize::from(self.cells[lane])] += lanes[lane] * value;
        };
        let (all, part) = (0..lanes.len(), share * value);
        match way {
            Way::Left => all.for_each(|lane| add(parent.cell, lane, part)),
            Way::FirstFar => all.for_each(|lane| add(parent.cell + WITHOUT * step, lane, part)),
            Way::FirstNear => {
                for lane in all {
                    add(parent.cell + WITHOUT * step, lane, part);
                    add(parent.cell + WITH * step, lane, value);
                }
            }
            Way::AgainNear { bit } => {
                all.for_each(|lane| add(parent.cell, lane, if holds(lane, bit) { value } else { part }));
            }
            Way::AgainFar { bit } => {
                (0..lanes.len() / 2).for_each(|lane| add(parent.cell, spread(lane, bit), part));
            }
        }
    }

    fn number_cells(&mut self, place: &Place) {
        for (bit, &feature) in place.agreed().iter().enumerate() {
            let (without, with) = self.cells.split_at_mut(1 << bit);
            let step = ((WITH - WITHOUT) * POWERS[usize::from(feature)]) as u16;
            for (with, without) in with.iter_mut().zip(without) {
                *with = *without + step;
            }
        }
    }
}

/// Fills the lanes of a child from those of its parent.
fn fill(child: &mut [f64], parent: &[f64], way: Way, share: f64) {
    match way {
        Way::Left | Way::FirstFar => {
            child.iter_mut().zip(parent).for_each(|(child, parent)| *child = parent * share);
        }
        Way::FirstNear => {
            let (without, with) = child.split_at_mut(parent.len());
            without.iter_mut().zip(parent).for_each(|(child, parent)| *child = parent * share);
            with.copy_from_slice(parent);
        }
        Way::AgainNear { bit } => {
            for (lane, (child, parent)) in child.iter_mut().zip(parent).enumerate() {
                *child = parent * if holds(lane, bit) { 1.0 } else { share };
            }
        }
        Way::AgainFar { bit } => {
            for (lane, child) in child.iter_mut().enumerate() {
                *child = parent[spread(lane, bit)] * share;
            }
        }
    }
}

/// Whether the coalition of a lane holds agreed feature `bit`.
fn holds(lane: usize, bit: usize) -> bool {
    lane >> bit & 1 != 0
}

/// The parent's lane of the coalition that does not hold agreed feature `bit`, which lane `lane` of the child no longer
/// speaks of.
fn spread(lane: usize, bit: usize) -> usize {
    (lane >> bit << (bit + 1)) | (lane & ((1 << bit) - 1))
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
    use crate::{Columns, Forest, Link};

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
    fn answer(view: &ForestView<'_>, node: u32, row: &[f32], coalition: usize) -> f64 {
        let at = node as usize;
        if view.feature[at] == LEAF {
            return view.value[at];
        }
        let feature = usize::from(view.feature[at]);
        let below = |node| answer(view, node, row, coalition);
        let (left, right) = (view.left[at], view.right[at]);
        if coalition & (1 << feature) != 0 {
            return below(if row[feature] <= view.threshold[at] { left } else { right });
        }
        let cover = |node: u32| f64::from(view.cover[node as usize]);
        (cover(left) * below(left) + cover(right) * below(right)) / (cover(left) + cover(right))
    }

    fn worth(view: &ForestView<'_>, row: &[f32], coalition: usize) -> f64 {
        let sum = view.root.iter().map(|&root| answer(view, root, row, coalition)).sum();
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
