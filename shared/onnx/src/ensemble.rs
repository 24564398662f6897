//! The trees as an operator holds them: its attributes become nodes, weights, and what happens to their sum.
//!
//! Three operators say the same in two ways: the classifier and the regressor of `ai.onnx.ml` 1 to 4 ([`flat`]), and
//! the one that replaced both in version 5 ([`version5`]).

mod attributes;
mod flat;
mod version5;

use std::collections::{BTreeSet, HashMap};

use crate::OnnxError;
use crate::path::Path;

/// An ensemble of trees, not yet known to be sound.
pub(crate) struct Ensemble {
    /// Nodes of one tree together, its root first.
    pub(crate) nodes: Vec<Node>,
    pub(crate) weights: Weights,
    /// Which of the two is the score.
    pub(crate) score: Score,
    /// What the score of no tree is.
    pub(crate) bias: f64,
    pub(crate) transform: Transform,
    pub(crate) aggregate: Aggregate,
}

/// What leaves add for class 0 and 1, by tree and id.
pub(crate) type Weights = HashMap<(i64, i64), [f64; 2]>;

/// One node.
pub(crate) struct Node {
    pub(crate) tree: i64,
    pub(crate) id: i64,
    pub(crate) kind: Kind,
}

/// What a node is.
pub(crate) enum Kind {
    Leaf,
    /// Goes left where `x <= threshold`; children are ids of the same tree.
    Branch {
        feature: i64,
        threshold: f32,
        left: i64,
        right: i64,
    },
}

/// How a leaf's two weights become its score.
#[derive(Clone, Copy)]
pub(crate) enum Score {
    First,
    Second,
    /// The second minus the first: a softmax of two is a logistic of their difference.
    Difference,
}

impl Score {
    pub(crate) fn of(self, [first, second]: [f64; 2]) -> f64 {
        match self {
            Self::First => first,
            Self::Second => second,
            Self::Difference => second - first,
        }
    }
}

/// From the score to the probability.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transform {
    None,
    Logistic,
}

/// From the trees' scores to one.
#[derive(Clone, Copy)]
pub(crate) enum Aggregate {
    Sum,
    Average,
}

/// The ensemble at the end of `path`.
pub(crate) fn read(path: &Path) -> Result<Ensemble, OnnxError> {
    let attributes = attributes::Attributes::parse(&path.attributes)?;
    match path.trees.op_type.as_str() {
        "TreeEnsembleClassifier" => flat::classifier(&attributes, path),
        "TreeEnsembleRegressor" => flat::regressor(&attributes, path),
        _ => version5::read(&attributes, path),
    }
}

/// A comparison, as the standard names it.
#[derive(Clone, Copy)]
enum Mode {
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
}

impl Mode {
    /// The branch on `feature` that goes to `yes` where its comparison with `threshold` holds, and else to `no`.
    ///
    /// Every comparison of an f32 with a number is one of `x <= t` with an f32, perhaps with its two ways exchanged.
    fn branch(self, feature: i64, threshold: f64, [yes, no]: [i64; 2]) -> Kind {
        let (threshold, left, right) = match self {
            Self::LessOrEqual => (at_most(threshold), yes, no),
            Self::Less => (below(threshold), yes, no),
            Self::GreaterOrEqual => (below(threshold), no, yes),
            Self::Greater => (at_most(threshold), no, yes),
        };
        Kind::Branch { feature, threshold, left, right }
    }
}

/// The largest finite f32 that is not above `threshold`: for every f32 `x`, `x <= threshold` is `x <= at_most(threshold)`.
/// Not finite where there is none, and NaN for NaN.
fn at_most(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    let rounded = if f64::from(nearest) > threshold { nearest.next_down() } else { nearest };
    // Every finite number lies below infinity.
    if rounded == f32::INFINITY { f32::MAX } else { rounded }
}

/// The largest finite f32 below `threshold`, as [`at_most`].
fn below(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    let rounded = if f64::from(nearest) >= threshold { nearest.next_down() } else { nearest };
    if rounded == f32::INFINITY { f32::MAX } else { rounded }
}

