//! The walk from a sample to scores, and how each verb refuses bad input.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::bench::{Bench, held_out};

#[test]
fn the_walk_from_a_sample_to_scores() {
    let bench = Bench::trained();
    let card: Value = serde_json::from_str(&bench.read("m/challenger.card.json")).unwrap();
    let holdout = &card["metrics"]["holdout"];
    assert!(holdout["roc_auc"].as_f64().is_some_and(|auc| 0.7 < auc), "{card}");
    assert_eq!(card["data"]["rows"], 600);
    assert_eq!(card["data"]["holdout_rows"], holdout["rows"]);
    assert_eq!(card["command"], "churn train --data c.csv --seed 42 --holdout 0.3 --config small.toml");

    let shown: Value =
        serde_json::from_str(&bench.ok(&["inspect", "m/challenger.msgpack", "--json"])).unwrap();
    assert_eq!(shown["artifact_sha256"], card["artifact_sha256"]);
    assert_eq!((&shown["trees"], &shown["depth"]), (&12.into(), &5.into()));
    let people = bench.ok(&["inspect", "m/challenger.msgpack"]);
    assert!(people.contains("trees        12 with "), "{people}");

    bench.ok(&["promote", "--challenger", "m/challenger.msgpack", "--out", "models"]);
    let version = card["version"].as_str().expect("a version");
    let champion = fs::read(bench.path("models/champion.msgpack")).unwrap();
    assert_eq!(champion, fs::read(bench.path(&format!("models/history/{version}.msgpack"))).unwrap());
    assert_eq!(
        bench.read(&format!("models/history/{version}.card.json")),
        bench.read("m/challenger.card.json")
    );

    bench.ok(&["score", "--model", "models/champion.msgpack", "--data", "c.csv", "-o", "s.csv"]);
    let scores = bench.read("s.csv");
    let mut lines = scores.lines();
    let header = "customer_id,churn_probability,churn_prediction,risk_level,model_version";
    assert_eq!(lines.next(), Some(header));
    assert!(
        lines.next().is_some_and(|row| row.starts_with("S7-0000000,0.") && row.ends_with(version)),
        "{scores:.200}"
    );
    assert_eq!(lines.count(), 599);

    let figures = bench.ok(&["evaluate", "--model", "models/champion.msgpack", "--data", "c.csv", "--json"]);
    let figures: Value = serde_json::from_str(&figures).unwrap();
    assert_eq!(figures["rows"], 600);
    assert_eq!(figures["threshold"], card["decision"]["threshold"]);
    for figure in ["roc_auc", "pr_auc", "log_loss", "brier", "ece"] {
        let interval = &figures[format!("{figure}_interval")];
        assert!(interval["low"].as_f64() < interval["high"].as_f64(), "{figure}: {interval}");
    }
    let people = bench.ok(&["evaluate", "--model", "models/champion.msgpack", "--data", "c.csv"]);
    assert!(people.contains("  in brackets  95 % intervals\n"), "{people}");
    let brackets = people.lines().filter(|line| line.contains(" (0.") && line.ends_with(')'));
    assert_eq!(brackets.count(), 5, "{people}");
}

#[test]
fn the_bytes_depend_on_data_seed_and_configuration_alone() {
    let bench = Bench::new();
    let bytes = |out: &str, more: &[&str]| {
        bench.train(out, more);
        fs::read(bench.path(out).join("challenger.msgpack")).expect("the artifact was written")
    };
    let one = bytes("one", &["--threads", "1"]);
    assert_eq!(bytes("two", &["--threads", "2"]), one);
    assert_eq!(bytes("many", &["--threads", "9"]), one);
    assert_ne!(bytes("seed", &["--seed", "43"]), one);
    assert_ne!(bytes("all", &["--holdout", "0"]), one);
}

#[test]
fn no_shipped_model_is_fitted_on_the_hold_out() {
    // Labels of held-out customers are turned round: the trees and the threshold must not notice.
    let bench = Bench::trained();
    let text = bench.read("c.csv");
    let mut turned = String::new();
    for line in text.lines() {
        let id = line.split(',').next().expect("a first column");
        turned += &match (held_out(id), line.strip_suffix("Yes"), line.strip_suffix("No")) {
            (true, Some(rest), _) => format!("{rest}No\n"),
            (true, _, Some(rest)) => format!("{rest}Yes\n"),
            _ => format!("{line}\n"),
        };
    }
    assert_ne!(turned, text);
    bench.write("c.csv", &turned);
    bench.train("turned", &[]);
    let model = |out: &str| {
        let shown = bench.ok(&["inspect", &format!("{out}/challenger.msgpack"), "--json"]);
        let shown: Value = serde_json::from_str(&shown).expect("JSON");
        (shown["golden"].clone(), shown["decision"].clone(), shown["nodes"].clone())
    };
    assert_eq!(model("turned"), model("m"));
}

