//! `churn export` and `churn import`: out and in again, and what is refused.

use std::fs;

use serde_json::Value;

use crate::bench::Bench;

#[test]
fn a_model_that_goes_out_as_onnx_and_comes_in_again_scores_the_same() {
    let bench = Bench::trained();
    for graph in ["classifier", "probability"] {
        bench.ok(&["export", "--model", "m/challenger.msgpack", "--onnx", "m.onnx", "--graph", graph]);
        let import = ["import", "m.onnx", "--data", "c.csv", "--out", "in/again.msgpack", "--json"];
        let card: Value = serde_json::from_str(&bench.ok(&import)).unwrap();
        assert_eq!(card, serde_json::from_str::<Value>(&bench.read("in/again.card.json")).unwrap());
        assert_eq!(card["model_type"], "imported_random_forest");
        assert_eq!(card["metrics"], serde_json::json!({"holdout": null, "cross_validation": null}));
        assert_eq!((&card["data"]["rows"], &card["data"]["fitted_rows"]), (&600.into(), &0.into()));
        assert!(
            card["note"].as_str().is_some_and(|note| note.contains("no figure of its quality")),
            "{card}"
        );
        let scores = |model: &str| {
            bench.ok(&["score", "--model", model, "--data", "c.csv", "-o", "s.csv"]);
            let probability = |line: &str| line.split(',').nth(1).expect("a column").parse::<f64>();
            let lines = bench.read("s.csv");
            lines.lines().skip(1).map(|line| probability(line).expect("a number")).collect::<Vec<_>>()
        };
        let pairs = scores("m/challenger.msgpack").into_iter().zip(scores("in/again.msgpack"));
        assert!(pairs.into_iter().all(|(before, after)| (before - after).abs() < 1e-6));
    }
    bench.ok(&["promote", "--challenger", "in/again.msgpack", "--out", "models"]);
}

#[test]
fn an_import_needs_labels_or_a_threshold() {
    let bench = Bench::trained();
    bench.ok(&["export", "--model", "m/challenger.msgpack", "--onnx", "m.onnx"]);
    bench.write("unlabelled.csv", &bench.read("c.csv").replacen(",Churn\n", ",Other\n", 1));
    let import = ["import", "m.onnx", "--data", "unlabelled.csv", "--out", "again.msgpack"];
    bench.refused(&import, &["the header has no column Churn, by which", "or give --threshold"]);
    bench.refused(&[&import[..], &["--threshold", "1.5"]].concat(), &["--threshold is 1.5"]);
    assert!(!bench.path("again.msgpack").exists() && !bench.path("again.card.json").exists());
    let card = bench.ok(&[&import[..], &["--threshold", "0.25", "--json"]].concat());
    let card: Value = serde_json::from_str(&card).unwrap();
    assert_eq!(card["decision"]["threshold"], 0.25);
    assert_eq!(
        card["command"],
        "churn import m.onnx --data unlabelled.csv --out again.msgpack --threshold 0.25"
    );
}

#[test]
fn what_is_no_forest_in_onnx_is_refused() {
    let bench = Bench::trained();
    bench.ok(&["export", "--model", "m/challenger.msgpack", "--onnx", "m.onnx"]);
    let bytes = fs::read(bench.path("m.onnx")).unwrap();
    fs::write(bench.path("half.onnx"), &bytes[..bytes.len() / 2]).unwrap();
    let import = |file: &'static str| ["import", file, "--data", "c.csv", "--out", "again.msgpack"];
    bench.refused(&import("half.onnx"), &["half.onnx cannot be imported", "not an ONNX model, or damaged"]);
    bench.refused(&import("none.onnx"), &["cannot read none.onnx"]);
    bench.refused(&import("c.csv"), &["c.csv cannot be imported"]);
    bench.write("empty.onnx", "");
    bench.refused(&import("empty.onnx"), &["holds no graph"]);
    let card = bench.read("m/challenger.card.json");
    let export = ["export", "--model", "m/challenger.msgpack", "--onnx", "m/challenger.card.json"];
    bench.refused(&export, &["which is an input and would be lost"]);
    assert_eq!(bench.read("m/challenger.card.json"), card);
    let before = bench.read("c.csv");
    let over = ["import", "m.onnx", "--data", "c.csv", "--out", "./c.csv"];
    bench.refused(&over, &["which is an input and would be lost"]);
    assert_eq!(bench.read("c.csv"), before);
}

#[test]
fn columns_without_names_are_told_and_a_ranking_of_chance_is_warned_of() {
    let bench = Bench::trained();
    bench.ok(&["export", "--model", "m/challenger.msgpack", "--onnx", "m.onnx"]);
    let import = |onnx: &str, data: &str| {
        let output = bench.run(&["import", onnx, "--data", data, "--out", "again.msgpack"]);
        let [said, warned] =
            [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
        assert!(output.status.success(), "{warned}");
        (said, warned)
    };
    let (said, warned) = import("m.onnx", "c.csv");
    assert!(
        said.contains("columns are tenure, MonthlyCharges, ") && said.contains(", ROC-AUC 0.8"),
        "{said}"
    );
    assert_eq!(warned, "");
    // The names stand in an entry of the metadata, which is the last of the file; under another key they are none.
    let mut bytes = fs::read(bench.path("m.onnx")).unwrap();
    let key = b"features\x12";
    let place = bytes.windows(key.len()).rposition(|window| window == key).expect("the entry of the names");
    bytes[place] = b'F';
    fs::write(bench.path("nameless.onnx"), bytes).unwrap();
    let (said, warned) = import("nameless.onnx", "c.csv");
    assert!(said.contains("columns are taken as tenure, MonthlyCharges, "), "{said}");
    assert_eq!(warned, "");
    let text = bench.read("c.csv");
    let turned = text.replace(",Yes\n", ",-\n").replace(",No\n", ",Yes\n").replace(",-\n", ",No\n");
    bench.write("turned.csv", &turned);
    let (_, warned) = import("nameless.onnx", "turned.csv");
    assert!(warned.starts_with("warning: the ROC-AUC on the data is 0.1"), "{warned}");
}
