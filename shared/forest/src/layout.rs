//! The layout that scores: 8 bytes a node, tree after tree, the two children of a node side by side.
//!
//! An artifact keeps its columns in the order of its trainer. A walk wants all that it asks of a node in one word, and
//! to know no more than the way to the left child; so every tree is put in breadth-first order and packed.

use crate::{Columns, ForestError, LEAF};

/// Most nodes of one tree: the way to a child has 23 bits.
const MAX_TREE_NODES: usize = 1 << 23;

/// What a walk asks of a node: its threshold (bits 32 to 63, an f32), the distance to its left child (bits 9 to 31),
/// whether a branch is among its children (bit 8) and its feature (bits 0 to 7). A leaf has distance 0 and a threshold
/// that nothing passes, so that a walk stays on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node(pub(crate) u64);

impl Node {
    const LEAF: Self = Self((f32::INFINITY.to_bits() as u64) << 32);
    const LEADS_ON: u64 = 1 << 8;

    fn branch(feature: u8, threshold: f32, distance: usize) -> Self {
        Self(u64::from(threshold.to_bits()) << 32 | (distance as u64) << 9 | u64::from(feature))
    }

    pub(crate) fn is_leaf(self) -> bool {
        self.distance() == 0
    }

    /// Whether a child of this node is no leaf.
    pub(crate) fn leads_on(self) -> bool {
        self.0 & Self::LEADS_ON != 0
    }

    /// Index of the feature that is asked for; 0 at a leaf.
    pub(crate) fn feature(self) -> u8 {
        self.0 as u8
    }

    /// Nodes from this one to its left child, whose right-hand neighbour is the right child; 0 at a leaf.
    pub(crate) fn distance(self) -> usize {
        (self.0 as u32 >> 9) as usize
    }

    /// Whether `row` goes to the right child; never at a leaf.
    pub(crate) fn goes_right(self, row: &[f32]) -> bool {
        f32::from_bits((self.0 >> 32) as u32) < row[usize::from(self.feature())]
    }
}

/// The columns of a sound forest, laid out for scoring.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    /// Place of each tree's root, in tree order.
    pub(crate) root: Vec<u32>,
    /// A [`Node`] a place.
    pub(crate) node: Vec<u64>,
    /// What a leaf adds; 0 elsewhere.
    pub(crate) value: Vec<f64>,
    /// Weight of the training rows that reached the node.
    pub(crate) cover: Vec<f32>,
}

impl Layout {
    pub(crate) fn of(columns: &Columns) -> Result<Self, ForestError> {
        let (mut root, mut node) =
            (Vec::with_capacity(columns.root.len()), Vec::with_capacity(columns.nodes()));
        let order = breadth_first(columns);
        for tree in &order {
            check_size(root.len(), tree.len())?;
            root.push(node.len() as u32);
            // Children come in the order of their parents: the next pair is the first that was not given away.
            let (start, mut children) = (node.len(), 1);
            for (place, &index) in tree.iter().enumerate() {
                node.push(match columns.feature[index as usize] {
                    LEAF => Node::LEAF,
                    feature => {
                        children += 2;
                        Node::branch(feature, columns.threshold[index as usize], children - 2 - place)
                    }
                });
            }
            mark_what_leads_on(&mut node[start..]);
        }
        let indices = || order.iter().flatten().map(|&index| index as usize);
        let value = indices().map(|index| columns.value[index]).collect();
        let cover = indices().map(|index| columns.cover[index]).collect();
        let node = node.into_iter().map(|Node(packed)| packed).collect();
        Ok(Self { root, node, value, cover })
    }
}

fn mark_what_leads_on(tree: &mut [Node]) {
    for place in 0..tree.len() {
        let left = place + tree[place].distance();
        if left != place && !(tree[left].is_leaf() && tree[left + 1].is_leaf()) {
            tree[place].0 |= Node::LEADS_ON;
        }
    }
}

/// The nodes of each tree by their index in `columns`, a node's two children side by side behind those of the nodes
/// before it.
pub(crate) fn breadth_first(columns: &Columns) -> Vec<Vec<u32>> {
    let tree = |&root: &u32| {
        let (mut nodes, mut next) = (vec![root], 0);
        while let Some(&node) = nodes.get(next) {
            let node = node as usize;
            if columns.feature[node] != LEAF {
                nodes.extend([columns.left[node], columns.right[node]]);
            }
            next += 1;
        }
        nodes
    };
    columns.root.iter().map(tree).collect()
}

fn check_size(tree: usize, found: usize) -> Result<(), ForestError> {
    if MAX_TREE_NODES < found {
        return Err(ForestError::TreeTooLarge { tree, expected: MAX_TREE_NODES, found });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_stand_side_by_side_and_every_node_keeps_what_it_asks_and_says() {
        // Preorder, the right child of the first root opened before the left one, and a tree of one leaf.
        let columns = Columns {
            root: vec![0, 7],
            feature: vec![2, 1, LEAF, LEAF, 3, LEAF, LEAF, LEAF],
            threshold: vec![-1.5, 4.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0],
            left: vec![4, 2, 0, 0, 5, 0, 0, 0],
            right: vec![1, 3, 0, 0, 6, 0, 0, 0],
            value: vec![0.0, 0.0, 0.2, 0.3, 0.0, 0.5, 0.6, 0.7],
            cover: vec![9.0, 5.0, 2.0, 3.0, 4.0, 1.0, 3.0, 9.0],
        };
        let layout = Layout::of(&columns).expect("the trees are small");
        let asks: Vec<_> =
            layout.node.iter().map(|&node| (Node(node).feature(), Node(node).distance())).collect();
        assert_eq!(asks, [(2, 1), (3, 2), (1, 3), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)]);
        assert_eq!(layout.root, [0, 7]);
        assert_eq!(layout.value, [0.0, 0.0, 0.0, 0.5, 0.6, 0.2, 0.3, 0.7]);
        assert_eq!(layout.cover, [9.0, 4.0, 5.0, 1.0, 3.0, 2.0, 3.0, 9.0]);
    }

    #[test]
    fn only_what_is_above_the_threshold_goes_right_and_nothing_leaves_a_leaf() {
        let node = Node::branch(1, -0.5, 7);
        assert!(!node.goes_right(&[9.0, -0.5]) && node.goes_right(&[-9.0, (-0.5_f32).next_up()]));
        assert!(!node.is_leaf() && Node::LEAF.is_leaf());
        assert!(!Node::LEAF.goes_right(&[f32::INFINITY]) && !Node::LEAF.goes_right(&[f32::NAN]));
    }

    #[test]
    fn a_tree_whose_distances_do_not_fit_is_refused() {
        assert!(check_size(0, MAX_TREE_NODES).is_ok());
        let error = check_size(3, MAX_TREE_NODES + 1).unwrap_err();
        assert_eq!(error.to_string(), "tree 3 has 8388609 nodes, at most 8388608 are scored");
        let widest = Node::branch(254, 0.0, MAX_TREE_NODES - 1);
        assert_eq!((widest.distance(), widest.feature()), (MAX_TREE_NODES - 1, 254));
    }
}