/// What the sum of the weights of `classes` becomes, where the operator makes two columns.
///
/// Weights of class 0 alone stand for class 1, as all writers and runtimes have it.
fn two_columns(classes: &BTreeSet<i64>, transform: &str) -> Result<(Score, Transform), OnnxError> {
    let first_alone = classes.len() == 1 && classes.contains(&0);
    match transform {
        "NONE" | "LOGISTIC" => Ok((if first_alone { Score::First } else { Score::Second }, plain(transform))),
        "SOFTMAX" if !first_alone => Ok((Score::Difference, Transform::Logistic)),
        "SOFTMAX" => Err(OnnxError::PostTransform {
            found: "SOFTMAX of one column".into(),
            expected: "NONE or LOGISTIC, or SOFTMAX with weights of both classes",
        }),
        _ => Err(unknown_transform(transform)),
    }
}

/// Refuses a transform of the regressor and of version 5: onnxruntime (1.23 and 1.32) takes none of one column, and of two
/// it takes a softmax where the standard says logistic, and the other way round.
fn check_no_transform(found: &str) -> Result<(), OnnxError> {
    if found == "NONE" {
        return Ok(());
    }
    Err(OnnxError::PostTransform {
        found: crate::error::shown(found),
        expected: "NONE: runtimes differ in it here; put a Sigmoid behind the trees, or convert to a classifier",
    })
}

fn plain(transform: &str) -> Transform {
    if transform == "LOGISTIC" { Transform::Logistic } else { Transform::None }
}

fn unknown_transform(found: &str) -> OnnxError {
    OnnxError::PostTransform {
        found: crate::error::shown(found),
        expected: "NONE, LOGISTIC, or SOFTMAX of two classes; convert with probabilities",
    }
}

/// The transform of the trees, and the one that came after them.
fn with_sigmoid(transform: Transform, path: &Path) -> Result<Transform, OnnxError> {
    match (transform, path.sigmoid) {
        (transform, false) => Ok(transform),
        (Transform::None, true) => Ok(Transform::Logistic),
        (Transform::Logistic, true) => Err(OnnxError::PostTransform {
            found: "LOGISTIC or SOFTMAX before a Sigmoid".into(),
            expected: "one of the two",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: f32 = f32::from_bits(1);

    /// For f32 values around `threshold`, the branch must go where the comparison says.
    fn check(mode: Mode, holds: fn(f64, f64) -> bool, threshold: f64) {
        let Kind::Branch { threshold: found, left, .. } = mode.branch(0, threshold, [1, 2]) else {
            unreachable!("a comparison is a branch")
        };
        let near = (threshold as f32).clamp(f32::MIN.next_up(), f32::MAX.next_down());
        for x in [f32::MIN, near.next_down(), near, near.next_up(), f32::MAX, 0.0, -TINY, TINY] {
            let goes = if x <= found { left } else { 3 - left };
            let expected = if holds(f64::from(x), threshold) { 1 } else { 2 };
            assert_eq!(goes, expected, "{x:e} and {threshold:e}");
        }
    }

    #[test]
    fn every_comparison_keeps_every_f32_on_its_side() {
        for threshold in [
            0.0,
            -0.0,
            1.0,
            0.1,
            f64::from(0.1_f32),
            -0.1,
            1e-50,
            -1e-50,
            1e40,
            f64::INFINITY,
            f64::from(f32::MAX),
            18.25,
            -3.000_000_01,
        ] {
            check(Mode::LessOrEqual, |x, t| x <= t, threshold);
            check(Mode::Less, |x, t| x < t, threshold);
            check(Mode::GreaterOrEqual, |x, t| x >= t, threshold);
            check(Mode::Greater, |x, t| x > t, threshold);
        }
    }

    #[test]
    fn a_threshold_below_every_number_is_left_for_the_soundness_check_to_refuse() {
        for threshold in [f64::NEG_INFINITY, -1e40, f64::NAN] {
            assert!(!at_most(threshold).is_finite() && !below(threshold).is_finite(), "{threshold}");
        }
        assert!(!below(f64::from(f32::MIN)).is_finite());
    }
}
