//! Tests that write models part by part: what comes back, what is refused, and what hostile bytes do.

mod hostile;
mod meanings;
mod refusals;
mod round_trip;

use std::collections::BTreeMap;

use forest::{Columns, Forest, LEAF, Link};
use prost::Message;

use crate::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, decoded, encoded,
};
use crate::{Graph, OnnxError, export, import};

const NAMES: [&str; 2] = ["tenure", "price"];

/// Two trees over two features: `x[0] <= 12` is 0.75, else 0.25 or (where `x[1] > 1`) 0; and a leaf of 0.5.
fn forest(link: Link) -> Forest {
    let columns = Columns {
        root: vec![0, 5],
        feature: vec![0, LEAF, 1, LEAF, LEAF, LEAF],
        threshold: vec![12.0, 0.0, 1.0, 0.0, 0.0, 0.0],
        left: vec![1, 0, 3, 0, 0, 0],
        right: vec![2, 0, 4, 0, 0, 0],
        value: vec![0.0, 0.75, 0.0, 0.25, 0.0, 0.5],
        cover: vec![4.0, 1.0, 3.0, 2.0, 1.0, 4.0],
    };
    Forest::parse(columns, link, 2).expect("the trees are sound")
}

/// A model taken apart, so that a test can change one part of it.
struct Parts {
    model: ModelProto,
    nodes: Vec<NodeProto>,
    /// Of the first node, the trees.
    attributes: Vec<AttributeProto>,
    initializers: Vec<TensorProto>,
    inputs: Vec<ValueInfoProto>,
    outputs: Vec<ValueInfoProto>,
}

impl Parts {
    fn of(link: Link, graph: Graph) -> Self {
        let bytes = export(&forest(link), &NAMES, &BTreeMap::new(), graph).expect("every leaf fits");
        let model = ModelProto::decode(&bytes[..]).expect("a model");
        let graph = model.graph.clone().expect("a graph");
        let nodes: Vec<NodeProto> = decoded(&graph.node, "nodes", 9).expect("nodes");
        Self {
            attributes: decoded(&nodes[0].attribute, "attributes", 99).expect("attributes"),
            nodes,
            initializers: decoded(&graph.initializer, "initializers", 9).expect("initializers"),
            inputs: decoded(&graph.input, "inputs", 9).expect("inputs"),
            outputs: decoded(&graph.output, "outputs", 9).expect("outputs"),
            model,
        }
    }

    fn attribute(&mut self, name: &str) -> &mut AttributeProto {
        self.attributes.iter_mut().find(|attribute| attribute.name == name).expect("the attribute is there")
    }

    fn add(&mut self, name: &str) -> &mut AttributeProto {
        self.attributes.push(AttributeProto { name: name.into(), ..AttributeProto::default() });
        self.attribute(name)
    }

    /// Puts `node` between the value that the last node makes and the output.
    fn append(&mut self, op_type: &str, domain: &str, attributes: &[AttributeProto]) -> &mut NodeProto {
        let name = self.outputs.last().expect("an output").name.clone();
        let made = self.nodes.last_mut().expect("a node").output.last_mut().expect("an output");
        *made = "between".into();
        self.nodes.push(NodeProto {
            input: vec!["between".into()],
            output: vec![name],
            op_type: op_type.into(),
            domain: domain.into(),
            attribute: encoded(attributes),
            ..NodeProto::default()
        });
        self.nodes.last_mut().expect("it was pushed")
    }

    fn bytes(mut self) -> Vec<u8> {
        self.nodes[0].attribute = encoded(&self.attributes);
        self.model.graph = Some(GraphProto {
            name: "g".into(),
            node: encoded(&self.nodes),
            initializer: encoded(&self.initializers),
            input: encoded(&self.inputs),
            output: encoded(&self.outputs),
        });
        self.model.encode_to_vec()
    }

    /// The probability of `row`, read back.
    fn probability(self, row: [f32; 2]) -> Result<f64, OnnxError> {
        Ok(import(&self.bytes(), 2)?.into_forest([]).view().probability(&row))
    }
}
