//! A forest trained by scikit-learn, scored by this crate: every probability equal to the last bit.
//!
//! `CHURN_REFERENCE` names the folder that holds `rf100_d10.json` and `rf100_d10_expected.csv`.

use std::path::PathBuf;

use forest::{Columns, Forest, LEAF, Link};
use serde_json::Value;

/// scikit-learn's mark of a leaf.
const SKLEARN_LEAF: i64 = -2;

fn folder() -> PathBuf {
    std::env::var_os("CHURN_REFERENCE")
        .expect("set CHURN_REFERENCE to the folder of the reference forest")
        .into()
}

/// The largest f32 that is not above `threshold`, so that no f32 input changes its side.
fn rounded_down(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    if f64::from(nearest) <= threshold { nearest } else { nearest.next_down() }
}

fn numbers<'a>(tree: &'a Value, column: &'static str) -> impl Iterator<Item = &'a Value> {
    tree[column].as_array().expect("a column is an array").iter()
}

fn integers<'a>(tree: &'a Value, column: &'static str) -> impl Iterator<Item = i64> + 'a {
    numbers(tree, column).map(|number| number.as_i64().expect("an integer"))
}

fn floats<'a>(tree: &'a Value, column: &'static str) -> impl Iterator<Item = f64> + 'a {
    numbers(tree, column).map(|number| number.as_f64().expect("a number"))
}

/// One tree. The file names no covers, and scoring needs none: every node gets 1.
fn tree(tree: &Value) -> Columns {
    let leaf: Vec<bool> = integers(tree, "feature").map(|feature| feature == SKLEARN_LEAF).collect();
    let at_branch = |(number, &leaf)| if leaf { 0 } else { u32::try_from(number).expect("a node index") };
    Columns {
        root: vec![0],
        feature: integers(tree, "feature").map(|f| u8::try_from(f).unwrap_or(LEAF)).collect(),
        threshold: floats(tree, "threshold").map(rounded_down).collect(),
        left: integers(tree, "left").zip(&leaf).map(at_branch).collect(),
        right: integers(tree, "right").zip(&leaf).map(at_branch).collect(),
        value: floats(tree, "value").collect(),
        cover: vec![1.0; leaf.len()],
    }
}

fn reference() -> Forest {
    let path = folder().join("rf100_d10.json");
    let text = std::fs::read_to_string(&path).expect("the reference forest can be read");
    let document: Value = serde_json::from_str(&text).expect("the reference forest is JSON");
    let mut columns = Columns::default();
    for each in document["trees"].as_array().expect("trees are an array") {
        columns.append(&tree(each));
    }
    Forest::parse(columns, Link::Mean, 8).expect("the reference forest is sound")
}

#[test]
fn all_reference_probabilities_come_out_to_the_last_bit() {
    let forest = reference();
    assert_eq!(forest.view().trees(), 100);
    let path = folder().join("rf100_d10_expected.csv");
    let text = std::fs::read_to_string(path).expect("the expected probabilities can be read");
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let fields: Vec<f64> = line.split(',').map(|field| field.parse().expect("a number")).collect();
        let (features, expected) = fields.split_at(8);
        let row: Vec<f32> = features.iter().map(|&feature| feature as f32).collect();
        let found = forest.view().probability(&row);
        assert_eq!(found.to_bits(), expected[0].to_bits(), "row {rows}: {found} and {}", expected[0]);
        rows += 1;
    }
    assert_eq!(rows, 7_043, "every row of the reference was compared");
}
