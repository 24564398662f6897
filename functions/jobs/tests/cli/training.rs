//! What `churn train` compares, selects and writes of it.

use serde_json::Value;

use crate::bench::{Bench, SMALL, held_out};

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
    assert_eq!(constrained["parameters"]["monotone"], "on");
    let free = card(&bench, &format!("{boosting}monotone = false\n"));
    assert_eq!(free["parameters"]["monotone"], "off");
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
    ] {
        bench.write("x.toml", config);
        bench.refused(&["train", "--data", "c.csv", "--config", "x.toml", "--out", "n"], &[expected]);
        assert!(!bench.path("n").exists(), "{config}");
    }
}

/// A file of the first 65 customers, of whom `churners` churn in the hold-out and 5 in all.
fn few_churners(bench: &Bench, churners: usize) {
    let text = bench.read("c.csv");
    let mut left = [churners, 5 - churners];
    let mut few = String::new();
    for (place, line) in text.lines().take(66).enumerate() {
        let (id, _) = line.split_once(',').expect("columns");
        let (rest, _) = line.rsplit_once(',').expect("columns");
        let left = &mut left[usize::from(!held_out(id))];
        few += &match (place, *left) {
            (0, _) => format!("{line}\n"),
            (_, 0) => format!("{rest},No\n"),
            _ => format!("{rest},Yes\n"),
        };
        *left -= usize::from(place != 0 && *left != 0);
    }
    assert_eq!(left, [0, 0]);
    bench.write("few.csv", &few);
    bench.write("few.toml", &SMALL.replace("folds = 3", "folds = 2"));
}

#[test]
fn a_hold_out_too_small_to_compare_on_costs_no_model() {
    let bench = Bench::new();
    few_churners(&bench, 1);
    let train = ["train", "--data", "few.csv", "--config", "few.toml", "--out", "n"];
    let people = bench.ok(&train);
    assert!(people.contains("yardstick         logistic regression, ROC-AUC 0."), "{people}");
    let card: Value = serde_json::from_str(&bench.read("n/challenger.card.json")).expect("a card");
    assert_eq!(card["metrics"]["holdout"]["churned"], 1);
    assert!(bench.read("n/report.html").contains("too few rows to compare it with logistic regression"));
}

#[test]
fn a_hold_out_that_cannot_be_judged_is_refused_before_the_work() {
    let bench = Bench::new();
    few_churners(&bench, 0);
    let train = ["train", "--data", "few.csv", "--config", "few.toml", "--out", "n"];
    let expected = ["the hold-out cannot be judged", "--holdout 0 makes none", "have the same outcome"];
    bench.refused(&train, &expected);
    assert!(!bench.path("n").exists(), "nothing was written");
    bench.ok(&[&train[..], &["--holdout", "0"]].concat());
}

/// Two folds of 150 rows each, and the other 300 rows in none.
fn half_of_the_rows() -> String {
    serde_json::to_string(&[(0..150).collect::<Vec<_>>(), (150..300).collect()])
        .expect("a list has a JSON form")
}

#[test]
fn without_a_hold_out_the_reference_is_of_scores_that_no_row_had_a_hand_in() {
    let bench = Bench::new();
    bench.write("folds.json", &half_of_the_rows());
    bench.train("m", &["--holdout", "0", "--folds", "folds.json"]);
    let shown: Value =
        serde_json::from_str(&bench.ok(&["inspect", "m/challenger.msgpack", "--json"])).expect("JSON");
    let rows = |histogram: &Value| -> u64 {
        let counts = histogram["counts"].as_array().expect("counts").iter();
        counts.map(|count| count.as_u64().expect("a count")).sum()
    };
    assert_eq!((rows(&shown["reference"]["score"]), rows(&shown["reference"]["features"][0])), (300, 600));
    let page = bench.read("m/report.html");
    assert!(page.contains("shuffled among the customers it was fitted on"), "whose importance it is");
    let said = bench.run(&["evaluate", "--model", "m/challenger.msgpack", "--data", "c.csv"]).stderr;
    let said = String::from_utf8(said).expect("stderr is text");
    assert!(said.contains("all of these 600 rows were fitted on") && said.contains("no hold-out"), "{said}");
}

#[test]
fn one_fold_tells_no_error_so_nothing_smaller_is_near_the_best() {
    let bench = Bench::new();
    let config = "[selection]\ncandidates = [\"random_forest\"]\nprefer = \"smallest\"\n\
                  [forest]\ntrees = [1, 40]\nmax_depth = 4\nmin_samples_leaf = 20\n";
    bench.write("x.toml", config);
    bench.write("folds.json", &serde_json::to_string(&[(0..200).collect::<Vec<_>>()]).expect("JSON"));
    let people = bench.ok(&[
        "train",
        "--data",
        "c.csv",
        "--config",
        "x.toml",
        "--out",
        "x",
        "--holdout",
        "0",
        "--folds",
        "folds.json",
    ]);
    assert!(people.contains("(one fold, which tells no sd)"), "{people}");
    let card: Value = serde_json::from_str(&bench.read("x/challenger.card.json")).expect("a card");
    assert_eq!(card["parameters"]["trees"], 40);
}

#[test]
fn what_would_lose_the_work_at_its_end_is_refused_before_it() {
    let bench = Bench::new();
    bench.write("x.toml", "[campaign]\nalpha = -1\n");
    let expected = ["x.toml: [campaign] campaign parameter alpha is -1.0"];
    bench.refused(&["train", "--data", "none.csv", "--config", "x.toml", "--out", "n"], &expected);
    // This fold cannot be judged, which shows only where fitting begins.
    let text = bench.read("c.csv");
    let stayed = text.lines().skip(1).position(|line| line.ends_with(",No")).expect("one who stayed");
    bench.write("folds.json", &format!("[[{stayed}]]"));
    bench.write("file", "");
    let train = |out: &str| {
        let folds = ["--holdout", "0", "--folds", "folds.json"];
        bench.run(
            &[&["train", "--data", "c.csv", "--config", "small.toml", "--out", out][..], &folds].concat(),
        )
    };
    assert_eq!(train("file/m").status.code(), Some(1));
    assert_eq!(train("m").status.code(), Some(2));
    assert_eq!(bench.files(), ["boosting.toml", "c.csv", "file", "folds.json", "small.toml", "x.toml"]);
}
