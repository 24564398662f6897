//! `churn gate`: what it lets pass, what it refuses, and by which rule.

use churn::{Artifact, sha256_hex};
use serde_json::Value;

use crate::bench::Bench;

/// A champion of 6,000 customers, and the rows of the gate's file: 4,000 others of the same process.
fn bench() -> Bench {
    let bench = Bench::new();
    // 25 trees are not enough to be calibrated, which the gate sees.
    bench.write("boosting.toml", &bench.read("boosting.toml").replace("trees = 25", "trees = 40"));
    bench.ok(&["sample", "--rows", "6000", "--seed", "1", "-o", "old.csv"]);
    bench.ok(&["sample", "--rows", "4000", "--seed", "2", "-o", "new.csv"]);
    train(&bench, "old.csv", "champion");
    bench
}

fn train(bench: &Bench, data: &str, out: &str) {
    bench.ok(&["train", "--data", data, "--config", "boosting.toml", "--out", out]);
}

/// The gate's verdict over `data`, and the names of the rules that do not hold.
fn gate(bench: &Bench, challenger: &str, data: &str, more: &[&str]) -> (bool, Vec<String>) {
    let (champion, challenger) = ("champion/challenger.msgpack", format!("{challenger}/challenger.msgpack"));
    let arguments = ["gate", "--champion", champion, "--challenger", &challenger, "--data", data, "--json"];
    let output = bench.run(&[&arguments, more].concat());
    let text = String::from_utf8(output.stdout).expect("stdout is text");
    let verdict: Value = serde_json::from_str(&text).expect("a verdict is JSON");
    let promotes = verdict["promote"] == true;
    assert_eq!(output.status.code(), Some(if promotes { 0 } else { 3 }), "{text}");
    let rules = verdict["rules"].as_array().expect("a list of rules");
    let refused = rules.iter().filter(|rule| rule["holds"] == false);
    (promotes, refused.map(|rule| rule["name"].as_str().expect("a name").to_owned()).collect())
}

/// `from` with each row changed: its cells, and a number that differs from row to row.
fn changed(bench: &Bench, from: &str, to: &str, change: impl Fn(&mut Vec<String>, usize)) {
    let text = bench.read(from);
    let mut lines = text.lines();
    let mut out = lines.next().expect("a header").to_owned() + "\n";
    for (row, line) in lines.enumerate() {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        change(&mut cells, row);
        out += &(cells.join(",") + "\n");
    }
    bench.write(to, &out);
}

// Columns of a sample: customerID, the eleven fields, Churn.
const MONTHLY: usize = 3;
const CONTRACT: usize = 9;
const CHURN: usize = 12;

fn flip(cell: &mut String) {
    *cell = if cell == "Yes" { "No" } else { "Yes" }.to_owned();
}

#[test]
fn an_honest_challenger_passes_every_rule_and_each_is_told_with_its_figure() {
    let bench = bench();
    train(&bench, "new.csv", "c");
    assert_eq!(gate(&bench, "c", "new.csv", &[]), (true, vec![]));
    let told = bench.ok(&[
        "gate",
        "--champion",
        "champion/challenger.msgpack",
        "--challenger",
        "c/challenger.msgpack",
        "--data",
        "new.csv",
    ]);
    assert_eq!(told.lines().filter(|line| line.starts_with("ok ")).count(), 14, "{told}");
    assert!(told.ends_with("promote: all 14 rules hold\n"), "{told}");
    for figure in ["one-sided 95 % bound", "largest PSI", "expected calibration error", "groups of 200 rows"]
    {
        assert!(told.contains(figure), "{told}");
    }
}

#[test]
fn challengers_of_damaged_data_are_refused() {
    let bench = bench();
    changed(&bench, "new.csv", "shuffled.csv", |cells, row| {
        cells[CHURN] = if row % 9 < 4 { "Yes" } else { "No" }.into()
    });
    changed(&bench, "new.csv", "reversed.csv", |cells, _| flip(&mut cells[CHURN]));
    changed(&bench, "new.csv", "dropped.csv", |cells, _| cells[CONTRACT] = "One year".into());
    changed(&bench, "new.csv", "leaked.csv", |cells, row| {
        cells[MONTHLY] =
            if cells[CHURN] == "Yes" { format!("90.{}", row % 10) } else { format!("30.{}", row % 10) };
    });
    for (name, by_clean_rows, by_its_own) in [
        ("shuffled", "ROC-AUC", "champion's ranking"),
        ("reversed", "ROC-AUC", "champion's ranking"),
        ("dropped", "ROC-AUC, paired", "drift"),
        ("leaked", "ROC-AUC, paired", "leak"),
    ] {
        let file = format!("{name}.csv");
        train(&bench, &file, name);
        let (promotes, refused) = gate(&bench, name, "new.csv", &[]);
        assert!(
            !promotes && refused.iter().any(|rule| rule == by_clean_rows),
            "{name} on clean rows: {refused:?}"
        );
        let (promotes, refused) = gate(&bench, name, &file, &[]);
        assert!(
            !promotes && refused.iter().any(|rule| rule == by_its_own),
            "{name} on its own rows: {refused:?}"
        );
    }
}

