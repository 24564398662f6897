//! What cannot be represented, and what the message says of it.

use super::meanings::{regressor, version5};
use super::*;
use crate::proto::element_type;

fn check_of(graph: Graph, change: fn(&mut Parts), expected: &str) {
    let mut parts = Parts::of(Link::Mean, graph);
    change(&mut parts);
    let error = parts.probability([0.0, 0.0]).expect_err(expected).to_string();
    assert!(error.contains(expected), "{error:?} says nothing of {expected:?}");
}

fn check(change: fn(&mut Parts), expected: &str) {
    check_of(Graph::Classifier, change, expected);
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), i, ..AttributeProto::default() }
}

fn constant(p: &mut Parts, name: &str, number: i64) {
    let tensor = TensorProto {
        name: name.into(),
        data_type: element_type::INT64,
        int64_data: vec![number],
        ..TensorProto::default()
    };
    p.initializers.push(tensor);
}

#[test]
fn models_that_are_no_forest_of_two_classes_are_refused() {
    check(|p| p.attribute("classlabels_int64s").ints = vec![0, 1, 2], "the classes are 3 in number");
    check(|p| p.attribute("classlabels_int64s").ints = vec![1, 0], "the classes are [1, 0]");
    check(
        |p| {
            p.attribute("classlabels_int64s").name = "classlabels_strings".into();
            p.attribute("classlabels_strings").ints.clear();
            p.attribute("classlabels_strings").strings = vec![b"churned".to_vec(), b"stayed".to_vec()];
        },
        "the classes are [\"churned\", \"stayed\"]",
    );
    check(|p| p.attribute("class_ids").ints[0] = 2, "weights of class 2");
    check(|p| p.attribute("nodes_modes").strings[0] = b"BRANCH_EQ".to_vec(), "has mode BRANCH_EQ");
    check(|p| p.attribute("nodes_modes").strings[0] = b"\x1b[31m\xff".to_vec(), "has mode \\u{1b}[31m");
    check(|p| p.attribute("post_transform").s = b"PROBIT".to_vec(), "post_transform PROBIT");
    check(|p| p.attribute("post_transform").s = b"SOFTMAX".to_vec(), "SOFTMAX of one column");
    check(|p| p.attribute("class_weights").floats[0] = 1.5, "leaf 1 of tree 0 adds 3 where");
    check(|p| p.attribute("class_weights").floats[0] = f32::NAN, "leaf 1 of tree 0 adds NaN where");
    check(|p| p.add("base_values").floats = vec![0.0, 0.0], "2 base values with weights of class 0");
    check(
        |p| {
            p.attribute("class_ids").ints.fill(1);
            p.add("base_values").floats = vec![0.5];
        },
        "1 base values with weights of class 1",
    );
    check(
        |p| {
            p.add("nodes_flavour");
        },
        "attribute nodes_flavour of the trees is not known",
    );
    check(
        |p| {
            p.add("base_values").name = "class_ids".into();
        },
        "class_ids of the trees stands there twice",
    );
}

