//! `TreeEnsemble` of `ai.onnx.ml` version 5: branches and leaves in two lists, and the roots beside them.

use super::attributes::{Attributes, check_length, wrong};
use super::{
    Aggregate, Ensemble, Kind, Mode, Node, Score, Transform, Weights, check_no_transform, with_sigmoid,
};
use crate::OnnxError;
use crate::path::Path;

const KNOWN: [&str; 16] = [
    "aggregate_function",
    "leaf_targetids",
    "leaf_weights",
    "membership_values",
    "n_targets",
    "nodes_falseleafs",
    "nodes_falsenodeids",
    "nodes_featureids",
    "nodes_hitrates",
    "nodes_missing_value_tracks_true",
    "nodes_modes",
    "nodes_splits",
    "nodes_trueleafs",
    "nodes_truenodeids",
    "post_transform",
    "tree_roots",
];
/// The names of `post_transform` and of `nodes_modes` by their numbers.
const TRANSFORMS: [&str; 5] = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];
const MODES: [&str; 7] =
    ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"];

/// One target, or two as classes.
pub(super) fn read(attributes: &Attributes<'_>, path: &Path) -> Result<Ensemble, OnnxError> {
    attributes.check_known(&KNOWN)?;
    let columns = attributes.integer("n_targets", 1);
    let transform = usize::try_from(attributes.integer("post_transform", 0)).ok();
    let transform =
        transform.and_then(|number| TRANSFORMS.get(number)).copied().unwrap_or("of unknown number");
    check_no_transform(transform)?;
    let score = match columns {
        1 => Score::First,
        2 => Score::Second,
        _ => return Err(OnnxError::Classes { found: format!("{columns} in number") }),
    };
    path.check_columns(if columns == 1 { 1 } else { 2 })?;
    let aggregate = match attributes.integer("aggregate_function", 1) {
        0 => Aggregate::Average,
        1 => Aggregate::Sum,
        2 => return Err(OnnxError::Aggregate { found: "MIN".into() }),
        3 => return Err(OnnxError::Aggregate { found: "MAX".into() }),
        other => return Err(OnnxError::Aggregate { found: other.to_string() }),
    };
    let lists = Lists::of(attributes, columns)?;
    let (nodes, weights) = lists.trees()?;
    Ok(Ensemble {
        nodes,
        weights,
        score,
        bias: 0.0,
        transform: with_sigmoid(Transform::None, path)?,
        aggregate,
    })
}

/// The two lists.
struct Lists<'a> {
    roots: &'a [i64],
    features: &'a [i64],
    modes: Vec<u8>,
    thresholds: Vec<f64>,
    /// Ids of the two ways, and whether each is a leaf.
    ways: [(&'a [i64], &'a [i64]); 2],
    targets: &'a [i64],
    weights: Vec<f64>,
}

impl<'a> Lists<'a> {
    fn of(attributes: &Attributes<'a>, columns: i64) -> Result<Self, OnnxError> {
        let way = |nodes, leaves| (attributes.integers(nodes), attributes.integers(leaves));
        let lists = Self {
            roots: attributes.integers("tree_roots"),
            features: attributes.integers("nodes_featureids"),
            modes: attributes.bytes("nodes_modes")?,
            thresholds: attributes.tensor("nodes_splits")?,
            ways: [
                way("nodes_truenodeids", "nodes_trueleafs"),
                way("nodes_falsenodeids", "nodes_falseleafs"),
            ],
            targets: attributes.integers("leaf_targetids"),
            weights: attributes.tensor("leaf_weights")?,
        };
        for (name, found) in [
            ("nodes_modes", lists.modes.len()),
            ("nodes_splits", lists.thresholds.len()),
            ("nodes_truenodeids", lists.ways[0].0.len()),
            ("nodes_trueleafs", lists.ways[0].1.len()),
            ("nodes_falsenodeids", lists.ways[1].0.len()),
            ("nodes_falseleafs", lists.ways[1].1.len()),
        ] {
            check_length(name, found, lists.features.len())?;
        }
        check_length("leaf_weights", lists.weights.len(), lists.targets.len())?;
        match lists.targets.iter().find(|target| !(0..columns).contains(*target)) {
            Some(target) => {
                Err(wrong("leaf_targetids", &format!("has {target}, and n_targets is {columns}")))
            }
            None => Ok(lists),
        }
    }

    /// The branches of each tree from its root, and a leaf for each way that ends: a tree that is one leaf is written as a
    /// branch with the same leaf on both sides, so a leaf has an id for each way to it.
    fn trees(&self) -> Result<(Vec<Node>, Weights), OnnxError> {
        let (mut nodes, mut weights) = (Vec::new(), Weights::new());
        let mut reached = vec![false; self.features.len()];
        for (tree, &root) in (0..).zip(self.roots) {
            let mut open = vec![root];
            while let Some(id) = open.pop() {
                let damaged = |found| OnnxError::Tree { tree, node: id, found };
                let place = usize::try_from(id).ok().filter(|&place| place < reached.len());
                let place = place.ok_or_else(|| damaged("does not exist"))?;
                if std::mem::replace(&mut reached[place], true) {
                    return Err(damaged("is reached more than once"));
                }
                // Leaves have negative ids, so that they share none with a branch.
                let leaves = [-1 - 2 * id, -2 - 2 * id];
                let is_leaf = self.ways.map(|(_, leaves)| leaves[place] != 0);
                let ways = self.ways.map(|(ids, _)| ids[place]);
                let child = |side: usize| if is_leaf[side] { leaves[side] } else { ways[side] };
                nodes.push(Node { tree, id, kind: self.branch(tree, id, place, [child(0), child(1)])? });
                for side in [0, 1] {
                    if is_leaf[side] {
                        nodes.push(Node { tree, id: leaves[side], kind: Kind::Leaf });
                        weights.insert((tree, leaves[side]), self.weight(tree, ways[side])?);
                    } else {
                        open.push(ways[side]);
                    }
                }
            }
        }
        match reached.iter().position(|reached| !reached) {
            Some(_) => Err(wrong("tree_roots", "leads not to every node")),
            None => Ok((nodes, weights)),
        }
    }

    fn branch(&self, tree: i64, id: i64, place: usize, children: [i64; 2]) -> Result<Kind, OnnxError> {
        let mode = match self.modes[place] {
            0 => Mode::LessOrEqual,
            1 => Mode::Less,
            2 => Mode::GreaterOrEqual,
            3 => Mode::Greater,
            other => {
                let found =
                    MODES.get(usize::from(other)).map_or_else(|| other.to_string(), ToString::to_string);
                return Err(OnnxError::Mode { tree, node: id, found });
            }
        };
        Ok(mode.branch(self.features[place], self.thresholds[place], children))
    }

    /// What the leaf adds to each target.
    fn weight(&self, tree: i64, leaf: i64) -> Result<[f64; 2], OnnxError> {
        let place = usize::try_from(leaf).ok().filter(|&place| place < self.weights.len());
        let place =
            place.ok_or(OnnxError::Tree { tree, node: leaf, found: "is a leaf that does not exist" })?;
        let mut weights = [0.0; 2];
        weights[usize::from(self.targets[place] != 0)] = self.weights[place];
        Ok(weights)
    }
}