#[test]
fn a_model_that_saw_the_rows_it_is_judged_on_is_refused() {
    let bench = bench();
    bench.ok(&["train", "--data", "new.csv", "--config", "boosting.toml", "--out", "all", "--holdout", "0"]);
    assert_eq!(gate(&bench, "all", "new.csv", &[]).1, ["unseen rows"]);
    bench.ok(&[
        "train",
        "--data",
        "new.csv",
        "--config",
        "boosting.toml",
        "--out",
        "most",
        "--holdout",
        "0.1",
    ]);
    assert_eq!(gate(&bench, "most", "new.csv", &[]).1, ["unseen rows"]);
    train(&bench, "new.csv", "c");
    assert_eq!(gate(&bench, "c", "new.csv", &["--all-rows"]).1, ["unseen rows"]);
    bench.ok(&["sample", "--rows", "3000", "--seed", "3", "-o", "fresh.csv"]);
    assert_eq!(gate(&bench, "all", "fresh.csv", &["--all-rows"]), (true, vec![]));
}

#[test]
fn too_few_rows_and_a_higher_floor_refuse() {
    let bench = bench();
    train(&bench, "new.csv", "c");
    let head: Vec<String> = bench.read("new.csv").lines().take(1200).map(str::to_owned).collect();
    bench.write("few.csv", &(head.join("\n") + "\n"));
    let (_, refused) = gate(&bench, "c", "few.csv", &[]);
    assert!(["rows", "row count"].iter().all(|rule| refused.iter().any(|name| name == rule)), "{refused:?}");
    bench.write("floor.toml", "[gate]\nroc_auc_floor = 0.99\n");
    assert_eq!(gate(&bench, "c", "new.csv", &["--config", "floor.toml"]).1, ["ROC-AUC"]);
    bench.write("loose.toml", "[gate]\nroc_auc_floor = 0.1\nrows = 1\nlabel_shift = 1\n");
    changed(&bench, "new.csv", "shuffled.csv", |cells, row| {
        cells[CHURN] = if row % 9 < 4 { "Yes" } else { "No" }.into()
    });
    train(&bench, "shuffled.csv", "s");
    let (promotes, refused) = gate(&bench, "s", "shuffled.csv", &["--config", "loose.toml"]);
    assert!(
        !promotes && refused[0] == "ROC-AUC",
        "0.70 is asked for whatever the configuration says: {refused:?}"
    );
}

#[test]
fn a_challenger_that_is_no_sound_model_is_refused_and_one_that_is_not_there_is_bad_input() {
    let bench = bench();
    let bytes = std::fs::read(bench.path("champion/challenger.msgpack")).expect("the champion");
    std::fs::create_dir_all(bench.path("half")).expect("a folder");
    std::fs::write(bench.path("half/challenger.msgpack"), &bytes[..bytes.len() / 2]).expect("half a model");
    assert_eq!(gate(&bench, "half", "new.csv", &[]), (false, vec!["artifact".to_owned()]));
    let arguments = ["gate", "--champion", "champion/challenger.msgpack", "--challenger", "none.msgpack"];
    bench.refused(&[&arguments[..], &["--data", "new.csv"]].concat(), &["cannot read none.msgpack"]);
}

/// Writes the champion's artifact into folder `to`, changed.
fn forged(bench: &Bench, to: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    let bytes = std::fs::read(bench.path("champion/challenger.msgpack")).expect("the champion");
    std::fs::create_dir_all(bench.path(to)).expect("a folder");
    std::fs::write(bench.path(to).join("challenger.msgpack"), change(bytes)).expect("a forged model");
}

#[test]
fn a_challenger_of_another_schema_or_with_a_false_golden_row_is_refused_by_that_rule() {
    let bench = bench();
    forged(&bench, "schema", |mut bytes| {
        let at = bytes.windows(11).position(|window| window == b"Fiber optic").expect("a category");
        bytes[at..at + 11].copy_from_slice(b"Fibre optic");
        let content = bytes.len() - 64;
        let seal = sha256_hex(&bytes[..content]);
        bytes[content..].copy_from_slice(seal.as_bytes());
        bytes
    });
    assert_eq!(gate(&bench, "schema", "new.csv", &[]), (false, vec!["schema".to_owned()]));
    forged(&bench, "golden", |bytes| {
        let mut artifact = Artifact::decode(&bytes).expect("the champion is sound");
        let golden = &mut artifact.golden[3].probability;
        *golden = golden.next_up();
        artifact.encode()
    });
    assert_eq!(gate(&bench, "golden", "new.csv", &[]), (false, vec!["golden rows".to_owned()]));
}

