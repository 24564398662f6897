//! Growing one tree (CART; Breiman et al. 1984) depth first, its nodes in preorder.

use forest::{Columns, LEAF};
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::bins::Bins;
use crate::criterion::{Criterion, Tally};
use crate::split::{self, Bounds, Found, Monotone, Split};

/// Rows that follow one another are counted apart, so that a feature of few bins does not make each addition wait for
/// the one before it.
const LANES: usize = 4;

/// How far a tree may grow, and which way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits<'a> {
    /// Edges from the root to the deepest leaf.
    pub(crate) max_depth: u32,
    /// Features tried at a node.
    pub(crate) max_features: usize,
    /// One a feature; all free where it is empty.
    pub(crate) monotone: &'a [Monotone],
}

/// A tree, and how much each feature bettered its fit.
pub(crate) struct Grown {
    pub(crate) columns: Columns,
    /// Summed gains of the splits on each feature.
    pub(crate) gain: Vec<f64>,
    /// Node and number of rows of each leaf, in the order in which the rows now lie.
    pub(crate) leaves: Vec<(usize, usize)>,
}

/// Grows one tree over `rows`, which it sorts by leaf, out of `features`.
pub(crate) fn grow<C: Criterion>(
    bins: &Bins,
    rows: &mut [u32],
    features: Vec<usize>,
    criterion: &C,
    limits: Limits<'_>,
    rng: &mut Pcg64,
) -> Grown {
    let mut grower = Grower {
        bins,
        criterion,
        limits,
        rng,
        histogram: vec![C::Tally::default(); LANES * bins.widest()],
        features,
        right: Vec::with_capacity(rows.len()),
        tree: Columns { root: vec![0], ..Columns::default() },
        gain: vec![0.0; bins.features()],
        leaves: Vec::new(),
    };
    let mut total = C::Tally::default();
    rows.iter().for_each(|&row| total.add(criterion.of(row)));
    grower.node(rows, &total, 0, Bounds::NONE);
    Grown { columns: grower.tree, gain: grower.gain, leaves: grower.leaves }
}

struct Grower<'a, C: Criterion> {
    bins: &'a Bins,
    criterion: &'a C,
    limits: Limits<'a>,
    rng: &'a mut Pcg64,
    /// One tally a bin, all empty between two uses.
    histogram: Vec<C::Tally>,
    /// The features in the order in which the last node drew them.
    features: Vec<usize>,
    /// The right side of a partition in the making.
    right: Vec<u32>,
    tree: Columns,
    gain: Vec<f64>,
    leaves: Vec<(usize, usize)>,
}

impl<C: Criterion> Grower<'_, C> {
    /// Adds the node of `rows` and everything below it. Recursion ends at `max_depth`, which is small.
    fn node(&mut self, rows: &mut [u32], total: &C::Tally, depth: u32, bounds: Bounds) -> u32 {
        let node = self.push(total);
        let grows = depth < self.limits.max_depth && !self.criterion.is_done(total);
        let split = if grows { self.best_split(rows, total, bounds) } else { None };
        let index = node as usize;
        match split {
            None => {
                self.tree.value[index] = bounds.clamp(self.criterion.value(total));
                self.leaves.push((index, rows.len()));
            }
            Some(split) => {
                self.tree.feature[index] =
                    u8::try_from(split.feature).expect("there are fewer features than 255");
                self.tree.threshold[index] = self.bins.threshold(split.feature, split.below, split.above);
                let middle = self.partition(rows, &split);
                let (left, right) = rows.split_at_mut(middle);
                let [below, above] = bounds.sides(self.monotone(split.feature), split.values);
                self.tree.left[index] = self.node(left, &split.left, depth + 1, below);
                self.tree.right[index] = self.node(right, &total.minus(split.left), depth + 1, above);
            }
        }
        node
    }

    /// Adds an unfinished leaf.
    fn push(&mut self, total: &C::Tally) -> u32 {
        let node = u32::try_from(self.tree.nodes()).expect("a tree has fewer nodes than 2^32");
        self.tree.feature.push(LEAF);
        self.tree.threshold.push(0.0);
        self.tree.left.push(0);
        self.tree.right.push(0);
        self.tree.value.push(0.0);
        self.tree.cover.push(total.cover());
        node
    }

    fn monotone(&self, feature: usize) -> Monotone {
        self.limits.monotone.get(feature).copied().unwrap_or_default()
    }

    /// Draws features until `max_features` were tried, of which one at least must vary at this node: scikit-learn's
    /// rule. Stopping at constant features alone costs AUC.
    fn best_split(&mut self, rows: &[u32], total: &C::Tally, bounds: Bounds) -> Option<Split<C::Tally>> {
        let mut features = std::mem::take(&mut self.features);
        features.shuffle(self.rng);
        let mut best: Option<Split<C::Tally>> = None;
        let mut varied = false;
        for (tried, &feature) in features.iter().enumerate() {
            if self.limits.max_features <= tried && varied {
                break;
            }
            let found = self.best_on(feature, rows, total, bounds);
            varied |= !matches!(found, Found::Constant);
            if let Found::Best(split) = found
                && best.as_ref().is_none_or(|best| best.fit < split.fit)
            {
                best = Some(split);
            }
        }
        self.features = features;
        let split = best?;
        let gain = split.fit - self.criterion.fit(total, bounds.clamp(self.criterion.value(total)));
        self.criterion.is_worth(gain).then(|| {
            self.gain[split.feature] += gain;
            split
        })
    }

    fn best_on(&mut self, feature: usize, rows: &[u32], total: &C::Tally, bounds: Bounds) -> Found<C::Tally> {
        let codes = self.bins.codes(feature);
        let bins = &mut self.histogram[..LANES * self.bins.count(feature)];
        count(self.criterion, codes, rows, bins);
        let monotone = self.limits.monotone.get(feature).copied().unwrap_or_default();
        let counted = &bins[..self.bins.count(feature)];
        let found = split::best(self.criterion, feature, counted, total, monotone, bounds);
        bins.fill(C::Tally::default());
        found
    }

    /// Moves the rows that go left to the front, both sides in their old order; the number that go left.
    fn partition(&mut self, rows: &mut [u32], split: &Split<C::Tally>) -> usize {
        let codes = self.bins.codes(split.feature);
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

/// Counts `rows` into the first of [`LANES`] equal parts of `lanes`, one tally a bin, all of which are empty.
fn count<C: Criterion>(criterion: &C, codes: &[u8], rows: &[u32], lanes: &mut [C::Tally]) {
    let bins = lanes.len() / LANES;
    let groups = if bins < rows.len() { rows.chunks_exact(LANES) } else { [].chunks_exact(LANES) };
    let rest = if bins < rows.len() { groups.remainder() } else { rows };
    for group in groups {
        for (lane, &row) in group.iter().enumerate() {
            lanes[lane * bins + usize::from(codes[row as usize])].add(criterion.of(row));
        }
    }
    for &row in rest {
        lanes[usize::from(codes[row as usize])].add(criterion.of(row));
    }
    if bins < rows.len() {
        let (first, others) = lanes.split_at_mut(bins);
        for other in others.chunks_exact(bins) {
            first.iter_mut().zip(other).for_each(|(sum, tally)| sum.add(*tally));
        }
    }
}
