//! Covers for a forest that came without them.

use crate::Forest;
use crate::layout::breadth_first;

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
    pub fn with_covers_of<'r>(self, rows: impl IntoIterator<Item = &'r [f32]>) -> Self {
        let view = self.view();
        let mut counts: Vec<f64> = vec![0.0; view.nodes()];
        for row in rows {
            view.leaves(row).for_each(|leaf| counts[leaf] += 1.0);
        }
        // Children stand behind their parents.
        for place in (0..view.nodes()).rev() {
            if let Some((left, right)) = view.children(place) {
                counts[place] = counts[left] + counts[right];
            } else if counts[place] == 0.0 {
                counts[place] = UNREACHED;
            }
        }
        let mut cover = vec![0.0; view.nodes()];
        for (index, count) in breadth_first(self.columns()).into_iter().flatten().zip(counts) {
            cover[index as usize] = count as f32;
        }
        self.with_covers(cover)
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
