//! The walk down a tree that carries the weights of coalitions, and adds them up by the leaves that they reach.

use std::ops::Range;

use super::MAX_SHAPLEY_FEATURES;
use crate::ForestView;

/// Powers of 3: what one state of each feature counts in the index of a cell.
pub(super) const POWERS: [usize; MAX_SHAPLEY_FEATURES + 1] = [1, 3, 9, 27, 81, 243, 729, 2_187, 6_561];

/// A feature's state in a cell, beside 0 (not on the path, counts for coalitions with and without it).
const WITHOUT: usize = 1;
const WITH: usize = 2;

/// A branch in a tree, and the coalitions that get there.
#[derive(Clone, Copy)]
struct Place {
    node: usize,
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
    fn start(node: usize) -> Self {
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
pub(super) struct Walk {
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
    pub(super) fn new() -> Self {
        Self { lanes: vec![1.0], end: 1, open: Vec::new(), cells: [0; 1 << MAX_SHAPLEY_FEATURES] }
    }

    /// Adds the leaves of one tree to `table`.
    pub(super) fn tree(&mut self, forest: &ForestView<'_>, root: usize, row: &[f32], table: &mut [f64]) {
        if forest.at(root).is_leaf() {
            table[0] += forest.value(root);
            return;
        }
        self.open.push(Place::start(root));
        while let Some(place) = self.open.pop() {
            self.end = place.lanes().end;
            let children = forest.children(place.node).expect("only branches are opened");
            self.branch(&place, children, forest, row, table);
        }
    }

    /// Adds the children that are leaves and opens those that are branches.
    fn branch(
        &mut self,
        place: &Place,
        (left, right): (usize, usize),
        forest: &ForestView<'_>,
        row: &[f32],
        table: &mut [f64],
    ) {
        let node = forest.at(place.node);
        let feature = node.feature();
        let (near, far) = if node.goes_right(row) { (right, left) } else { (left, right) };
        let share = forest.cover(near) / (forest.cover(near) + forest.cover(far));
        let ways = if place.left & (1 << feature) != 0 {
            [Way::Left, Way::Left]
        } else if let Some(bit) = place.agreed().iter().position(|agreed| *agreed == feature) {
            [Way::AgainNear { bit }, Way::AgainFar { bit }]
        } else {
            [Way::FirstNear, Way::FirstFar]
        };
        let is_leaf = |node: usize| forest.at(node).is_leaf();
        if is_leaf(near) || is_leaf(far) {
            self.number_cells(place);
        }
        for (child, way, share) in [(near, ways[0], share), (far, ways[1], 1.0 - share)] {
            if is_leaf(child) {
                self.leaf(place, feature, way, share, forest.value(child), table);
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
