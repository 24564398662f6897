//! The forest as an ONNX graph with one output, `churn_probability` of shape `[rows]`.
//!
//! Messages of ONNX are written field by field in protocol buffers' wire format: a key, which is the field's number and
//! its kind, and then the value.

use forest::{Columns, Forest, LEAF, Link};

/// Type FLOAT of `TensorProto`.
const FLOAT: u64 = 1;
/// Type INT64 of `TensorProto`.
const INT64: u64 = 7;

/// A message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(mut self, mut value: u64) -> Self {
        while 0x7f < value {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    /// Field of kind 0.
    fn number(self, field: u64, value: u64) -> Self {
        self.varint(field << 3).varint(value)
    }

    /// Field of kind 2.
    fn bytes(self, field: u64, bytes: &[u8]) -> Self {
        let mut message = self.varint(field << 3 | 2).varint(bytes.len() as u64);
        message.0.extend_from_slice(bytes);
        message
    }

    fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    fn message(self, field: u64, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }

    /// Field of kind 5, once a number.
    fn floats(mut self, field: u64, values: impl Iterator<Item = f32>) -> Self {
        for value in values {
            self = self.varint(field << 3 | 5);
            self.0.extend_from_slice(&value.to_le_bytes());
        }
        self
    }
}

/// The bytes of a `ModelProto`.
pub(super) fn onnx(forest: &Forest, features: usize) -> Vec<u8> {
    let flatten = node("Reshape", &["sums", "shape"], "flat", "");
    let answer = match forest.link() {
        Link::Mean => node("Identity", &["flat"], "churn_probability", ""),
        Link::Logistic { .. } => node("Sigmoid", &["flat"], "churn_probability", ""),
    };
    let shape = Message::default().number(1, 1).number(2, INT64).number(7, u64::MAX).text(8, "shape");
    let graph = Message::default()
        .message(1, &ensemble(forest.columns(), forest.link()))
        .message(1, &flatten)
        .message(1, &answer)
        .text(2, "churn_classifier")
        .message(5, &shape)
        .message(11, &value("features", &[None, Some(features as u64)]))
        .message(12, &value("churn_probability", &[None]));
    let opset = |domain: &str, version| Message::default().text(1, domain).number(2, version);
    Message::default()
        .number(1, 8)
        .text(2, "churn")
        .message(7, &graph)
        .message(8, &opset("", 17))
        .message(8, &opset("ai.onnx.ml", 3))
        .0
}

fn node(operator: &str, inputs: &[&str], output: &str, domain: &str) -> Message {
    let node = inputs.iter().fold(Message::default(), |node, input| node.text(1, input));
    node.text(2, output).text(4, operator).text(7, domain)
}

/// A tensor of f32; a dimension without a size is the number of rows.
fn value(name: &str, dimensions: &[Option<u64>]) -> Message {
    let shape = dimensions.iter().fold(Message::default(), |shape, dimension| {
        let dimension = match dimension {
            Some(size) => Message::default().number(1, *size),
            None => Message::default().text(2, "rows"),
        };
        shape.message(1, &dimension)
    });
    let tensor = Message::default().number(1, FLOAT).message(2, &shape);
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}

fn ensemble(columns: &Columns, link: Link) -> Message {
    let (aggregate, bias) = match link {
        Link::Mean => ("AVERAGE", 0.0),
        Link::Logistic { bias } => ("SUM", bias),
    };
    let (trees, ids) = places(columns);
    let nodes = || 0..columns.nodes();
    let leaves = || nodes().filter(|&node| columns.feature[node] == LEAF);
    let inner = |node: usize, number: u64| if columns.feature[node] == LEAF { 0 } else { number };
    let modes = nodes().map(|node| if columns.feature[node] == LEAF { "LEAF" } else { "BRANCH_LEQ" });
    [
        integers("nodes_treeids", nodes().map(|node| trees[node])),
        integers("nodes_nodeids", nodes().map(|node| ids[node])),
        integers("nodes_featureids", nodes().map(|node| inner(node, columns.feature[node].into()))),
        texts("nodes_modes", modes),
        floats("nodes_values", columns.threshold.iter().copied()),
        integers("nodes_truenodeids", nodes().map(|node| inner(node, ids[columns.left[node] as usize]))),
        integers("nodes_falsenodeids", nodes().map(|node| inner(node, ids[columns.right[node] as usize]))),
        integers("target_treeids", leaves().map(|node| trees[node])),
        integers("target_nodeids", leaves().map(|node| ids[node])),
        integers("target_ids", leaves().map(|_| 0)),
        floats("target_weights", leaves().map(|node| columns.value[node] as f32)),
        floats("base_values", [bias as f32].into_iter()),
        attribute("n_targets", 2).number(3, 1),
        attribute("aggregate_function", 3).text(4, aggregate),
    ]
    .iter()
    .fold(node("TreeEnsembleRegressor", &["features"], "sums", "ai.onnx.ml"), |node, attribute| {
        node.message(5, attribute)
    })
}

/// The tree of every node, and its number in that tree.
fn places(columns: &Columns) -> (Vec<u64>, Vec<u64>) {
    let mut places = (Vec::new(), Vec::new());
    let ends = columns.root.iter().skip(1).copied().chain([columns.nodes() as u32]);
    for (tree, (&root, end)) in columns.root.iter().zip(ends).enumerate() {
        places.0.extend((root..end).map(|_| tree as u64));
        places.1.extend((root..end).map(|node| u64::from(node - root)));
    }
    places
}

/// An attribute without its value; kinds 6, 7 and 8 are lists of floats, integers and texts.
fn attribute(name: &str, kind: u64) -> Message {
    Message::default().text(1, name).number(20, kind)
}

fn integers(name: &str, values: impl Iterator<Item = u64>) -> Message {
    values.fold(attribute(name, 7), |message, value| message.number(8, value))
}

fn floats(name: &str, values: impl Iterator<Item = f32>) -> Message {
    attribute(name, 6).floats(7, values)
}

fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Message {
    values.fold(attribute(name, 8), |message, value| message.text(9, value))
}
