//! Writing: a forest becomes the bytes of an ONNX model that every runtime scores.
//!
//! The same forest, names and metadata give the same bytes.

use std::collections::BTreeMap;

use forest::{Columns, Forest, LEAF, Link};
use prost::Message;

use crate::OnnxError;
use crate::proto::{
    AttributeProto, DimensionProto, GraphProto, ML, ModelProto, NodeProto, OperatorSetIdProto,
    StringStringEntryProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
    attribute_type, element_type, encoded,
};

/// The entry of `metadata_props` that names the features, in their order, with commas between them.
pub const METADATA_FEATURES: &str = "features";

/// Name of the input.
const INPUT: &str = "features";
/// Name of the single output of [`Graph::Probability`].
const OUTPUT: &str = "churn_probability";
/// Versions that every runtime of the last years reads, and the tree ensembles of all writers.
const IR_VERSION: i64 = 8;
const OPSET: i64 = 13;
const ML_OPSET: i64 = 1;

/// What the graph answers. The input is the same for each: `features`, float, shape `[N, features]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graph {
    /// As skl2onnx writes a classifier: `label`, int64 `[N]`, 1 where the probability is above 0.5, and `probabilities`,
    /// float `[N, 2]`, of class 0 and 1.
    Classifier,
    /// One output, `churn_probability`, float `[N]`: what MLflow's ONNX flavour can answer a table with.
    Probability,
}

/// The ONNX model of `forest`, whose columns are named by `features`.
///
/// `metadata` goes into the model's `metadata_props`, together with the names of the features
/// ([`METADATA_FEATURES`]). Leaf values become f32, as ONNX holds them; runtimes answer within 1e-6 of this crate's
/// own probabilities.
///
/// # Errors
/// Where a leaf's value is beyond f32: runtimes would read an infinite one.
pub fn export(
    forest: &Forest,
    features: &[&str],
    metadata: &BTreeMap<String, String>,
    graph: Graph,
) -> Result<Vec<u8>, OnnxError> {
    let mut metadata = metadata.clone();
    metadata.insert(METADATA_FEATURES.to_owned(), features.join(","));
    let metadata: Vec<_> =
        metadata.into_iter().map(|(key, value)| StringStringEntryProto { key, value }).collect();
    let opsets = [("", OPSET), (ML, ML_OPSET)]
        .map(|(domain, version)| OperatorSetIdProto { domain: domain.to_owned(), version });
    let model = ModelProto {
        ir_version: IR_VERSION,
        producer_name: "churn".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph_of(forest, features.len(), graph)?),
        opset_import: encoded(&opsets),
        metadata_props: encoded(&metadata),
        functions: vec![],
    };
    Ok(model.encode_to_vec())
}

fn graph_of(forest: &Forest, features: usize, graph: Graph) -> Result<GraphProto, OnnxError> {
    let width = i64::try_from(features).expect("a forest has at most 255 features");
    let mut written = GraphProto {
        name: "churn".to_owned(),
        node: encoded(&[ensemble(forest)?]),
        input: encoded(&[tensor(INPUT, element_type::FLOAT, &[None, Some(width)])]),
        ..GraphProto::default()
    };
    match graph {
        Graph::Classifier => {
            written.output = encoded(&[
                tensor("label", element_type::INT64, &[None]),
                tensor("probabilities", element_type::FLOAT, &[None, Some(2)]),
            ]);
        }
        Graph::Probability => {
            // An index without dimensions takes the column and its axis away: [N, 2] becomes [N].
            let column = TensorProto {
                data_type: element_type::INT64,
                int64_data: vec![1],
                name: "column".to_owned(),
                ..TensorProto::default()
            };
            written.initializer = encoded(&[column]);
            written.node.extend(encoded(&[node(
                "",
                "Gather",
                &["probabilities", "column"],
                &[OUTPUT],
                &[integer("axis", 1)],
            )]));
            written.output = encoded(&[tensor(OUTPUT, element_type::FLOAT, &[None])]);
        }
    }
    Ok(written)
}

/// The trees as one node.
///
/// A mean is written as skl2onnx writes it: one weight a leaf, under class 0, which in a model of two classes means the
/// probability of class 1. Log-odds are written as CatBoost writes them, `-x` for class 0 and `x` for class 1, each its
/// own logistic: onnxruntime 1.23 takes no logistic of the shorter form where all weights are above 0.
fn ensemble(forest: &Forest) -> Result<NodeProto, OnnxError> {
    let nodes = Nodes::of(forest.columns());
    let mut weights = Weights::default();
    for (tree, leaf, value) in &nodes.leaves {
        match forest.link() {
            Link::Mean => weights.push(*tree, *leaf, 0, value / forest.view().trees() as f64)?,
            Link::Logistic { bias } => {
                let log_odds = if *tree == 0 { value + bias } else { *value };
                weights.push(*tree, *leaf, 0, -log_odds)?;
                weights.push(*tree, *leaf, 1, log_odds)?;
            }
        }
    }
    let transform = match forest.link() {
        Link::Mean => "NONE",
        Link::Logistic { .. } => "LOGISTIC",
    };
    let attributes = [
        integers("class_ids", weights.class),
        integers("class_nodeids", weights.node),
        integers("class_treeids", weights.tree),
        floats("class_weights", weights.weight),
        integers("classlabels_int64s", vec![0, 1]),
        integers("nodes_falsenodeids", nodes.right),
        integers("nodes_featureids", nodes.feature),
        integers("nodes_missing_value_tracks_true", vec![0; nodes.id.len()]),
        strings("nodes_modes", nodes.mode),
        integers("nodes_nodeids", nodes.id),
        integers("nodes_treeids", nodes.tree),
        integers("nodes_truenodeids", nodes.left),
        floats("nodes_values", nodes.threshold),
        string("post_transform", transform),
    ];
    Ok(node(ML, "TreeEnsembleClassifier", &[INPUT], &["label", "probabilities"], &attributes))
}

