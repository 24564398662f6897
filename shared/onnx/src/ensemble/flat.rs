//! `TreeEnsembleClassifier` and `TreeEnsembleRegressor`: one list of nodes, and a list of weights beside it.

use std::collections::{BTreeSet, HashSet};

use super::attributes::{Attributes, check_length, wrong};
use super::{
    Aggregate, Ensemble, Kind, Mode, Node, Score, Transform, Weights, check_no_transform, two_columns,
    with_sigmoid,
};
use crate::OnnxError;
use crate::error::shown;
use crate::path::{Path, check_classes};

/// The attributes of both.
const COMMON: [&str; 11] = [
    "base_values",
    "nodes_falsenodeids",
    "nodes_featureids",
    "nodes_hitrates",
    "nodes_missing_value_tracks_true",
    "nodes_modes",
    "nodes_nodeids",
    "nodes_treeids",
    "nodes_truenodeids",
    "nodes_values",
    "post_transform",
];

/// Two classes, or one column that stands for two.
pub(super) fn classifier(attributes: &Attributes<'_>, path: &Path) -> Result<Ensemble, OnnxError> {
    let own = ["class_ids", "class_nodeids", "class_treeids", "class_weights"];
    let labels = ["classlabels_int64s", "classlabels_strings"];
    attributes.check_known(&[&COMMON[..], &own, &labels].concat())?;
    check_classes(&path.attributes)?;
    path.check_columns(2)?;
    let (weights, classes) = weights(attributes, own)?;
    if let Some(class) = classes.iter().find(|class| !(0..=1).contains(*class)) {
        return Err(OnnxError::Classes { found: format!("two, and there are weights of class {class}") });
    }
    let (score, transform) = two_columns(&classes, &attributes.text("post_transform", "NONE"))?;
    Ok(Ensemble {
        nodes: nodes(attributes)?,
        weights,
        score,
        bias: bias(attributes, &classes)?,
        transform: with_sigmoid(transform, path)?,
        aggregate: Aggregate::Sum,
    })
}

/// One target, which is the probability or its log-odds.
pub(super) fn regressor(attributes: &Attributes<'_>, path: &Path) -> Result<Ensemble, OnnxError> {
    let own = ["target_ids", "target_nodeids", "target_treeids", "target_weights"];
    attributes.check_known(&[&COMMON[..], &own, &["aggregate_function", "n_targets"]].concat())?;
    let (weights, targets) = weights(attributes, own)?;
    if attributes.integer("n_targets", 1) != 1 || targets.iter().any(|&target| target != 0) {
        return Err(wrong("n_targets", "is not 1; convert a binary classifier"));
    }
    path.check_columns(1)?;
    check_no_transform(&attributes.text("post_transform", "NONE"))?;
    let aggregate = match attributes.text("aggregate_function", "SUM").as_str() {
        "SUM" => Aggregate::Sum,
        "AVERAGE" => Aggregate::Average,
        other => return Err(OnnxError::Aggregate { found: other.into() }),
    };
    Ok(Ensemble {
        nodes: nodes(attributes)?,
        weights,
        score: Score::First,
        bias: bias(attributes, &targets)?,
        transform: with_sigmoid(Transform::None, path)?,
        aggregate,
    })
}

fn nodes(attributes: &Attributes<'_>) -> Result<Vec<Node>, OnnxError> {
    let trees = attributes.integers("nodes_treeids");
    let ids = attributes.integers("nodes_nodeids");
    let features = attributes.integers("nodes_featureids");
    let yes = attributes.integers("nodes_truenodeids");
    let no = attributes.integers("nodes_falsenodeids");
    let modes = attributes.texts("nodes_modes");
    let thresholds = attributes.numbers("nodes_values")?;
    for (name, found) in [
        ("nodes_nodeids", ids.len()),
        ("nodes_featureids", features.len()),
        ("nodes_truenodeids", yes.len()),
        ("nodes_falsenodeids", no.len()),
        ("nodes_modes", modes.len()),
        ("nodes_values", thresholds.len()),
    ] {
        check_length(name, found, trees.len())?;
    }
    let node = |place: usize| {
        let (tree, id) = (trees[place], ids[place]);
        let children = [yes[place], no[place]];
        let kind = match &modes[place][..] {
            b"LEAF" => Kind::Leaf,
            b"BRANCH_LEQ" => Mode::LessOrEqual.branch(features[place], thresholds[place], children),
            b"BRANCH_LT" => Mode::Less.branch(features[place], thresholds[place], children),
            b"BRANCH_GTE" => Mode::GreaterOrEqual.branch(features[place], thresholds[place], children),
            b"BRANCH_GT" => Mode::Greater.branch(features[place], thresholds[place], children),
            other => {
                let found = shown(&String::from_utf8_lossy(other));
                return Err(OnnxError::Mode { tree, node: id, found });
            }
        };
        Ok(Node { tree, id, kind })
    };
    (0..trees.len()).map(node).collect()
}

/// The weights of the four attributes `names`, in the order of ids, nodes, trees and weights, and the ids that occur.
fn weights(attributes: &Attributes<'_>, names: [&str; 4]) -> Result<(Weights, BTreeSet<i64>), OnnxError> {
    let [ids, nodes, trees] = [names[0], names[1], names[2]].map(|name| attributes.integers(name));
    let numbers = attributes.numbers(names[3])?;
    check_length(names[1], nodes.len(), ids.len())?;
    check_length(names[2], trees.len(), ids.len())?;
    check_length(names[3], numbers.len(), ids.len())?;
    let mut weights = Weights::new();
    let mut seen = HashSet::new();
    for (((&id, &node), &tree), &number) in ids.iter().zip(nodes).zip(trees).zip(&numbers) {
        if !seen.insert((tree, node, id)) {
            return Err(OnnxError::Tree { tree, node, found: "has two weights of one class" });
        }
        weights.entry((tree, node)).or_default()[usize::from(id != 0)] = number;
    }
    Ok((weights, ids.iter().copied().collect()))
}

/// The base value, where there is one meaning to it.
fn bias(attributes: &Attributes<'_>, classes: &BTreeSet<i64>) -> Result<f64, OnnxError> {
    let values = attributes.numbers("base_values")?;
    let first_alone = classes.len() == 1 && classes.contains(&0);
    match values[..] {
        [] => Ok(0.0),
        [bias] if first_alone || bias == 0.0 => Ok(bias),
        _ => {
            let classes: Vec<String> = classes.iter().map(ToString::to_string).collect();
            Err(OnnxError::BaseValues { found: values.len(), classes: classes.join(" and ") })
        }
    }
}