#[test]
fn the_features_of_training_are_the_features_of_scoring() {
    // Customers differ in tenure alone and churn up to the tenth month: a training that read another feature, or read
    // it differently by one, would draw the line elsewhere.
    let bench = Bench::new();
    let mut text = "customerID,SeniorCitizen,tenure,MonthlyCharges,TotalCharges,InternetService,OnlineSecurity,TechSupport,\
        StreamingTV,Contract,PaymentMethod,PaperlessBilling,Churn\n"
        .to_owned();
    for row in 0..600 {
        let tenure = row % 20 + 1;
        let label = if tenure <= 10 { "Yes" } else { "No" };
        text += &format!("C{row},0,{tenure},50,500,DSL,No,No,No,One year,Mailed check,No,{label}\n");
    }
    bench.write("c.csv", &text);
    bench.train("m", &[]);
    bench.ok(&["score", "--model", "m/challenger.msgpack", "--data", "c.csv", "-o", "s.csv"]);
    for (row, line) in bench.read("s.csv").lines().skip(1).enumerate() {
        let probability = if row % 20 < 10 { "1" } else { "0" };
        assert_eq!(line.split(',').nth(1), Some(probability), "{line}");
    }
}

#[test]
fn given_folds_are_the_folds() {
    let bench = Bench::new();
    let even: Vec<usize> = (0..600).step_by(2).collect();
    let odd: Vec<usize> = (1..600).step_by(2).collect();
    bench.write("folds.json", &serde_json::to_string(&[even, odd]).unwrap());
    let card = bench.train("m", &["--holdout", "0", "--folds", "folds.json", "--json"]);
    let card: Value = serde_json::from_str(&card).unwrap();
    assert_eq!(card["metrics"]["cross_validation"]["folds"], 2);
    assert_eq!(card["metrics"]["holdout"], Value::Null);
    let train = ["train", "--data", "c.csv", "--config", "small.toml", "--out", "n", "--folds", "folds.json"];
    bench.refused(&train, &["is held out; --holdout 0 holds out none"]);
    bench.write("folds.json", "[[0, 600]]");
    bench.refused(&[&train[..], &["--holdout", "0"]].concat(), &["fold 0: row 600 is not in the data file"]);
    for (text, expected) in [
        ("[[0, 1], []]", "folds.json: fold 1: there is no row"),
        ("[[0, 1], [5, 2, 5]]", "folds.json: fold 1: row 5 stands there twice"),
    ] {
        bench.write("folds.json", text);
        bench.refused(&[&train[..], &["--holdout", "0"]].concat(), &[expected]);
    }
    for text in ["", "{}", "[[-1]]", "[]"] {
        bench.write("folds.json", text);
        bench.refused(&train, &["folds.json: "]);
    }
    assert!(!bench.path("n").exists(), "nothing was written");
}

#[test]
fn bad_rows_are_named_by_line_and_column_and_nothing_is_written() {
    let bench = Bench::trained();
    let text = bench.read("c.csv");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[4] =
        lines[4].replace("Month-to-month", "monthly").replace("One year", "1 year").replace("Two year", "2y");
    lines[9] = "short,row".into();
    let columns: Vec<&str> = lines[20].split(',').collect();
    lines[20] = [&columns[..2], &["-5"], &columns[3..12], &["maybe"]].concat().join(",");
    bench.write("bad.csv", &(lines.join("\n") + "\n"));
    let before = bench.files();
    let named = [
        "bad.csv: 3 of the rows cannot be used",
        "line 5, column Contract: ",
        "line 10, column (row): ",
        "line 21, column tenure: ",
    ];
    let score = ["score", "--model", "m/challenger.msgpack", "--data", "bad.csv", "-o", "s.csv"];
    bench.refused(&score, &named);
    let label = ["line 21, column Churn: `maybe` is not a label"];
    bench.refused(&["train", "--data", "bad.csv", "--out", "n"], &[&named[..], &label].concat());
    assert_eq!(bench.files(), before);

    bench.ok(&[&score[..], &["--skip-bad-rows"]].concat());
    assert_eq!(bench.read("s.csv").lines().count(), 1 + 597);
    let rejected = bench.read("s.csv.rejected.csv");
    let rejected: Vec<&str> = rejected.lines().collect();
    assert_eq!(rejected.len(), 1 + 3);
    assert!(
        rejected[0].starts_with("line,customerID,") && rejected[0].ends_with(",Churn,reasons"),
        "{}",
        rejected[0]
    );
    assert!(
        rejected[1].starts_with("5,S7-0000003,") && rejected[1].contains("Contract: "),
        "{}",
        rejected[1]
    );
    assert!(rejected[2].starts_with("10,short,row,"), "{}", rejected[2]);
}

