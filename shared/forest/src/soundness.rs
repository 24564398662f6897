//! What makes columns a forest: checked once, so that the kernel can trust every index and every number.

use thiserror::Error;

use crate::{Columns, LEAF, Link};

/// Why columns are not a forest. `node` is an index into the columns, from 0.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ForestError {
    /// A column is longer or shorter than column `feature`.
    #[error("column {column} has {found} entries where column feature has {expected}")]
    UnequalColumns {
        /// The column's name.
        column: &'static str,
        /// Entries of column `feature`.
        expected: usize,
        /// Entries of this column.
        found: usize,
    },
    /// Column `root` is empty.
    #[error("the forest has no tree")]
    NoTree,
    /// The node asks for a feature that a row does not have.
    #[error("node {node} asks for feature {found}, and there are {expected}")]
    FeatureOutOfRange {
        /// Where.
        node: usize,
        /// Number of features.
        expected: usize,
        /// Index of the feature.
        found: u8,
    },
    /// A threshold is NaN or infinite.
    #[error("the threshold of node {node} is {found}, not a finite number")]
    ThresholdNotFinite {
        /// Where.
        node: usize,
        /// The threshold.
        found: f32,
    },
    /// A root or a child does not exist.
    #[error("node {found} is a root or child, and there are only {expected} nodes")]
    NodeOutOfRange {
        /// Number of nodes.
        expected: usize,
        /// Index of the node.
        found: u32,
    },
    /// A node has two parents, is a root and a child, or is its own ancestor.
    #[error("node {node} is reached more than once")]
    ReachedTwice {
        /// Where.
        node: usize,
    },
    /// No path from any root leads to the node.
    #[error("node {node} is reached from no root")]
    Unreachable {
        /// Where.
        node: usize,
    },
    /// A leaf value is not finite, or for link `mean` outside [0, 1].
    #[error("the value of leaf {node} is {found}, expected {expected}")]
    ValueOutOfRange {
        /// Where.
        node: usize,
        /// What the link asks for.
        expected: &'static str,
        /// The value.
        found: f64,
    },
    /// A cover is not a finite number above 0.
    #[error("the cover of node {node} is {found}, expected a finite number above 0")]
    CoverOutOfRange {
        /// Where.
        node: usize,
        /// The cover.
        found: f32,
    },
    /// A tree has more nodes than the layout that scores can tell apart.
    #[error("tree {tree} has {found} nodes, at most {expected} are scored")]
    TreeTooLarge {
        /// Number of the tree, from 0.
        tree: usize,
        /// Most nodes of a tree.
        expected: usize,
        /// Number of nodes.
        found: usize,
    },
    /// The bias of link `logistic` is NaN or infinite.
    #[error("the bias is {found}, not a finite number")]
    BiasNotFinite {
        /// The bias.
        found: f64,
    },
}

/// Checks that `columns` are a forest over rows of `features` numbers.
pub(crate) fn check(columns: &Columns, link: Link, features: usize) -> Result<(), ForestError> {
    check_lengths(columns)?;
    if let Link::Logistic { bias } = link
        && !bias.is_finite()
    {
        return Err(ForestError::BiasNotFinite { found: bias });
    }
    for node in 0..columns.nodes() {
        check_node(columns, link, features, node)?;
    }
    check_paths(columns)
}

fn check_lengths(columns: &Columns) -> Result<(), ForestError> {
    if columns.root.is_empty() {
        return Err(ForestError::NoTree);
    }
    let expected = columns.nodes();
    for (column, found) in [
        ("threshold", columns.threshold.len()),
        ("left", columns.left.len()),
        ("right", columns.right.len()),
        ("value", columns.value.len()),
        ("cover", columns.cover.len()),
    ] {
        if found != expected {
            return Err(ForestError::UnequalColumns { column, expected, found });
        }
    }
    Ok(())
}

fn check_node(columns: &Columns, link: Link, features: usize, node: usize) -> Result<(), ForestError> {
    let (feature, threshold) = (columns.feature[node], columns.threshold[node]);
    if feature != LEAF && features <= usize::from(feature) {
        return Err(ForestError::FeatureOutOfRange { node, expected: features, found: feature });
    }
    if !threshold.is_finite() {
        return Err(ForestError::ThresholdNotFinite { node, found: threshold });
    }
    let value = columns.value[node];
    let (expected, sound) = match link {
        Link::Mean => ("a number in [0, 1]", (0.0..=1.0).contains(&value)),
        Link::Logistic { .. } => ("a finite number", value.is_finite()),
    };
    if !sound {
        return Err(ForestError::ValueOutOfRange { node, expected, found: value });
    }
    let cover = columns.cover[node];
    if !(cover.is_finite() && 0.0 < cover) {
        return Err(ForestError::CoverOutOfRange { node, found: cover });
    }
    Ok(())
}

