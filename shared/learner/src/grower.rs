//! Growing one classification tree (CART; Breiman et al. 1984) depth first, its nodes in preorder.

use forest::{Columns, LEAF};
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::bins::Bins;
use crate::split::{self, Found, Split, Tally};

/// How far a tree may grow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Edges from the root to the deepest leaf.
    pub(crate) max_depth: u32,
    /// Rows on each side of a split.
    pub(crate) min_samples_leaf: u32,
    /// Features tried at a node.
    pub(crate) max_features: usize,
}

/// The rows of a training run as trees see them, the same for every tree.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) bins: &'a Bins,
    pub(crate) churned: &'a [bool],
}

/// Grows one tree over the rows with a weight above 0; `weight` has one entry a row.
pub(crate) fn grow(rows: Rows<'_>, weight: &[f64], limits: Limits, rng: &mut Pcg64) -> Columns {
    let mut drawn = Vec::new();
    for (row, &weight) in (0_u32..).zip(weight) {
        if 0.0 < weight {
            drawn.push(row);
        }
    }
    let mut grower = Grower {
        rows,
        weight,
        limits,
        rng,
        histogram: vec![Tally::default(); rows.bins.widest()],
        features: (0..rows.bins.features()).collect(),
        right: Vec::with_capacity(drawn.len()),
        tree: Columns { root: vec![0], ..Columns::default() },
    };
    grower.node(&mut drawn, 0);
    grower.tree
}

struct Grower<'a> {
    rows: Rows<'a>,
    weight: &'a [f64],
    limits: Limits,
    rng: &'a mut Pcg64,
    /// One tally a bin, all empty between two uses.
    histogram: Vec<Tally>,
    /// The features in the order in which the last node drew them.
    features: Vec<usize>,
    /// The right side of a partition in the making.
    right: Vec<u32>,
    tree: Columns,
}

impl Grower<'_> {
    /// Adds the node of `rows` and everything below it. Recursion ends at `max_depth`, which is small.
    fn node(&mut self, rows: &mut [u32], depth: u32) -> u32 {
        let total = self.tally(rows);
        let node = self.push(total);
        let room = 2 * self.limits.min_samples_leaf <= total.rows;
        let split = if depth < self.limits.max_depth && room && !total.is_pure() {
            self.best_split(rows, total)
        } else {
            None
        };
        let index = node as usize;
        match split {
            None => self.tree.value[index] = total.rate(),
            Some(split) => {
                self.tree.feature[index] =
                    u8::try_from(split.feature).expect("there are fewer features than 255");
                self.tree.threshold[index] =
                    self.rows.bins.threshold(split.feature, split.below, split.above);
                let middle = self.partition(rows, split);
                let (left, right) = rows.split_at_mut(middle);
                self.tree.left[index] = self.node(left, depth + 1);
                self.tree.right[index] = self.node(right, depth + 1);
            }
        }
        node
    }

    /// Adds an unfinished leaf.
    fn push(&mut self, total: Tally) -> u32 {
        let node = u32::try_from(self.tree.nodes()).expect("a tree has fewer nodes than 2^32");
        self.tree.feature.push(LEAF);
        self.tree.threshold.push(0.0);
        self.tree.left.push(0);
        self.tree.right.push(0);
        self.tree.value.push(0.0);
        self.tree.cover.push(total.weight as f32);
        node
    }

    fn tally(&self, rows: &[u32]) -> Tally {
        let mut total = Tally::default();
        for &row in rows {
            total.add(self.weight[row as usize], self.churned(row));
        }
        total
    }

    fn churned(&self, row: u32) -> f64 {
        if self.rows.churned[row as usize] { self.weight[row as usize] } else { 0.0 }
    }

    /// Draws features until `max_features` were tried, of which one at least must vary at this node: scikit-learn's
    /// rule. Stopping at constant features alone costs AUC.
    fn best_split(&mut self, rows: &[u32], total: Tally) -> Option<Split> {
        let mut features = std::mem::take(&mut self.features);
        features.shuffle(self.rng);
        let mut best: Option<Split> = None;
        let mut varied = false;
        for (tried, &feature) in features.iter().enumerate() {
            if self.limits.max_features <= tried && varied {
                break;
            }
            let found = self.best_on(feature, rows, total);
            varied |= found != Found::Constant;
            if let Found::Best(split) = found
                && best.is_none_or(|best| best.purity < split.purity)
            {
                best = Some(split);
            }
        }
        self.features = features;
        best
    }

    fn best_on(&mut self, feature: usize, rows: &[u32], total: Tally) -> Found {
        let codes = self.rows.bins.codes(feature);
        for &row in rows {
            let churned = self.churned(row);
            self.histogram[usize::from(codes[row as usize])].add(self.weight[row as usize], churned);
        }
        let bins = &mut self.histogram[..self.rows.bins.count(feature)];
        let found = split::best(feature, bins, total, self.limits.min_samples_leaf);
        bins.fill(Tally::default());
        found
    }

    /// Moves the rows that go left to the front, both sides in their old order; the number that go left.
    fn partition(&mut self, rows: &mut [u32], split: Split) -> usize {
        let codes = self.rows.bins.codes(split.feature);
        self.right.clear();
        let mut left = 0;
        for at in 0..rows.len() {
            let row = rows[at];
            if codes[row as usize] <= split.below {
                rows[left] = row;
                left += 1;
            } else {
                self.right.push(row);
            }
        }
        rows[left..].copy_from_slice(&self.right);
        left
    }
}
