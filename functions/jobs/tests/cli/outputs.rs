//! What is written, what it may replace, and what is left where writing ends early.

use std::fs::{self, File};

use crate::bench::Bench;

const LOST: &str = "which is an input and would be lost";

#[test]
fn no_output_of_any_verb_takes_the_place_of_an_input() {
    let bench = Bench::trained();
    let train = |data: &'static str, config: &'static str| {
        ["train", "--data", data, "--config", config, "--out", "m"]
    };
    fs::copy(bench.path("c.csv"), bench.path("m/report.html")).expect("a copy");
    bench.refused(&train("m/report.html", "small.toml"), &[LOST]);
    bench.refused(&train("c.csv", "m/challenger.card.json"), &[LOST]);
    bench.ok(&["export", "--model", "m/challenger.msgpack", "--onnx", "m.onnx"]);
    fs::copy(bench.path("c.csv"), bench.path("z.card.json")).expect("a copy");
    bench.refused(&["import", "m.onnx", "--data", "z.card.json", "--out", "z.msgpack"], &[LOST]);
    let card = bench.read("m/challenger.card.json");
    for out in ["m/challenger", "m/challenger.card.json", "m/challenger.bin"] {
        bench.refused(&["import", "m.onnx", "--data", "c.csv", "--out", out], &["expected NAME.msgpack"]);
    }
    assert_eq!(bench.read("m/challenger.card.json"), card);
}

#[test]
fn rows_at_fault_replace_only_those_of_an_earlier_run() {
    let bench = Bench::trained();
    let score = |data: &'static str, out: &'static str| {
        ["score", "--model", "m/challenger.msgpack", "--data", data, "-o", out, "--skip-bad-rows"]
    };
    bench.write("s.csv.rejected.csv", &(bench.read("c.csv") + "short,row\n"));
    let before = bench.read("s.csv.rejected.csv");
    bench.refused(&score("s.csv.rejected.csv", "s.csv"), &["s.csv.rejected.csv is in the way"]);
    bench.refused(&score("c.csv", "s.csv"), &["s.csv.rejected.csv is in the way"]);
    assert_eq!(bench.read("s.csv.rejected.csv"), before);

    bench.write("bad.csv", &before);
    bench.ok(&score("bad.csv", "t.csv"));
    bench.ok(&score("bad.csv", "t.csv"));
    assert_eq!(bench.read("t.csv.rejected.csv").lines().count(), 2);
    let header = bench.read("t.csv.rejected.csv");
    let header = header.lines().next().expect("a header");
    let input = format!("{header}\n");
    bench.write("u.csv.rejected.csv", &bench.read("t.csv.rejected.csv"));
    bench.refused(&score("u.csv.rejected.csv", "u.csv"), &[LOST]);
    assert!(bench.read("u.csv.rejected.csv").starts_with(&input));

    let output = bench.run(&score("c.csv", "t.csv"));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("removed t.csv.rejected.csv, of an earlier run"),
        "{told}"
    );
    assert!(!bench.path("t.csv.rejected.csv").exists());
}

#[test]
fn a_folder_that_another_writes_to_is_waited_for_and_then_refused() {
    let bench = Bench::trained();
    bench.ok(&["promote", "--challenger", "m/challenger.msgpack", "--out", "m"]);
    let before = bench.files();
    let other = File::open(bench.path("m")).expect("the folder");
    other.lock().expect("a lock");
    let verbs: [&[&str]; 3] = [
        &["promote", "--challenger", "m/challenger.msgpack", "--out", "m"],
        &["rollback", "--out", "m"],
        &["train", "--data", "c.csv", "--config", "small.toml", "--out", "m"],
    ];
    std::thread::scope(|scope| {
        for verb in verbs {
            let bench = &bench;
            scope.spawn(move || {
                let output = bench.run(verb);
                let told = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(1), "{verb:?}: {told}");
                assert!(told.contains("another churn is writing to m"), "{verb:?}: {told}");
            });
        }
    });
    drop(other);
    bench.ok(verbs[2]);
    assert_eq!(bench.files(), before);
}

#[test]
fn a_card_of_another_run_is_called_so() {
    let bench = Bench::trained();
    bench.train("n", &["--seed", "43"]);
    fs::copy(bench.path("n/challenger.card.json"), bench.path("m/challenger.card.json")).expect("a copy");
    let promote = ["promote", "--challenger", "m/challenger.msgpack", "--out", "p"];
    bench.refused(&promote, &["is not the card of the artifact beside it", "train again"]);
}

#[test]
fn where_no_champion_is_the_gate_says_what_to_do() {
    let bench = Bench::trained();
    let gate = [
        "gate",
        "--champion",
        "p/champion.msgpack",
        "--challenger",
        "m/challenger.msgpack",
        "--data",
        "c.csv",
    ];
    bench.refused(
        &gate,
        &["no champion p/champion.msgpack", "churn promote --challenger m/challenger.msgpack"],
    );
}
