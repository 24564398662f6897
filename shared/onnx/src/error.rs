//! What cannot be read, by name, and what to do about it.

use forest::ForestError;
use prost::DecodeError;
use thiserror::Error;

/// Why bytes are not a forest, or a forest cannot be written. `value` is the name of a tensor in the graph.
#[derive(Debug, Error)]
pub enum OnnxError {
    /// Not a protocol buffer of the expected shape: damaged, cut off, or another program's file.
    #[error("not an ONNX model, or damaged")]
    Malformed(#[from] DecodeError),
    /// More bytes than any sensible forest takes.
    #[error("{found} bytes, expected at most {most}; train fewer or smaller trees")]
    TooLarge {
        /// Bytes of the file.
        found: usize,
        /// [`crate::MAX_BYTES`].
        most: usize,
    },
    /// More parts of one kind than any sensible model has.
    #[error("the model has {found} {what}, expected at most {most}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// No graph, or a graph without nodes.
    #[error("the file holds no graph: it is not an ONNX model, or an empty one")]
    NoGraph,
    /// The model defines operators of its own.
    #[error("the model defines functions of its own, which are not read; convert it without them")]
    Functions,
    /// Tensors whose numbers lie in another file.
    #[error(
        "tensor {value} lies in another file (external data); save the model in one file, \
         `onnx.save(model, path, save_as_external_data=False)`"
    )]
    ExternalData {
        /// The tensor.
        value: String,
    },
    /// A version of an operator set that this crate does not know.
    #[error(
        "operator set ai.onnx.ml version {found}, expected 1 to 5; convert with target_opset 3 for ai.onnx.ml"
    )]
    Opset {
        /// The version.
        found: i64,
    },
    /// The input is not one float tensor of the right width.
    #[error("the input is {found}, expected one float or double tensor [N, {features}]; {advice}")]
    Input {
        /// What there is.
        found: String,
        /// Number of features.
        features: usize,
        /// What to do.
        advice: &'static str,
    },
    /// No output, or several, could be the probability.
    #[error(
        "outputs that could be the probability: {found}, expected one; convert without raw scores or decision paths"
    )]
    Outputs {
        /// Their names, or `none`.
        found: String,
    },
    /// An operator that is not read.
    #[error("operator {operator} makes {value}; between the input, the trees and the probability {expected}")]
    Operator {
        /// Domain and name.
        operator: String,
        /// What it makes.
        value: String,
        /// What is read there.
        expected: &'static str,
    },
    /// An operator that is read, but not in this use.
    #[error("operator {operator} makes {value} and {found}, expected {expected}")]
    Use {
        /// Name of the operator.
        operator: &'static str,
        /// What it makes.
        value: String,
        /// How it is used.
        found: String,
        /// How it is read.
        expected: &'static str,
    },
    /// A value that nothing makes, or that is made from itself.
    #[error("value {value} {found}; the graph is damaged")]
    Graph {
        /// The value.
        value: String,
        /// What is wrong with it.
        found: &'static str,
    },
    /// Not a model of two classes in the known order.
    #[error(
        "the classes are {found}, expected two, 0 and 1, or No and Yes, in this order; \
         train a binary classifier on such labels"
    )]
    Classes {
        /// The classes, or how many.
        found: String,
    },
    /// An attribute of the trees that is missing, malformed or unknown.
    #[error("attribute {attribute} of the trees {found}")]
    Attribute {
        /// Its name.
        attribute: String,
        /// What is wrong with it.
        found: String,
    },
    /// A branch that is no comparison with a threshold.
    #[error(
        "node {node} of tree {tree} has mode {found}, expected BRANCH_LEQ, BRANCH_LT, BRANCH_GTE, BRANCH_GT or LEAF; \
         train without categorical splits"
    )]
    Mode {
        /// Id of the tree.
        tree: i64,
        /// Id of the node.
        node: i64,
        /// The mode.
        found: String,
    },
    /// A transform of the sum that has no link.
    #[error("post_transform {found}, expected {expected}")]
    PostTransform {
        /// The transform.
        found: String,
        /// What is read.
        expected: &'static str,
    },
    /// Base values that the standard and the runtimes read differently.
    #[error(
        "{found} base values with weights of class {classes}, which runtimes read in different ways; expected none, \
         or one with weights of class 0 alone: add them to the leaves of the first tree"
    )]
    BaseValues {
        /// How many.
        found: usize,
        /// The classes that have weights.
        classes: String,
    },
    /// An aggregate that is no sum.
    #[error("aggregate_function {found}, expected SUM or AVERAGE")]
    Aggregate {
        /// Its name.
        found: String,
    },
    /// A node, child or weight that does not make trees.
    #[error("node {node} of tree {tree} {found}; the trees are damaged")]
    Tree {
        /// Id of the tree.
        tree: i64,
        /// Id of the node.
        node: i64,
        /// What is wrong with it.
        found: &'static str,
    },
    /// A tree that no trainer grows, in which every score would take ages.
    #[error("tree {tree} is deeper than {most} levels; train with a limit of depth")]
    TooDeep {
        /// Id of the tree.
        tree: i64,
        /// The most levels below the root.
        most: usize,
    },
    /// A leaf's value that no f32 holds; ONNX has no wider one.
    #[error("a leaf of tree {tree} adds {found}, which no 32-bit float holds; ONNX cannot hold this model")]
    Leaf {
        /// Index of the tree.
        tree: i64,
        /// The value.
        found: f64,
    },
    /// Without a logistic the trees' mean must be a probability.
    #[error(
        "leaf {node} of tree {tree} adds {found} where the sum is the probability, expected a number in [0, 1]; \
         these are raw scores: convert with probabilities (post_transform LOGISTIC)"
    )]
    RawScore {
        /// Id of the tree.
        tree: i64,
        /// Id of the node.
        node: i64,
        /// The leaf's value, as a share of the mean.
        found: f64,
    },
    /// The trees are unsound.
    #[error("the trees are unsound")]
    Forest(#[from] ForestError),
}

/// A text of the file as it can be printed: cut, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push_str("...");
    }
    shown
}