#[test]
fn graphs_with_something_else_on_the_way_are_refused() {
    check(
        |p| {
            p.append("Softmax", "", &[]);
        },
        "operator Softmax makes probabilities",
    );
    check(
        |p| {
            p.append("Normalizer", "ai.onnx.ml", &[]);
        },
        "operator ai.onnx.ml.Normalizer makes",
    );
    check(
        |p| {
            p.append("Cast", "", &[int("to", 7)]);
        },
        "operator Cast makes probabilities and casts to element type 7",
    );
    check(
        |p| {
            p.append("Mul", "", &[]).input.push("two".into());
            constant(p, "two", 2);
        },
        "operator Mul makes probabilities and multiplies by [2.0], expected a factor of 1",
    );
    check(
        |p| {
            p.append("Gather", "", &[int("axis", 1)]).input.push("zero".into());
            constant(p, "zero", 0);
        },
        "operator Gather makes probabilities and takes [0.0] of axis 1",
    );
    check(
        |p| {
            p.append("Reshape", "", &[]).input.push("flat".into());
            constant(p, "flat", -1);
        },
        "operator Reshape makes probabilities and puts two columns into one",
    );
    check_of(
        Graph::Probability,
        |p| p.initializers[0].int64_data = vec![0],
        "operator Gather makes churn_probability and takes [0.0]",
    );
    check(|p| p.nodes[0].output.swap(0, 1), "output 0 of the trees, a label");
    check(
        |p| {
            p.outputs.remove(1);
        },
        "could be the probability: none",
    );
    check(
        |p| p.outputs.push(ValueInfoProto { name: "scores".into(), r#type: None }),
        "could be the probability: probabilities, scores",
    );
    check(|p| p.outputs[1].name = "nothing".into(), "value nothing is made by no operator");
    check(
        |p| {
            p.append("Identity", "", &[]).input = vec!["probabilities".into()];
        },
        "value probabilities is made from itself",
    );
    check(|p| p.nodes.push(p.nodes[0].clone()), "value label is made twice");
    check(|p| p.model.functions.push(vec![]), "functions of its own");
}

#[test]
fn inputs_that_are_not_the_features_are_refused() {
    fn shape(p: &mut Parts, dims: &[Option<i64>]) {
        let dim = dims.iter().map(|&dim_value| crate::proto::DimensionProto { dim_value, dim_param: None });
        let tensor = p.inputs[0].r#type.as_mut().and_then(|t| t.tensor_type.as_mut()).expect("a tensor");
        tensor.shape.as_mut().expect("a shape").dim = encoded(&dim.collect::<Vec<_>>());
    }
    check(
        |p| shape(p, &[None, Some(5)]),
        "the input is 5 features wide, expected one float or double tensor [N, 2]",
    );
    check(|p| shape(p, &[None, None]), "the input is of unknown width");
    check(|p| p.inputs.push(p.inputs[0].clone()), "the input is 2 tensors (features, features)");
    check(
        |p| p.inputs[0].r#type.as_mut().and_then(|t| t.tensor_type.as_mut()).expect("a tensor").elem_type = 8,
        "the input is of element type 8",
    );
    check(
        |p| {
            p.nodes[0].input = vec!["scaled".into()];
            p.nodes.push(NodeProto {
                op_type: "Scaler".into(),
                domain: "ai.onnx.ml".into(),
                output: vec!["scaled".into()],
                input: vec!["features".into()],
                ..NodeProto::default()
            });
        },
        "operator ai.onnx.ml.Scaler makes scaled; between the input, the trees",
    );
}

#[test]
fn data_in_another_file_and_unknown_versions_are_refused() {
    check(
        |p| {
            p.append("Mul", "", &[]).input.push("far".into());
            constant(p, "far", 1);
            p.initializers[0].data_location = 1;
        },
        "tensor far lies in another file",
    );
    check(
        |p| {
            p.attribute("nodes_values").name = "nodes_values_as_tensor".into();
            p.attribute("nodes_values_as_tensor").floats.clear();
            let far = TensorProto { data_type: 1, data_location: 1, ..TensorProto::default() };
            p.attribute("nodes_values_as_tensor").t = Some(Box::new(far));
        },
        "tensor nodes_values lies in another file",
    );
    check(
        |p| {
            let opset = crate::proto::OperatorSetIdProto { domain: "ai.onnx.ml".into(), version: 6 };
            p.model.opset_import = encoded(&[opset]);
        },
        "operator set ai.onnx.ml version 6",
    );
}

#[test]
fn trees_that_are_no_trees_are_refused() {
    check(
        |p| {
            p.attribute("nodes_values").floats.pop();
        },
        "nodes_values of the trees has 5 entries, expected 6",
    );
    check(
        |p| {
            p.attribute("class_ids").ints.pop();
        },
        "class_nodeids of the trees has 4 entries, expected 3",
    );
    check(|p| p.attribute("nodes_truenodeids").ints[0] = 0, "node 0 of tree 0 is reached more than once");
    check(
        |p| p.attribute("nodes_truenodeids").ints[0] = 9,
        "node 0 of tree 0 has a child that does not exist",
    );
    check(|p| p.attribute("nodes_truenodeids").ints[0] = 2, "node 2 of tree 0 is reached more than once");
    check(|p| p.attribute("nodes_nodeids").ints[1] = 0, "node 0 of tree 0 has the id of another");
    check(
        |p| p.attribute("nodes_treeids").ints = vec![0, 0, 0, 1, 0, 0],
        "stands apart from the nodes of its tree",
    );
    check(|p| p.attribute("nodes_modes").strings[0] = b"LEAF".to_vec(), "node 1 of tree 0 is not reached");
    check(|p| p.attribute("class_nodeids").ints[0] = 0, "node 0 of tree 0 has a weight and is no leaf");
    check(|p| p.attribute("class_nodeids").ints[0] = 3, "node 3 of tree 0 has two weights of one class");
    check(|p| p.attribute("nodes_featureids").ints[0] = 255, "asks for a feature that does not exist");
    check(|p| p.attribute("nodes_featureids").ints[0] = -1, "asks for a feature that does not exist");
    check(|p| p.attribute("nodes_featureids").ints[0] = 2, "the trees are unsound");
    check(|p| p.attribute("nodes_values").floats[0] = f32::NAN, "the trees are unsound");
    check(
        |p| p.attributes.retain(|a| !a.name.contains("nodes_")),
        "node 1 of tree 0 has a weight and is no leaf",
    );
    check(|p| p.attributes.retain(|a| a.name.starts_with("classlabels")), "the trees are unsound");
}

#[test]
fn what_runtimes_read_in_two_ways_is_refused() {
    check(
        |p| {
            regressor(p);
            p.attribute("post_transform").s = b"LOGISTIC".to_vec();
        },
        "post_transform LOGISTIC, expected NONE: runtimes differ",
    );
    fn of_version5(change: fn(&mut Parts), expected: &str) {
        let mut parts = Parts::of(Link::Mean, Graph::Classifier);
        version5(&mut parts);
        change(&mut parts);
        let error = parts.probability([0.0, 0.0]).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error:?} says nothing of {expected:?}");
    }
    of_version5(|p| p.add("post_transform").i = 2, "post_transform LOGISTIC");
    of_version5(|p| p.add("post_transform").i = 9, "post_transform of unknown number");
    of_version5(|p| p.add("aggregate_function").i = 2, "aggregate_function MIN");
    of_version5(|p| p.attribute("n_targets").i = 3, "the classes are 3 in number");
    of_version5(
        |p| p.attribute("tree_roots").ints = vec![1],
        "tree_roots of the trees leads not to every node",
    );
    of_version5(|p| p.attribute("tree_roots").ints = vec![1, 7], "node 7 of tree 1 does not exist");
    of_version5(|p| p.attribute("nodes_truenodeids").ints[0] = 9, "is a leaf that does not exist");
    of_version5(
        |p| p.attribute("nodes_falsenodeids").ints[1] = 1,
        "node 1 of tree 0 is reached more than once",
    );
    of_version5(
        |p| p.attribute("leaf_targetids").ints[0] = 1,
        "leaf_targetids of the trees has 1, and n_targets is 1",
    );
    of_version5(
        |p| p.attribute("nodes_modes").t.as_mut().expect("a tensor").raw_data[0] = 6,
        "has mode BRANCH_MEMBER",
    );
}
