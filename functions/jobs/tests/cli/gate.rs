//! `churn gate`: what it lets pass, what it refuses, and by which rule.

use serde_json::Value;

use crate::bench::Bench;

/// A champion of 6,000 customers, and the rows of the gate's file: 4,000 others of the same process.
fn bench() -> Bench {
    let bench = Bench::new();
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
