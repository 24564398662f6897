//! From an ensemble to a sound forest, its nodes in preorder and its scores as the link takes them.

use std::collections::{HashMap, HashSet};

use forest::{Columns, Forest, LEAF, Link};

use crate::OnnxError;
use crate::ensemble::{Aggregate, Ensemble, Kind, Node, Transform, Weights};

/// A weight is a probability divided by the number of trees and rounded to f32, so that the product may pass 1 by this.
const TOLERANCE: f64 = 1e-6;

/// The most levels below a root. Trainers grow a few dozen; a chain of all nodes of a file would take seconds a score.
pub(crate) const MOST_DEPTH: usize = 1_000;

/// The forest of `ensemble` over rows of `features` numbers; every cover is 1.
pub(crate) fn build(ensemble: &Ensemble, features: usize) -> Result<Forest, OnnxError> {
    let trees: Vec<&[Node]> = ensemble.nodes.chunk_by(|a, b| a.tree == b.tree).collect();
    let mut seen = HashSet::new();
    if let Some([root, ..]) = trees.iter().find(|tree| !seen.insert(tree[0].tree)) {
        return Err(damaged(root, "stands apart from the nodes of its tree"));
    }
    let link = match ensemble.transform {
        Transform::None => Link::Mean,
        Transform::Logistic => Link::Logistic { bias: ensemble.bias },
    };
    let mut builder = Builder {
        ensemble,
        weights: ensemble.weights.clone(),
        trees: trees.len(),
        columns: Columns::default(),
    };
    for tree in trees {
        builder.push_tree(tree)?;
    }
    if let Some(&(tree, node)) = builder.weights.keys().min() {
        return Err(OnnxError::Tree { tree, node, found: "has a weight and is no leaf" });
    }
    let mut columns = builder.columns;
    columns.cover = vec![1.0; columns.nodes()];
    Ok(Forest::parse(columns, link, features)?)
}

struct Builder<'a> {
    ensemble: &'a Ensemble,
    /// Those of the leaves that were not visited yet.
    weights: Weights,
    trees: usize,
    columns: Columns,
}

/// Which child of its parent a node is.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

impl Builder<'_> {
    /// Adds one tree, walked from its first node: every node is visited once, or refused.
    fn push_tree(&mut self, tree: &[Node]) -> Result<(), OnnxError> {
        let places = places(tree)?;
        let mut reached = vec![false; tree.len()];
        let mut open = vec![(0, None, 0)];
        while let Some((place, parent, depth)) = open.pop() {
            let node = &tree[place];
            if MOST_DEPTH < depth {
                return Err(OnnxError::TooDeep { tree: node.tree, most: MOST_DEPTH });
            }
            if std::mem::replace(&mut reached[place], true) {
                return Err(damaged(node, "is reached more than once"));
            }
            let at = self.push_node(node, parent)?;
            if let Kind::Branch { left, right, .. } = node.kind {
                for (child, side) in [(right, Side::Right), (left, Side::Left)] {
                    let child =
                        places.get(&child).ok_or_else(|| damaged(node, "has a child that does not exist"))?;
                    open.push((*child, Some((at, side)), depth + 1));
                }
            }
        }
        match reached.iter().position(|reached| !reached) {
            Some(place) => Err(damaged(&tree[place], "is not reached from the first node of its tree")),
            None => Ok(()),
        }
    }

    /// Adds one node, and names it to its parent. Returns where it stands.
    fn push_node(&mut self, node: &Node, parent: Option<(usize, Side)>) -> Result<usize, OnnxError> {
        let at = self.columns.nodes();
        let index = u32::try_from(at).expect("a file of at most 64 MiB holds fewer than 2^32 nodes");
        match parent {
            None => self.columns.root.push(index),
            Some((parent, Side::Left)) => self.columns.left[parent] = index,
            Some((parent, Side::Right)) => self.columns.right[parent] = index,
        }
        let (feature, threshold, value) = match node.kind {
            Kind::Leaf => (LEAF, 0.0, self.value(node)?),
            Kind::Branch { feature, threshold, .. } => {
                let index = u8::try_from(feature).ok().filter(|&feature| feature != LEAF);
                let index = index.ok_or_else(|| damaged(node, "asks for a feature that does not exist"))?;
                (index, threshold, 0.0)
            }
        };
        self.columns.feature.push(feature);
        self.columns.threshold.push(threshold);
        self.columns.left.push(0);
        self.columns.right.push(0);
        self.columns.value.push(value);
        Ok(at)
    }

    /// What the leaf adds, as the link takes it. A leaf without a weight adds nothing.
    fn value(&mut self, leaf: &Node) -> Result<f64, OnnxError> {
        let weights = self.weights.remove(&(leaf.tree, leaf.id)).unwrap_or_default();
        let score = self.ensemble.score.of(weights);
        let trees = self.trees as f64;
        match (self.ensemble.transform, self.ensemble.aggregate) {
            (Transform::None, Aggregate::Sum) => share(leaf, score * trees + self.ensemble.bias),
            (Transform::None, Aggregate::Average) => share(leaf, score + self.ensemble.bias),
            (Transform::Logistic, Aggregate::Sum) => Ok(score),
            (Transform::Logistic, Aggregate::Average) => Ok(score / trees),
        }
    }
}

/// What a leaf adds to the mean of all trees: a probability.
fn share(leaf: &Node, found: f64) -> Result<f64, OnnxError> {
    if (-TOLERANCE..=1.0 + TOLERANCE).contains(&found) {
        return Ok(found.clamp(0.0, 1.0));
    }
    Err(OnnxError::RawScore { tree: leaf.tree, node: leaf.id, found })
}

/// Where each id stands among the nodes of its tree.
fn places(tree: &[Node]) -> Result<HashMap<i64, usize>, OnnxError> {
    let mut places = HashMap::new();
    for (place, node) in tree.iter().enumerate() {
        if places.insert(node.id, place).is_some() {
            return Err(damaged(node, "has the id of another"));
        }
    }
    Ok(places)
}

fn damaged(node: &Node, found: &'static str) -> OnnxError {
    OnnxError::Tree { tree: node.tree, node: node.id, found }
}