#[test]
fn a_file_of_another_shape_is_explained() {
    let bench = Bench::new();
    let train = ["train", "--data", "x.csv", "--out", "n"];
    let check = |text: &str, expected: &[&str]| {
        bench.write("x.csv", text);
        bench.refused(&train, expected);
    };
    let text = bench.read("c.csv");
    check("a,b\n1,2\n", &["the header has no column SeniorCitizen, tenure, "]);
    check(
        &text.replacen("MonthlyCharges", "monthly_charges", 1),
        &["no column MonthlyCharges; is `monthly_charges` for `MonthlyCharges` meant?"],
    );
    check(&text.replacen("Churn", "churned", 1), &["no column Churn; is `churned` for `Churn` meant?"]);
    check(&text.replacen("customerID", "tenure", 1), &["the header has column tenure more than once"]);
    check(text.lines().next().expect("a header"), &["the file has no rows"]);
    check(&text.replace(",Yes\n", ",No\n"), &["all ", " rows have the same label"]);
    bench.refused(&["train", "--data", "none.csv"], &["cannot read none.csv", "because: "]);
    assert!(!bench.path("n").exists(), "nothing was written");
}

#[test]
fn the_same_customers_in_another_dress_score_the_same() {
    let bench = Bench::trained();
    let score = |data: &str| {
        bench.ok(&["score", "--model", "m/challenger.msgpack", "--data", data, "-o", "s.csv"]);
        bench.read("s.csv")
    };
    let (plain, text) = (score("c.csv"), bench.read("c.csv"));
    bench.write("crlf.csv", &text.replace('\n', "\r\n"));
    assert_eq!(score("crlf.csv"), plain);
    bench.write("bom.csv", &format!("\u{feff}{text}"));
    assert_eq!(score("bom.csv"), plain);
    bench.write("extra.csv", &text.lines().map(|line| format!("note,{line}\n")).collect::<String>());
    assert_eq!(score("extra.csv"), plain);
}

#[test]
fn bad_options_configurations_and_artifacts_are_refused() {
    let bench = Bench::trained();
    let train = |more: &[&'static str]| [&["train", "--data", "c.csv", "--out", "n"], more].concat();
    bench.refused(&train(&["--holdout", "1"]), &["--holdout is 1, expected a share from 0"]);
    bench.refused(&train(&["--seed", "x"]), &["invalid value 'x' for '--seed"]);
    for (config, expected) in [
        ("[forest]\ntrees = 0\n", "trees is 0, expected 1 to 10,000"),
        ("[forest]\ntres = 1\n", "unknown field `tres`"),
        ("[forest]\ntrees = []\n", "trees = []"),
        ("[forest]\ntrees = []\n", "the list is empty, expected at least one value"),
        ("[decision]\nfalse_positive = -1\n", "cost false_positive is -1"),
        ("not toml", "x.toml"),
    ] {
        bench.write("x.toml", config);
        bench.refused(&train(&["--config", "x.toml"]), &[expected]);
    }
    let model = fs::read(bench.path("m/challenger.msgpack")).unwrap();
    fs::write(bench.path("half.msgpack"), &model[..model.len() / 2]).unwrap();
    for verb in [
        &["inspect", "half.msgpack"][..],
        &["score", "--model", "half.msgpack", "--data", "c.csv", "-o", "s.csv"],
        &["evaluate", "--model", "half.msgpack", "--data", "c.csv"],
        &["promote", "--challenger", "half.msgpack", "--out", "models"],
    ] {
        bench.refused(verb, &["half.msgpack", "not a churn model, or damaged"]);
    }
    fs::copy(bench.path("m/challenger.msgpack"), bench.path("alone.msgpack")).unwrap();
    bench.refused(
        &["promote", "--challenger", "alone.msgpack", "--out", "models"],
        &["cannot read alone.card.json"],
    );
    assert!(!bench.path("models").exists() && !bench.path("n").exists(), "nothing was written");
}

#[test]
fn an_output_takes_no_input_and_nothing_but_a_regular_file() {
    let bench = Bench::trained();
    let score =
        |out: &'static str| ["score", "--model", "m/challenger.msgpack", "--data", "c.csv", "-o", out];
    let before = bench.read("c.csv");
    bench.refused(&score("./c.csv"), &["which is an input and would be lost"]);
    bench.refused(&score("m/challenger.msgpack"), &["which is an input and would be lost"]);
    assert_eq!(bench.read("c.csv"), before);
    assert_eq!(bench.run(&score("m")).status.code(), Some(1));
    std::os::unix::fs::symlink("behind.csv", bench.path("link.csv")).unwrap();
    bench.write("behind.csv", "old");
    bench.ok(&score("link.csv"));
    assert!(bench.path("link.csv").is_symlink());
    assert_eq!(bench.read("behind.csv").lines().count(), 601);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let bench = Bench::trained();
    let mut command = Command::new(env!("CARGO_BIN_EXE_churn"));
    command.args(["inspect", "m/challenger.msgpack", "--json"]).current_dir(bench.0.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_folder_that_cannot_be_written_is_a_failure_not_bad_input() {
    let bench = Bench::trained();
    bench.write("file", "");
    let output =
        bench.run(&["score", "--model", "m/challenger.msgpack", "--data", "c.csv", "-o", "file/s.csv"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(Path::new(&bench.path("file")).is_file());
}