/// Walks every tree once. A second arrival anywhere is a shared node or a cycle, so the walk always ends.
fn check_paths(columns: &Columns) -> Result<(), ForestError> {
    let expected = columns.nodes();
    let mut reached = vec![false; expected];
    let mut open: Vec<u32> = columns.root.iter().rev().copied().collect();
    while let Some(found) = open.pop() {
        let node = found as usize;
        let seen = reached.get_mut(node).ok_or(ForestError::NodeOutOfRange { expected, found })?;
        if std::mem::replace(seen, true) {
            return Err(ForestError::ReachedTwice { node });
        }
        if columns.feature[node] != LEAF {
            open.extend([columns.right[node], columns.left[node]]);
        }
    }
    match reached.iter().position(|reached| !reached) {
        Some(node) => Err(ForestError::Unreachable { node }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two trees: a stump on feature 1, and a single leaf.
    fn sound() -> Columns {
        Columns {
            root: vec![0, 3],
            feature: vec![1, LEAF, LEAF, LEAF],
            threshold: vec![0.5, 0.0, 0.0, 0.0],
            left: vec![1, 0, 0, 0],
            right: vec![2, 0, 0, 0],
            value: vec![0.0, 0.25, 1.0, 0.5],
            cover: vec![4.0, 3.0, 1.0, 4.0],
        }
    }

    fn check_broken(breaks: fn(&mut Columns), expected: &str) {
        let mut columns = sound();
        breaks(&mut columns);
        let found = check(&columns, Link::Mean, 2).expect_err("the columns are broken");
        assert_eq!(found.to_string(), expected);
    }

    #[test]
    fn sound_columns_are_accepted() {
        assert_eq!(check(&sound(), Link::Mean, 2), Ok(()));
        assert_eq!(check(&sound(), Link::Logistic { bias: -1.0 }, 2), Ok(()));
    }

    #[test]
    fn every_unsoundness_is_named_with_its_node() {
        check_broken(|c| c.root.clear(), "the forest has no tree");
        check_broken(|c| c.cover.truncate(3), "column cover has 3 entries where column feature has 4");
        check_broken(|c| c.feature[0] = 2, "node 0 asks for feature 2, and there are 2");
        check_broken(|c| c.threshold[0] = f32::NAN, "the threshold of node 0 is NaN, not a finite number");
        check_broken(|c| c.left[0] = 9, "node 9 is a root or child, and there are only 4 nodes");
        check_broken(|c| c.root[1] = 4, "node 4 is a root or child, and there are only 4 nodes");
        check_broken(|c| c.left[0] = 0, "node 0 is reached more than once");
        check_broken(|c| c.left[0] = 2, "node 2 is reached more than once");
        check_broken(|c| c.root.truncate(1), "node 3 is reached from no root");
        check_broken(|c| c.value[2] = 1.5, "the value of leaf 2 is 1.5, expected a number in [0, 1]");
        check_broken(|c| c.cover[1] = 0.0, "the cover of node 1 is 0, expected a finite number above 0");
    }

    #[test]
    fn log_odds_may_leave_the_unit_interval_but_must_be_finite() {
        let mut columns = sound();
        columns.value[2] = -3.5;
        let link = Link::Logistic { bias: 0.0 };
        assert_eq!(check(&columns, link, 2), Ok(()));
        columns.value[2] = f64::INFINITY;
        assert!(matches!(check(&columns, link, 2), Err(ForestError::ValueOutOfRange { node: 2, .. })));
        let bias = Link::Logistic { bias: f64::NAN };
        assert!(matches!(check(&sound(), bias, 2), Err(ForestError::BiasNotFinite { .. })));
    }

    proptest! {
        /// Node indices and features are drawn near the valid ones, so that some columns are sound.
        #[test]
        fn columns_are_refused_or_every_row_ends_in_a_leaf(
            root in prop::collection::vec(0_u32..4, 1..3),
            nodes in prop::collection::vec(
                (prop_oneof![2 => Just(LEAF), 1 => 0_u8..3], 0_u32..6, 0_u32..6, 0.0_f64..=1.0), 1..6),
            row in prop::array::uniform2(-1.0_f32..2.0),
        ) {
            let count = nodes.len();
            let columns = Columns {
                root,
                feature: nodes.iter().map(|node| node.0).collect(),
                threshold: vec![0.5; count],
                left: nodes.iter().map(|node| node.1).collect(),
                right: nodes.iter().map(|node| node.2).collect(),
                value: nodes.iter().map(|node| node.3).collect(),
                cover: vec![1.0; count],
            };
            if let Ok(forest) = crate::Forest::parse(columns, Link::Mean, 2) {
                prop_assert!((0.0..=1.0).contains(&forest.view().probability(&row)));
            }
        }
    }
}
