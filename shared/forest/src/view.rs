//! The scoring kernel, over borrowed columns: statics of a binary, or a forest that was loaded.

use crate::{LEAF, Link};

/// Borrowed columns of a sound forest. Copy it freely: it is a handful of pointers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForestView<'a> {
    pub(crate) link: Link,
    pub(crate) root: &'a [u32],
    pub(crate) feature: &'a [u8],
    pub(crate) threshold: &'a [f32],
    pub(crate) left: &'a [u32],
    pub(crate) right: &'a [u32],
    pub(crate) value: &'a [f64],
    pub(crate) cover: &'a [f32],
}

impl<'a> ForestView<'a> {
    /// A view over columns that [`crate::Forest::parse`] has accepted, here or in the build script that wrote them.
    ///
    /// # Panics
    /// Where the columns differ in length; in a `static` that is a compile error.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "one argument a column, for generated code")]
    pub const fn new(
        link: Link,
        root: &'a [u32],
        feature: &'a [u8],
        threshold: &'a [f32],
        left: &'a [u32],
        right: &'a [u32],
        value: &'a [f64],
        cover: &'a [f32],
    ) -> Self {
        assert!(threshold.len() == feature.len(), "thresholds and nodes differ in number");
        assert!(left.len() == feature.len(), "left children and nodes differ in number");
        assert!(right.len() == feature.len(), "right children and nodes differ in number");
        assert!(value.len() == feature.len(), "values and nodes differ in number");
        assert!(cover.len() == feature.len(), "covers and nodes differ in number");
        Self { link, root, feature, threshold, left, right, value, cover }
    }

    /// Probability in [0, 1] for `row`, one f32 a feature.
    ///
    /// # Panics
    /// Where `row` is shorter than the number of features that the forest was checked for.
    #[must_use]
    pub fn probability(&self, row: &[f32]) -> f64 {
        let mut sum = 0.0;
        for &root in self.root {
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

    /// Node index of the leaf that `row` reaches in each tree, in tree order.
    pub(crate) fn leaves<'s>(&'s self, row: &'s [f32]) -> impl Iterator<Item = usize> + 's {
        self.root.iter().map(|&root| self.leaf(root, row))
    }

    /// Node index of the leaf that `row` reaches from `root`.
    fn leaf(&self, root: u32, row: &[f32]) -> usize {
        let mut node = root as usize;
        while self.feature[node] != LEAF {
            let goes_left = row[usize::from(self.feature[node])] <= self.threshold[node];
            node = if goes_left { self.left[node] } else { self.right[node] } as usize;
        }
        node
    }

    /// Number of trees.
    #[must_use]
    pub const fn trees(&self) -> usize {
        self.root.len()
    }

    /// Number of nodes of all trees.
    #[must_use]
    pub const fn nodes(&self) -> usize {
        self.feature.len()
    }

    /// The link from leaf values to a probability.
    #[must_use]
    pub const fn link(&self) -> Link {
        self.link
    }

    /// Weight of the training rows that reached each node.
    #[must_use]
    pub const fn cover(&self) -> &'a [f32] {
        self.cover
    }

    /// Edges from the root to the deepest leaf, over all trees.
    #[must_use]
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut open: Vec<(u32, usize)> = self.root.iter().map(|&root| (root, 0)).collect();
        while let Some((node, depth)) = open.pop() {
            deepest = deepest.max(depth);
            let node = node as usize;
            if self.feature[node] != LEAF {
                open.extend([(self.left[node], depth + 1), (self.right[node], depth + 1)]);
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
