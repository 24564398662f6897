//! One forest, said in every way that a writer has of saying it.

use super::*;
use crate::proto::{element_type, encoded};

/// The rows that reach the three leaves of the first tree.
const ROWS: [[f32; 2]; 3] = [[12.0, 0.0], [13.0, 1.0], [13.0, 2.0]];

fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm_exp(-log_odds))
}

/// Through the link, which takes it from `libm`.
fn libm_exp(x: f64) -> f64 {
    1.0 / Link::Logistic { bias: -x }.probability(0.0, 1) - 1.0
}

fn check(link: Link, graph: Graph, change: fn(&mut Parts), expected: [f64; 3]) {
    for (row, expected) in ROWS.into_iter().zip(expected) {
        let mut parts = Parts::of(link, graph);
        change(&mut parts);
        let found = parts.probability(row).expect("the model can be read");
        assert!((found - expected).abs() < 1e-6, "{row:?}: {found} and {expected}");
    }
}

const MEAN: [f64; 3] = [0.625, 0.375, 0.25];

#[test]
fn operators_that_change_nothing_are_passed() {
    let check = |change| check(Link::Mean, Graph::Classifier, change, MEAN);
    check(|_| {});
    check(|p| {
        p.append("Identity", "", &[]);
    });
    check(|p| {
        p.append("Identity", "ai.onnx", &[]);
    });
    check(|p| {
        let to = AttributeProto { name: "to".into(), i: element_type::DOUBLE.into(), ..Default::default() };
        p.append("Cast", "", &[to]);
    });
    check(|p| {
        let labels =
            AttributeProto { name: "classlabels_int64s".into(), ints: vec![0, 1], ..Default::default() };
        p.append("ZipMap", "ai.onnx.ml", &[labels]);
    });
    check(|p| {
        p.append("Mul", "", &[]).input.insert(0, "one".into());
        p.initializers.push(one("one"));
    });
    check(|p| {
        p.append("Mul", "", &[]).input.push("one".into());
        let value = AttributeProto { name: "value".into(), t: Some(Box::new(one(""))), ..Default::default() };
        p.nodes.push(NodeProto {
            op_type: "Constant".into(),
            output: vec!["one".into()],
            attribute: encoded(&[value]),
            ..Default::default()
        });
    });
    // An initializer may be listed as an input, as it had to be before IR version 4.
    check(|p| {
        p.initializers.push(one("one"));
        p.inputs.push(ValueInfoProto { name: "one".into(), r#type: None });
    });
}

fn one(name: &str) -> TensorProto {
    let raw_data = 1.0_f32.to_le_bytes().to_vec();
    TensorProto { name: name.into(), data_type: element_type::FLOAT, raw_data, ..Default::default() }
}

#[test]
fn every_comparison_is_read() {
    let modes = |p: &mut Parts, mode: &[u8]| {
        for found in p.attribute("nodes_modes").strings.iter_mut().filter(|found| **found != b"LEAF") {
            *found = mode.to_vec();
        }
    };
    let exchange = |p: &mut Parts| {
        let ids = p.attribute("nodes_truenodeids").ints.clone();
        p.attribute("nodes_truenodeids").ints = p.attribute("nodes_falsenodeids").ints.clone();
        p.attribute("nodes_falsenodeids").ints = ids;
    };
    let cases: [(&[u8], bool, f32); 4] = [
        (b"BRANCH_LEQ", false, 0.0),
        (b"BRANCH_GT", true, 0.0),
        // One unit above the whole thresholds, where no value of the rows lies between.
        (b"BRANCH_LT", false, 0.5),
        (b"BRANCH_GTE", true, 0.5),
    ];
    for (mode, exchanged, above) in cases {
        for (row, expected) in ROWS.into_iter().zip(MEAN) {
            let mut parts = Parts::of(Link::Mean, Graph::Classifier);
            modes(&mut parts, mode);
            if exchanged {
                exchange(&mut parts);
            }
            parts.attribute("nodes_values").floats.iter_mut().for_each(|value| *value += above);
            assert_eq!(parts.probability(row).unwrap(), expected, "{mode:?} {row:?}");
        }
    }
    // At the threshold itself `<` goes right.
    let mut parts = Parts::of(Link::Mean, Graph::Classifier);
    modes(&mut parts, b"BRANCH_LT");
    assert_eq!(parts.probability([12.0, 2.0]).unwrap(), MEAN[2]);
}

#[test]
fn weights_of_one_class_of_both_and_base_values_mean_what_the_runtimes_make_of_them() {
    let mean = |change, expected| check(Link::Mean, Graph::Classifier, change, expected);
    mean(|p| p.attribute("class_ids").ints.fill(1), MEAN);
    mean(|p| p.add("base_values").floats = vec![0.125], MEAN.map(|p| p + 0.125));
    mean(|p| p.attribute("class_weights").floats[0] = 0.5 + 1e-8, [0.75, 0.375, 0.25]);
    mean(|p| p.attributes.retain(|a| a.name != "post_transform"), MEAN);
    mean(|p| p.attribute("post_transform").s = b"LOGISTIC".to_vec(), MEAN.map(logistic));
    let log_odds =
        |change, expected| check(Link::Logistic { bias: 0.5 }, Graph::Classifier, change, expected);
    log_odds(|_| {}, [1.75, 1.25, 1.0].map(logistic));
    // -x and x: their difference is 2 x.
    log_odds(|p| p.attribute("post_transform").s = b"SOFTMAX".to_vec(), [3.5, 2.5, 2.0].map(logistic));
    log_odds(|p| p.add("base_values").floats = vec![0.0], [1.75, 1.25, 1.0].map(logistic));
}

#[test]
fn doubles_as_tensors_are_read() {
    fn tensors(p: &mut Parts) {
        for name in ["nodes_values", "class_weights"] {
            let attribute = p.attribute(name);
            let double_data = std::mem::take(&mut attribute.floats).into_iter().map(f64::from).collect();
            let tensor = TensorProto { data_type: element_type::DOUBLE, double_data, ..Default::default() };
            attribute.name = format!("{name}_as_tensor");
            attribute.t = Some(Box::new(tensor));
        }
    }
    check(Link::Mean, Graph::Classifier, tensors, MEAN);
}

/// The classifier as a regressor: the same nodes, targets instead of classes.
pub(super) fn regressor(p: &mut Parts) {
    p.nodes[0].op_type = "TreeEnsembleRegressor".into();
    p.nodes[0].output.remove(0);
    p.outputs.remove(0);
    p.attributes.retain(|a| a.name != "classlabels_int64s");
    for attribute in &mut p.attributes {
        attribute.name = attribute.name.replace("class_", "target_");
    }
}

#[test]
fn a_regressor_is_a_probability_or_log_odds_before_a_logistic() {
    let check = |change, expected| check(Link::Mean, Graph::Classifier, change, expected);
    check(regressor, MEAN);
    check(
        |p| {
            regressor(p);
            p.append("Sigmoid", "", &[]);
            p.add("base_values").floats = vec![-1.0];
        },
        MEAN.map(|p| logistic(p - 1.0)),
    );
    check(
        |p| {
            regressor(p);
            p.add("aggregate_function").s = b"AVERAGE".to_vec();
            p.attribute("target_weights").floats.iter_mut().for_each(|weight| *weight *= 2.0);
        },
        MEAN,
    );
}

/// The same two trees as `TreeEnsemble` of version 5; the leaf that is a tree has a branch above it.
pub(super) fn version5(p: &mut Parts) {
    regressor(p);
    p.nodes[0].op_type = "TreeEnsemble".into();
    p.attributes.clear();
    let doubles = |double_data: &[f64]| {
        let double_data = double_data.to_vec();
        Some(Box::new(TensorProto { data_type: element_type::DOUBLE, double_data, ..Default::default() }))
    };
    for (name, ints) in [
        ("tree_roots", vec![1, 2]),
        ("nodes_featureids", vec![1, 0, 0]),
        ("nodes_truenodeids", vec![1, 0, 3]),
        ("nodes_trueleafs", vec![1, 1, 1]),
        ("nodes_falsenodeids", vec![2, 0, 3]),
        ("nodes_falseleafs", vec![1, 0, 1]),
        ("leaf_targetids", vec![0; 4]),
    ] {
        p.add(name).ints = ints;
    }
    p.add("n_targets").i = 1;
    p.add("nodes_splits").t = doubles(&[1.0, 12.0, 0.0]);
    p.add("leaf_weights").t = doubles(&[0.375, 0.125, 0.0, 0.25]);
    let modes = TensorProto { data_type: element_type::UINT8, raw_data: vec![0; 3], ..Default::default() };
    p.add("nodes_modes").t = Some(Box::new(modes));
}

#[test]
fn the_operator_of_version_5_is_read() {
    check(Link::Mean, Graph::Classifier, version5, MEAN);
    check(
        Link::Mean,
        Graph::Classifier,
        |p| {
            version5(p);
            p.append("Sigmoid", "", &[]);
        },
        MEAN.map(logistic),
    );
}
