//! Covers for a forest that came without them.

use crate::{Forest, LEAF};

/// What a leaf weighs that no row reaches: next to nothing beside a row, and still a weight. A power of two, so that sums
/// with whole rows stay exact.
const UNREACHED: f64 = 1.0 / 1024.0;

impl Forest {
    /// The same forest, its covers counted over `rows`: the number of rows that reach each leaf, 1/1024 where none does, and
    /// for every other node the sum of its children.
    ///
    /// # Panics
    /// Where a row is shorter than the number of features that the forest was checked for.
    #[must_use]
    pub fn with_covers_of<'r>(mut self, rows: impl IntoIterator<Item = &'r [f32]>) -> Self {
        let mut covers = vec![0.0; self.columns.nodes()];
        for row in rows {
            for leaf in self.view().leaves(row) {
                covers[leaf] += 1.0;
            }
        }
        for parents_first in self.preorders() {
            for &node in parents_first.iter().rev() {
                covers[node] = if self.columns.feature[node] == LEAF {
                    if covers[node] == 0.0 { UNREACHED } else { covers[node] }
                } else {
                    covers[self.columns.left[node] as usize] + covers[self.columns.right[node] as usize]
                };
            }
        }
        self.columns.cover = covers.iter().map(|&cover: &f64| cover as f32).collect();
        self
    }

    /// The nodes of each tree, every parent before its children.
    fn preorders(&self) -> Vec<Vec<usize>> {
        let tree = |&root: &u32| {
            let (mut nodes, mut open) = (Vec::new(), vec![root as usize]);
            while let Some(node) = open.pop() {
                nodes.push(node);
                if self.columns.feature[node] != LEAF {
                    open.extend([self.columns.right[node] as usize, self.columns.left[node] as usize]);
                }
            }
            nodes
        };
        self.columns.root.iter().map(tree).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Columns, Forest, LEAF, Link};

    /// `x[0] <= 0`, then `x[1] <= 0` on the right; the node of each leaf stands behind its value. And a single leaf.
    fn forest() -> Forest {
        let columns = Columns {
            root: vec![0, 5],
            feature: vec![0, LEAF, 1, LEAF, LEAF, LEAF],
            threshold: vec![0.0; 6],
            left: vec![1, 0, 3, 0, 0, 0],
            right: vec![2, 0, 4, 0, 0, 0],
            value: vec![0.0, 0.1, 0.0, 0.2, 0.3, 0.4],
            cover: vec![1.0; 6],
        };
        Forest::parse(columns, Link::Mean, 2).expect("the trees are sound")
    }

    fn check(rows: &[[f32; 2]], expected: [f32; 6]) {
        let counted = forest().with_covers_of(rows.iter().map(|row| &row[..]));
        assert_eq!(counted.columns().cover, expected, "{rows:?}");
        assert!(Forest::parse(counted.columns().clone(), Link::Mean, 2).is_ok());
    }

    #[test]
    fn a_cover_counts_rows_and_a_leaf_without_one_keeps_a_small_weight() {
        const LITTLE: f32 = 1.0 / 1024.0;
        check(&[[-1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [4.0, 1.0, 3.0, 1.0, 2.0, 4.0]);
        check(&[[0.0, 9.0]], [1.0 + 2.0 * LITTLE, 1.0, 2.0 * LITTLE, LITTLE, LITTLE, 1.0]);
        check(&[], [3.0 * LITTLE, LITTLE, 2.0 * LITTLE, LITTLE, LITTLE, LITTLE]);
    }
}
