//! What `churn train` compares, selects and writes of it.

use serde_json::Value;

use crate::bench::{Bench, SMALL};

/// The card of a training with this configuration.
fn card(bench: &Bench, config: &str) -> Value {
    bench.write("x.toml", config);
    let text = bench.ok(&["train", "--data", "c.csv", "--config", "x.toml", "--out", "x", "--json"]);
    serde_json::from_str(&text).expect("a card is JSON")
}

const GRID: &str = "[selection]
folds = 3
repeats = 2
[forest]
trees = 8
max_depth = [3, 5]
min_samples_leaf = 20
[boosting]
trees = [10, 20]
max_depth = 2
learning_rate = 0.2
subsample = [0.5, 1]
column_sample_by_node = 1
";

#[test]
fn every_combination_of_the_grids_is_judged_on_the_same_folds_and_the_best_tree_model_wins() {
    let card = card(&Bench::new(), GRID);
    let candidates = card["candidates"].as_array().expect("a list");
    let kinds = |kind: &str| candidates.iter().filter(|c| c["model_type"] == kind).count();
    let counts = ["logistic_regression", "random_forest", "gradient_boosting"].map(kinds);
    assert_eq!(counts, [1, 2, 4]);
    let auc = |candidate: &Value| candidate["cross_validation"]["roc_auc_mean"].as_f64().expect("a figure");
    assert!(candidates.windows(2).all(|pair| auc(&pair[1]) <= auc(&pair[0])), "the best comes first");
    assert!(candidates.iter().all(|candidate| candidate["cross_validation"]["folds"] == 6));
    let best = candidates.iter().find(|c| c["model_type"] != "logistic_regression").expect("a tree model");
    assert_eq!(best["selected"], true);
    assert_eq!(candidates.iter().filter(|candidate| candidate["selected"] == true).count(), 1);
    assert_eq!(card["model_type"], best["model_type"]);
    assert_eq!(card["metrics"]["cross_validation"], best["cross_validation"]);
    for candidate in candidates.iter().filter(|candidate| candidate["selected"] == false) {
        let mean = candidate["difference"]["mean"].as_f64().expect("a difference");
        assert!((mean - (auc(candidate) - auc(best))).abs() < 1e-12, "{candidate}");
        assert!(candidate["difference"]["standard_error"].as_f64().is_some_and(|error| 0.0 < error));
    }
    let yardstick =
        candidates.iter().find(|c| c["model_type"] == "logistic_regression").expect("the yardstick");
    assert_eq!(card["yardstick"]["roc_auc_mean"], yardstick["cross_validation"]["roc_auc_mean"]);
    assert_eq!(card["yardstick"]["difference"], yardstick["difference"]);
}

#[test]
fn the_smallest_within_one_standard_error_wins_where_that_is_asked_for() {
    let bench = Bench::new();
    // The larger forest ranks better by a little, and is eight times as large.
    let grid = |prefer: &str| {
        format!(
            "[selection]\ncandidates = [\"random_forest\"]\nfolds = 3\nprefer = \"{prefer}\"\n\
             [forest]\ntrees = [5, 40]\nmax_depth = 4\nmin_samples_leaf = 20\n"
        )
    };
    let (best, smallest) = (card(&bench, &grid("best")), card(&bench, &grid("smallest")));
    assert_eq!(best["parameters"]["trees"], 40);
    assert_eq!(smallest["parameters"]["trees"], 5);
    let lost = &smallest["candidates"][0]["difference"];
    assert!(lost["mean"].as_f64() <= lost["standard_error"].as_f64(), "{lost}");
}

#[test]
fn every_kind_gives_the_same_bytes_with_one_and_with_two_threads() {
    let bench = Bench::new();
    for config in ["small.toml", "boosting.toml"] {
        let bytes = |threads: &str| {
            bench.ok(&["train", "--data", "c.csv", "--config", config, "--out", "t", "--threads", threads]);
            let card: Value = serde_json::from_str(&bench.read("t/challenger.card.json")).expect("a card");
            (card["artifact_sha256"].clone(), card["candidates"].clone(), card["importance"].clone())
        };
        assert_eq!(bytes("1"), bytes("2"), "{config}");
    }
}

#[test]
fn the_card_names_constraints_importances_and_intervals() {
    let bench = Bench::new();
    let boosting = SMALL.replace("random_forest", "gradient_boosting");
    let constrained = card(&bench, &boosting);
    let expected = serde_json::json!({
        "Contract": "falling", "MonthlyCharges": "rising", "PaperlessBilling": "rising",
        "SeniorCitizen": "rising", "tenure": "falling"
    });
    assert_eq!(constrained["constraints"], expected);
    let gains: f64 = constrained["importance"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|f| f["gain"].as_f64().unwrap())
        .sum();
    assert!((gains - 1.0).abs() < 1e-9, "{gains}");
    for figure in ["roc_auc", "pr_auc", "log_loss", "brier", "ece"] {
        let interval = &constrained["metrics"]["holdout"][format!("{figure}_interval")];
        assert!(interval["low"].as_f64() < interval["high"].as_f64(), "{figure}: {interval}");
    }
    let free = card(&bench, &format!("{boosting}monotone = false\n"));
    assert_eq!(free["constraints"], serde_json::json!({}));
    assert_eq!(free["metrics"]["out_of_bag_roc_auc"], Value::Null);
    let forest = card(&bench, SMALL);
    assert!(forest["metrics"]["out_of_bag_roc_auc"].as_f64().is_some_and(|auc| 0.6 < auc));
}

#[test]
fn what_cannot_be_selected_from_is_refused() {
    let bench = Bench::new();
    for (config, expected) in [
        ("[selection]\ncandidates = [\"logistic_regression\"]\n", "no candidate can ship"),
        ("[selection]\ncandidates = [\"svm\"]\n", "unknown variant `svm`"),
        ("[selection]\nrepeats = 0\n", "x.toml: [selection] repeats is 0, expected 1 to 1,000"),
        ("[selection]\nfolds = 1\n", "[selection] folds is 1, expected 2 to 100"),
        ("[boosting]\nsubsample = 0\n", "subsample is 0, expected above 0, at most 1"),
        ("[forest]\ntrees = []\n[boosting]\ntrees = []\n", "no candidate can ship"),
    ] {
        bench.write("x.toml", config);
        bench.refused(&["train", "--data", "c.csv", "--config", "x.toml", "--out", "n"], &[expected]);
        assert!(!bench.path("n").exists(), "{config}");
    }
}