/// The columns of the nodes; ids count from 0 in each tree, in preorder.
#[derive(Default)]
struct Nodes {
    tree: Vec<i64>,
    id: Vec<i64>,
    feature: Vec<i64>,
    threshold: Vec<f32>,
    mode: Vec<&'static str>,
    left: Vec<i64>,
    right: Vec<i64>,
    /// Tree, id and value of each leaf.
    leaves: Vec<(i64, i64, f64)>,
}

impl Nodes {
    fn of(columns: &Columns) -> Self {
        let mut nodes = Self::default();
        for (tree, &root) in (0..).zip(&columns.root) {
            nodes.push_tree(columns, tree, root);
        }
        nodes
    }

    fn push_tree(&mut self, columns: &Columns, tree: i64, root: u32) {
        let first = self.id.len();
        // Each open node with the place of the parent that waits for its id, and whether it is the right child.
        let mut open = vec![(root, None)];
        while let Some((node, parent)) = open.pop() {
            let node = node as usize;
            let place = self.id.len();
            let id = i64::try_from(place - first).expect("a forest has fewer than 2^32 nodes");
            match parent {
                Some((parent, false)) => self.left[parent] = id,
                Some((parent, true)) => self.right[parent] = id,
                None => {}
            }
            let is_leaf = columns.feature[node] == LEAF;
            self.tree.push(tree);
            self.id.push(id);
            self.left.push(0);
            self.right.push(0);
            self.threshold.push(columns.threshold[node]);
            self.feature.push(if is_leaf { 0 } else { columns.feature[node].into() });
            self.mode.push(if is_leaf { "LEAF" } else { "BRANCH_LEQ" });
            if is_leaf {
                self.leaves.push((tree, id, columns.value[node]));
            } else {
                open.push((columns.right[node], Some((place, true))));
                open.push((columns.left[node], Some((place, false))));
            }
        }
    }
}

/// The columns of the leaves' weights.
#[derive(Default)]
struct Weights {
    tree: Vec<i64>,
    node: Vec<i64>,
    class: Vec<i64>,
    weight: Vec<f32>,
}

impl Weights {
    fn push(&mut self, tree: i64, node: i64, class: i64, weight: f64) -> Result<(), OnnxError> {
        if !(weight as f32).is_finite() {
            return Err(OnnxError::Leaf { tree, found: weight });
        }
        self.tree.push(tree);
        self.node.push(node);
        self.class.push(class);
        self.weight.push(weight as f32);
        Ok(())
    }
}

fn node(
    domain: &str,
    op_type: &str,
    input: &[&str],
    output: &[&str],
    attributes: &[AttributeProto],
) -> NodeProto {
    NodeProto {
        input: input.iter().map(ToString::to_string).collect(),
        output: output.iter().map(ToString::to_string).collect(),
        name: op_type.to_owned(),
        op_type: op_type.to_owned(),
        attribute: encoded(attributes),
        domain: domain.to_owned(),
    }
}

/// A tensor of the graph's surface; `None` is the number of rows.
fn tensor(name: &str, elem_type: i32, shape: &[Option<i64>]) -> ValueInfoProto {
    let dims: Vec<DimensionProto> = shape
        .iter()
        .map(|&extent| DimensionProto {
            dim_value: extent,
            dim_param: extent.is_none().then(|| "N".to_owned()),
        })
        .collect();
    let shape = Some(TensorShapeProto { dim: encoded(&dims) });
    let tensor_type = Some(TensorTypeProto { elem_type, shape });
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { tensor_type }) }
}

fn attribute(name: &str, r#type: i32) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type, ..AttributeProto::default() }
}

fn integer(name: &str, i: i64) -> AttributeProto {
    AttributeProto { i, ..attribute(name, attribute_type::INT) }
}

fn integers(name: &str, ints: Vec<i64>) -> AttributeProto {
    AttributeProto { ints, ..attribute(name, attribute_type::INTS) }
}

fn floats(name: &str, floats: Vec<f32>) -> AttributeProto {
    AttributeProto { floats, ..attribute(name, attribute_type::FLOATS) }
}

fn string(name: &str, s: &str) -> AttributeProto {
    AttributeProto { s: s.as_bytes().to_vec(), ..attribute(name, attribute_type::STRING) }
}

fn strings(name: &str, strings: Vec<&str>) -> AttributeProto {
    let strings = strings.iter().map(|text| text.as_bytes().to_vec()).collect();
    AttributeProto { strings, ..attribute(name, attribute_type::STRINGS) }
}
