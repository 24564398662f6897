//! What can be wrong with a file of customers, and how it is told.

use serde_json::Value;

use crate::bench::Bench;

/// Expects that `train` refuses `text`, with all of `expected` in the message.
fn check(bench: &Bench, text: impl AsRef<[u8]>, expected: &[&str]) {
    std::fs::write(bench.path("x.csv"), text).expect("the folder can be written");
    bench.refused(&["train", "--data", "x.csv", "--out", "n", "--config", "small.toml"], expected);
    assert!(!bench.path("n").exists(), "nothing was written");
}

/// The sample with a last column of notes.
fn noted(bench: &Bench, note: impl Fn(usize) -> &'static str) -> String {
    let text = bench.read("c.csv");
    text.lines().enumerate().map(|(row, line)| format!("{line},{}\n", note(row))).collect()
}

#[test]
fn a_quote_that_swallows_rows_is_named_by_its_line() {
    let bench = Bench::trained();
    let open = noted(&bench, |row| if row == 300 { "\"open" } else { "fine" });
    check(&bench, &open, &["x.csv: line 301: a quote opens here and is not closed"]);
    bench.refused(&["profile", "x.csv"], &["line 301"]);
    let closed_by_another = noted(&bench, |row| match row {
        300 => "\"open",
        302 => "\"fine\"",
        _ => "fine",
    });
    check(&bench, &closed_by_another, &["line 301: a quote opens here"]);
    bench.write("x.csv", &noted(&bench, |row| if row == 300 { "\"two\nlines\"" } else { "\"\"" }));
    let told = bench.ok(&["evaluate", "--model", "m/challenger.msgpack", "--data", "x.csv"]);
    assert!(told.contains("on 600 rows"), "{told}");
}

#[test]
fn a_file_of_another_format_is_told_what_it_is() {
    let bench = Bench::new();
    let text = bench.read("c.csv");
    check(&bench, "", &["x.csv: the file is empty"]);
    check(&bench, " \r\n", &["x.csv: the file is empty"]);
    check(&bench, text.replace(',', ";"), &["the columns are separated by semicolons"]);
    check(&bench, text.replace(',', "\t"), &["the columns are separated by tabs"]);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&bench, [&b"\xff\xfe"[..], &wide].concat(), &["looks like UTF-16; save it as UTF-8"]);
    for name in ["CustomerID", "customer_id", " customerID"] {
        let expected = format!("column `{name}`; is `customerID` meant?");
        check(&bench, text.replacen("customerID", name, 1), &[&expected]);
    }
}

#[test]
fn only_columns_that_are_read_must_be_utf_8() {
    let bench = Bench::trained();
    let latin = |text: String| -> Vec<u8> { text.chars().map(|c| c as u8).collect() };
    std::fs::write(bench.path("x.csv"), latin(noted(&bench, |_| "M\u{fc}ller"))).expect("a file");
    bench.ok(&["score", "--model", "m/challenger.msgpack", "--data", "x.csv", "-o", "s.csv"]);
    assert_eq!(bench.read("s.csv").lines().count(), 601);
    let text = bench.read("c.csv").replacen("S7-0000002", "S\u{fc}", 1);
    check(&bench, latin(text), &["line 4, column customerID: is not UTF-8"]);
}

#[test]
fn lines_are_those_of_an_editor() {
    let bench = Bench::new();
    let mut lines: Vec<String> = bench.read("c.csv").lines().map(str::to_owned).collect();
    lines[4] = "short,row".into();
    check(&bench, lines.join("\r\n"), &["line 5, column (row)"]);
    lines.insert(2, String::new());
    check(&bench, lines.join("\n"), &["line 6, column (row)"]);
}

#[test]
fn a_customer_in_two_rows_is_refused_where_rows_must_be_independent() {
    let bench = Bench::trained();
    let text = bench.read("c.csv");
    let line = text.lines().nth(5).expect("a row");
    let expected = ["x.csv: 1 values of customerID stand in 2 rows, such as S7-0000004; keep one row"];
    check(&bench, format!("{text}{line}\n"), &expected);
    let model = "m/challenger.msgpack";
    bench.refused(&["evaluate", "--model", model, "--data", "x.csv"], &expected);
    bench.refused(&["gate", "--champion", model, "--challenger", model, "--data", "x.csv"], &expected);
    bench.ok(&["score", "--model", model, "--data", "x.csv", "-o", "s.csv"]);
}

#[test]
fn a_hold_out_of_all_or_of_none_is_refused_with_advice() {
    let bench = Bench::new();
    let head: Vec<String> = bench.read("c.csv").lines().take(41).map(str::to_owned).collect();
    bench.write("x.csv", &head.join("\n"));
    let train =
        |share| ["train", "--data", "x.csv", "--out", "n", "--config", "small.toml", "--holdout", share];
    bench.refused(&train("0.99999"), &["40 of the 40 customers would be held out", "--holdout 0"]);
    bench.refused(&train("0.00001"), &["0 of the 40 customers would be held out"]);
}

#[test]
fn thousands_of_faults_are_counted_and_the_first_are_listed() {
    let bench = Bench::trained();
    bench.ok(&["sample", "--rows", "3000", "--seed", "8", "-o", "x.csv"]);
    let text = bench.read("x.csv").replace("check", "\u{1b}[31mcheque");
    let bad = text.lines().filter(|line| line.contains("cheque")).count();
    assert!(1_000 < bad, "{bad}");
    bench.write("x.csv", &text);
    let score = ["score", "--model", "m/challenger.msgpack", "--data", "x.csv", "-o", "s.csv"];
    let output = bench.run(&score);
    let told = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{told:.300}");
    assert_eq!(told.lines().count(), 1 + 1_000 + 3, "{told:.300}");
    assert!(told.contains(" x unknown_category in PaymentMethod\n") && told.contains("--skip-bad-rows"));
    assert!(!told.contains('\u{1b}'), "a value of the file does not command the terminal");
    bench.ok(&[&score[..], &["--skip-bad-rows"]].concat());
    assert_eq!(bench.read("s.csv.rejected.csv").lines().count(), 1 + bad, "all of them are written");
}

#[test]
fn a_profile_counts_ids_with_outer_blanks() {
    let bench = Bench::new();
    bench.write("x.csv", &bench.read("c.csv").replacen("S7-0000003", " S7-0000003", 1));
    let shown: Value = serde_json::from_str(&bench.ok(&["profile", "x.csv", "--json"])).expect("JSON");
    assert_eq!(shown["profile"]["padded_ids"], 1);
    assert!(bench.ok(&["profile", "x.csv"]).contains("1 ids with outer blanks"));
}
