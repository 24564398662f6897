//! The scoring kernel, over borrowed arrays: statics of a binary, or a forest that was loaded.

use crate::Link;
use crate::layout::Node;

/// Trees that are walked side by side. A step waits for the one before it, and a walk's next way cannot be guessed, so
/// one walk leaves most of a core idle. A row over 400 trees of depth 3 (over 300 of depth 10) takes 2.8 us (11.6) with
/// one walk at a time, 1.6 (4.7) with 4, 1.3 (3.2) with 8, 1.5 (3.8) with 16.
const SIDE_BY_SIDE: usize = 8;

/// A sound forest, borrowed and laid out for scoring. Copy it freely: it is a handful of pointers.
///
/// Rows hold at least one number, and none that is NaN: such a number would go left everywhere.
/// Nodes stand tree after tree and breadth first, the two children of a node side by side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForestView<'a> {
    pub(crate) link: Link,
    pub(crate) root: &'a [u32],
    node: &'a [u64],
    value: &'a [f64],
    cover: &'a [f32],
}

impl<'a> ForestView<'a> {
    /// A view over what [`crate::Forest`] laid out, here or in the build script that wrote it as source. `node` packs
    /// threshold, feature and the way to the children, as only this crate makes it.
    ///
    /// # Panics
    /// Where the arrays of nodes differ in length; in a `static` that is a compile error.
    #[must_use]
    pub const fn new(
        link: Link,
        root: &'a [u32],
        node: &'a [u64],
        value: &'a [f64],
        cover: &'a [f32],
    ) -> Self {
        assert!(value.len() == node.len(), "values and nodes differ in number");
        assert!(cover.len() == node.len(), "covers and nodes differ in number");
        Self { link, root, node, value, cover }
    }

    /// Probability in [0, 1] for `row`, one f32 a feature, none of them NaN. Leaf values are added in tree order.
    ///
    /// # Panics
    /// Where `row` is shorter than the number of features that the forest was checked for.
    #[must_use]
    pub fn probability(&self, row: &[f32]) -> f64 {
        let mut sum = 0.0;
        let (groups, rest) = self.root.as_chunks::<SIDE_BY_SIDE>();
        for group in groups {
            for leaf in self.leaves_side_by_side(group, row) {
                sum += self.value[leaf];
            }
        }
        for &root in rest {
            sum += self.value[self.leaf(root, row)];
        }
        self.link.probability(sum, self.root.len())
    }

    /// The value of the leaf that `row` reaches in tree number `tree`.
    ///
    /// # Panics
    /// Where there is no such tree, or `row` is too short.
    #[must_use]
    pub fn leaf_value(&self, tree: usize, row: &[f32]) -> f64 {
        self.value[self.leaf(self.root[tree], row)]
    }

    /// Place of the leaf that `row` reaches in each tree, in tree order.
    pub(crate) fn leaves<'s>(&'s self, row: &'s [f32]) -> impl Iterator<Item = usize> + 's {
        self.root.iter().map(|&root| self.leaf(root, row))
    }

    /// Place of the leaf that `row` reaches from each of the `roots`: all walks take a step while one leads on.
    fn leaves_side_by_side(&self, roots: &[u32; SIDE_BY_SIDE], row: &[f32]) -> [usize; SIDE_BY_SIDE] {
        let mut places = roots.map(|root| root as usize);
        loop {
            let mut leads_on = false;
            for place in &mut places {
                let node = self.at(*place);
                leads_on |= node.leads_on();
                *place += node.distance() + usize::from(node.goes_right(row));
            }
            if !leads_on {
                return places;
            }
        }
    }

    /// Place of the leaf that `row` reaches from `root`.
    fn leaf(&self, root: u32, row: &[f32]) -> usize {
        let mut place = root as usize;
        while let Some((left, right)) = self.children(place) {
            place = if self.at(place).goes_right(row) { right } else { left };
        }
        place
    }

    /// The node at `place`.
    pub(crate) fn at(&self, place: usize) -> Node {
        Node(self.node[place])
    }

    /// Places of the left and the right child; none at a leaf.
    pub(crate) fn children(&self, place: usize) -> Option<(usize, usize)> {
        let distance = self.at(place).distance();
        (distance != 0).then_some((place + distance, place + distance + 1))
    }

    /// What the leaf at `place` adds.
    pub(crate) fn value(&self, place: usize) -> f64 {
        self.value[place]
    }

    /// Weight of the training rows that reached `place`.
    pub(crate) fn cover(&self, place: usize) -> f64 {
        f64::from(self.cover[place])
    }

    /// Number of trees.
    #[must_use]
    pub const fn trees(&self) -> usize {
        self.root.len()
    }

    /// Number of nodes of all trees.
    #[must_use]
    pub const fn nodes(&self) -> usize {
        self.node.len()
    }

    /// The link from leaf values to a probability.
    #[must_use]
    pub const fn link(&self) -> Link {
        self.link
    }

    /// Edges from the root to the deepest leaf, over all trees.
    #[must_use]
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut open: Vec<(usize, usize)> = self.root.iter().map(|&root| (root as usize, 0)).collect();
        while let Some((place, depth)) = open.pop() {
            deepest = deepest.max(depth);
            if let Some((left, right)) = self.children(place) {
                open.extend([(left, depth + 1), (right, depth + 1)]);
            }
        }
        deepest
    }
}

#[cfg(test)]
mod tests {
    use crate::{Columns, Forest, LEAF, Link};

    /// Two trees: `x[0] <= 12` is 0.75, else 0.25 or (where `x[1] > 1`) 0.0; and a leaf of 0.5.
    fn forest(link: Link) -> Forest {
        let columns = Columns {
            root: vec![0, 5],
            feature: vec![0, LEAF, 1, LEAF, LEAF, LEAF],
            threshold: vec![12.0, 0.0, 1.0, 0.0, 0.0, 0.0],
            left: vec![1, 0, 3, 0, 0, 0],
            right: vec![2, 0, 4, 0, 0, 0],
            value: vec![0.0, 0.75, 0.0, 0.25, 0.0, 0.5],
            cover: vec![4.0, 1.0, 3.0, 2.0, 1.0, 4.0],
        };
        Forest::parse(columns, link, 2).expect("the trees are sound")
    }

    fn check(row: [f32; 2], expected: f64) {
        assert_eq!(forest(Link::Mean).view().probability(&row), expected, "{row:?}");
    }

    #[test]
    fn a_value_at_the_threshold_goes_left() {
        check([12.0, 9.0], (0.75 + 0.5) / 2.0);
        check([12.0_f32.next_up(), 1.0], (0.25 + 0.5) / 2.0);
        check([f32::MAX, 1.0_f32.next_up()], (0.0 + 0.5) / 2.0);
        check([f32::MIN, f32::MAX], (0.75 + 0.5) / 2.0);
    }

    #[test]
    fn the_logistic_link_takes_the_sum_of_all_trees() {
        let expected = 1.0 / (1.0 + libm::exp(-(-1.0 + (0.25 + 0.5))));
        assert_eq!(forest(Link::Logistic { bias: -1.0 }).view().probability(&[13.0, 0.0]), expected);
    }

    #[test]
    fn the_depth_is_that_of_the_deepest_tree() {
        let forest = forest(Link::Mean);
        assert_eq!((forest.view().trees(), forest.view().nodes(), forest.view().depth()), (2, 6, 2));
    }
}