/// `from` without its first column, the customer's id, and its rows in the reverse order.
fn anonymous(bench: &Bench, from: &str, to: &str) {
    let without: Vec<String> =
        bench.read(from).lines().map(|line| line[line.find(',').expect("cells") + 1..].to_owned()).collect();
    bench.write(to, &(without.join("\n") + "\n"));
}

fn reversed(bench: &Bench, from: &str, to: &str) {
    let text = bench.read(from);
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    bench.write(to, &(lines.join("\n") + "\n"));
}

#[test]
fn rows_that_were_fitted_on_are_found_in_a_file_that_looks_like_another() {
    let bench = bench();
    anonymous(&bench, "new.csv", "anonymous.csv");
    train(&bench, "anonymous.csv", "by-rows");
    assert_eq!(gate(&bench, "by-rows", "new.csv", &[]).1, ["unseen rows"], "it spared other rows");
    bench.ok(&["train", "--data", "new.csv", "--config", "boosting.toml", "--out", "all", "--holdout", "0"]);
    reversed(&bench, "new.csv", "reversed.csv");
    anonymous(&bench, "reversed.csv", "nobody.csv");
    let grown = bench.read("new.csv").lines().take(600).collect::<Vec<_>>().join("\n") + "\n";
    bench.ok(&["sample", "--rows", "3000", "--seed", "3", "-o", "fresh.csv"]);
    let fresh = bench.read("fresh.csv");
    bench.write("grown.csv", &(grown + fresh.split_once('\n').expect("a header").1));
    for file in ["reversed.csv", "nobody.csv", "grown.csv"] {
        assert_eq!(gate(&bench, "all", file, &["--all-rows"]).1, ["unseen rows"], "{file}");
    }
    anonymous(&bench, "fresh.csv", "others.csv");
    for file in ["fresh.csv", "others.csv"] {
        assert_eq!(gate(&bench, "all", file, &["--all-rows"]), (true, vec![]), "{file}");
    }
}

#[test]
fn the_hold_out_of_a_file_with_ids_is_not_that_of_a_model_without() {
    let bench = bench();
    anonymous(&bench, "old.csv", "anonymous.csv");
    train(&bench, "anonymous.csv", "by-rows");
    // No row of new.csv was fitted on, but which customers the model spares is not known by their ids.
    assert_eq!(gate(&bench, "by-rows", "new.csv", &[]).1, ["unseen rows"]);
    assert_eq!(gate(&bench, "by-rows", "new.csv", &["--all-rows"]), (true, vec![]));
}

#[test]
fn a_model_without_a_record_of_its_rows_is_judged_and_said_to_be() {
    let bench = bench();
    forged(&bench, "older", |bytes| {
        let mut artifact = Artifact::decode(&bytes).expect("the champion is sound");
        artifact.provenance.seen = None;
        artifact.encode()
    });
    assert_eq!(gate(&bench, "older", "new.csv", &[]), (true, vec![]));
    let arguments = ["--challenger", "older/challenger.msgpack", "--data", "new.csv"];
    let told = bench.ok(&[&["gate", "--champion", "champion/challenger.msgpack"], &arguments[..]].concat());
    assert!(told.contains("what the challenger was fitted on is not known"), "{told}");
    assert!(told.contains("the champion was fitted on 0 of the "), "{told}");
}

#[test]
fn customers_who_have_changed_pass_once_somebody_has_looked() {
    let bench = bench();
    bench.ok(&["sample", "--rows", "4000", "--seed", "5", "--shift", "contract-mix", "-o", "moved.csv"]);
    train(&bench, "moved.csv", "c");
    let (_, refused) = gate(&bench, "c", "moved.csv", &[]);
    assert_eq!(refused, ["drift"]);
    bench.write("looked.toml", "[gate]\npsi = 1\nshare_of_rows = 0.1\n");
    assert_eq!(gate(&bench, "c", "moved.csv", &["--config", "looked.toml"]), (true, vec![]));
    let arguments = ["--challenger", "c/challenger.msgpack", "--data", "moved.csv"];
    let told = bench.run(&[&["gate", "--champion", "champion/challenger.msgpack"], &arguments[..]].concat());
    let told = String::from_utf8(told.stdout).expect("stdout is text");
    assert!(told.contains("set [gate] psi above the largest"), "{told}");
}
