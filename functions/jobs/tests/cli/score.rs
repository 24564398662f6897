//! Scoring from every format, with reasons and as a call list.

use std::fs::File;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float32Array, Float64Array, Int8Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, UInt16Array,
};
use evaluation::CampaignParameters;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, GzipLevel};
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value, json};

use crate::bench::Bench;

const NUMBERS: [&str; 4] = ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"];

/// The sample's columns: name and cells.
fn columns(csv: &str) -> Vec<(String, Vec<String>)> {
    let mut lines = csv.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let mut columns: Vec<_> =
        lines.next().expect("a header").into_iter().map(|name| (name, Vec::new())).collect();
    for line in lines {
        for (column, cell) in columns.iter_mut().zip(line) {
            column.1.push(cell);
        }
    }
    columns
}

/// The same customers, one object a line; a blank number is null.
fn ndjson(csv: &str) -> String {
    let columns = columns(csv);
    let cell = |name: &str, text: &str| {
        if NUMBERS.contains(&name) {
            serde_json::from_str(text.trim()).unwrap_or(Value::Null)
        } else {
            json!(text)
        }
    };
    let line = |row: usize| {
        let object: Map<_, _> =
            columns.iter().map(|(name, cells)| (name.clone(), cell(name, &cells[row]))).collect();
        format!("{}\n", Value::from(object))
    };
    (0..columns[0].1.len()).map(line).collect()
}

/// The column of a Parquet file, with the widest types that its cells allow.
fn wide(name: &str, cells: &[String]) -> ArrayRef {
    match name {
        "SeniorCitizen" | "tenure" => {
            Arc::new(Int64Array::from_iter(cells.iter().map(|cell| cell.parse().ok())))
        }
        "MonthlyCharges" | "TotalCharges" => {
            Arc::new(Float64Array::from_iter(cells.iter().map(|cell| cell.parse::<f64>().ok())))
        }
        _ => Arc::new(StringArray::from_iter_values(cells)),
    }
}

/// The same column in other types: narrow numbers, totals as text, dictionaries and large strings.
fn odd(name: &str, cells: &[String]) -> ArrayRef {
    match name {
        "SeniorCitizen" => Arc::new(Int8Array::from_iter(cells.iter().map(|cell| cell.parse().ok()))),
        "tenure" => Arc::new(UInt16Array::from_iter(cells.iter().map(|cell| cell.parse().ok()))),
        "MonthlyCharges" => {
            Arc::new(Float32Array::from_iter(cells.iter().map(|cell| cell.parse::<f32>().ok())))
        }
        "TotalCharges" => Arc::new(StringArray::from_iter_values(cells)),
        "Contract" | "PaymentMethod" => {
            Arc::new(cells.iter().map(String::as_str).collect::<DictionaryArray<Int32Type>>())
        }
        _ => Arc::new(LargeStringArray::from_iter_values(cells)),
    }
}

fn write_parquet(bench: &Bench, name: &str, columns: Vec<(String, ArrayRef)>, compression: Compression) {
    let batch = RecordBatch::try_from_iter(columns).expect("columns of equal length");
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(250))
        .build();
    let file = File::create(bench.path(name)).expect("the folder can be written");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("the batch can be written");
    writer.close().expect("the file can be finished");
}

fn parquet_of(csv: &str, array: fn(&str, &[String]) -> ArrayRef) -> Vec<(String, ArrayRef)> {
    columns(csv).iter().map(|(name, cells)| (name.clone(), array(name, cells))).collect()
}

fn arguments<'a>(data: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["score", "--model", "m/challenger.msgpack", "--data", data, "-o", "s.csv"], more].concat()
}

fn scores(bench: &Bench, data: &str, more: &[&str]) -> String {
    bench.ok(&arguments(data, more));
    bench.read("s.csv")
}

#[test]
fn every_format_gives_the_same_bytes() {
    let bench = Bench::trained();
    let text = bench.read("c.csv");
    let plain = scores(&bench, "c.csv", &["--explain"]);
    assert_eq!(plain.lines().count(), 601);
    let lines = ndjson(&text);
    bench.write("c.ndjson", &lines);
    assert_eq!(scores(&bench, "c.ndjson", &["--explain"]), plain);
    bench.write("c.JSONL", &format!("\u{feff}\n{}", lines.replace('\n', "\r\n\r\n")));
    assert_eq!(scores(&bench, "c.JSONL", &["--explain"]), plain);
    let snappy = Compression::SNAPPY;
    write_parquet(&bench, "wide.parquet", parquet_of(&text, wide), snappy);
    assert_eq!(scores(&bench, "wide.parquet", &["--explain"]), plain);
    for compression in
        [snappy, Compression::UNCOMPRESSED, Compression::GZIP(GzipLevel::default()), Compression::LZ4_RAW]
    {
        write_parquet(&bench, "odd.parquet", parquet_of(&text, odd), compression);
        assert_eq!(scores(&bench, "odd.parquet", &["--explain"]), plain, "{compression:?}");
    }
}

#[test]
fn every_verb_reads_every_format() {
    let bench = Bench::trained();
    let text = bench.read("c.csv");
    bench.write("c.ndjson", &ndjson(&text));
    write_parquet(&bench, "c.parquet", parquet_of(&text, wide), Compression::SNAPPY);
    let figures = |data: &str| {
        let evaluated = bench.ok(&["evaluate", "--model", "m/challenger.msgpack", "--data", data, "--json"]);
        let profile: Value = serde_json::from_str(&bench.ok(&["profile", data, "--json"])).expect("JSON");
        let mut profile = profile["profile"].clone();
        for of_file in ["file", "sha256"] {
            profile.as_object_mut().expect("an object").remove(of_file);
        }
        (evaluated, profile)
    };
    let plain = figures("c.csv");
    assert_eq!(figures("c.ndjson"), plain);
    assert_eq!(figures("c.parquet"), plain);
}

#[test]
fn an_extension_that_is_not_known_is_refused_with_those_that_are() {
    let bench = Bench::trained();
    bench.write("c.txt", &bench.read("c.csv"));
    let known = "a file of customers (.csv, .ndjson, .jsonl or .parquet) by its extension is expected";
    for data in ["c.txt", "c", "none.xlsx"] {
        bench.refused(&arguments(data, &[]), &[&format!("{data}: {known}")]);
    }
    assert!(!bench.path("s.csv").exists(), "nothing was written");
}

#[test]
fn bad_lines_of_ndjson_are_named_by_their_number() {
    let bench = Bench::trained();
    let text = ndjson(&bench.read("c.csv"));
    let mut lines: Vec<&str> = text.lines().collect();
    let wrong = lines[2]
        .replace("\"SeniorCitizen\":0", "\"SeniorCitizen\":7")
        .replace("\"SeniorCitizen\":1", "\"SeniorCitizen\":7");
    (lines[2], lines[4], lines[6], lines[8]) = (&wrong, "{\"tenure\": ", "", "[1,2]");
    bench.write("bad.ndjson", &lines.join("\n"));
    let before = bench.files();
    let named = [
        "bad.ndjson: 3 of the rows cannot be used",
        "line 3, column SeniorCitizen: must be a whole number from 0 to 1",
        "line 5, column (row): the line is no JSON object: EOF while parsing a value at column 10",
        "line 9, column (row): the line is no JSON object: invalid type: sequence, expected an object with the fields of a customer\n",
    ];
    bench.refused(&arguments("bad.ndjson", &[]), &named);
    assert_eq!(bench.files(), before);
    assert_eq!(scores(&bench, "bad.ndjson", &["--skip-bad-rows"]).lines().count(), 1 + 596);
    let rejected = csv_cells(&bench.read("s.csv.rejected.csv"));
    assert_eq!(rejected[0], ["line", "record", "reasons"]);
    let places: Vec<(&str, &str)> =
        rejected[1..].iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(places, [("3", wrong.as_str()), ("5", "{\"tenure\":"), ("9", "[1,2]")]);
    assert!(rejected[1][2].starts_with("SeniorCitizen: must be"), "{rejected:?}");
}

fn csv_cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| record.expect("a row of equal length").iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn bad_rows_of_parquet_are_named_by_their_number() {
    let bench = Bench::trained();
    let text = bench.read("c.csv");
    let mut columns = columns(&text);
    let of = |name: &str| columns.iter().position(|(column, _)| column == name).expect("the column");
    let (contract, monthly, tenure) = (of("Contract"), of("MonthlyCharges"), of("tenure"));
    columns[contract].1[3] = "monthly".into();
    columns[monthly].1[299] = "-0.1".into();
    columns[tenure].1[599] = "none".into();
    let mut arrays: Vec<(String, ArrayRef)> =
        columns.iter().map(|(name, cells)| (name.clone(), odd(name, cells))).collect();
    arrays.push(("flag".into(), Arc::new(BooleanArray::from_iter((0..600).map(|row| Some(row == 3))))));
    write_parquet(&bench, "bad.parquet", arrays, Compression::SNAPPY);
    let before = bench.files();
    let named = [
        "bad.parquet: 3 of the rows cannot be used",
        "row 4, column Contract: `monthly` is not a value of this field",
        "row 300, column MonthlyCharges: must be a number above 0",
        "row 600, column tenure: is required",
    ];
    bench.refused(&arguments("bad.parquet", &[]), &named);
    assert_eq!(bench.files(), before);
    assert_eq!(scores(&bench, "bad.parquet", &["--skip-bad-rows"]).lines().count(), 1 + 597);
    let rejected = csv_cells(&bench.read("s.csv.rejected.csv"));
    let header: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(rejected[0], [&["row"], &header[..], &["flag", "reasons"]].concat());
    for (row, place) in rejected[1..].iter().zip([3, 299, 599]) {
        let expected = columns.iter().map(|(_, cells)| cells[place].replace("none", ""));
        let expected: Vec<String> = [(place + 1).to_string()].into_iter().chain(expected).collect();
        // Floats come back in their shortest form; the sample writes them so.
        assert_eq!(row[..=columns.len()], expected);
        assert_eq!(row[columns.len() + 1], (place == 3).to_string());
    }
    // The next run knows the file as one of an earlier run, and takes it away where it has nothing for it.
    scores(&bench, "bad.parquet", &["--skip-bad-rows"]);
    scores(&bench, "c.csv", &["--skip-bad-rows"]);
    assert!(!bench.path("s.csv.rejected.csv").exists());
}

#[test]
fn ids_of_bad_rows_count_as_duplicates_in_every_format() {
    let bench = Bench::new();
    let mut text = bench.read("c.csv");
    let again = text.lines().nth(5).expect("a row").replace("Yes", "yess").replace("No", "noo");
    text += &format!("{again}\n");
    bench.write("x.csv", &text);
    bench.write("x.ndjson", &ndjson(&text));
    write_parquet(&bench, "x.parquet", parquet_of(&text, wide), Compression::SNAPPY);
    for data in ["x.csv", "x.ndjson", "x.parquet"] {
        let told = bench.ok(&["profile", data]);
        let expected = "1 values of customerID stand in 2 rows: S7-0000004";
        assert!(told.contains("601 rows, 600 usable, 1 at fault") && told.contains(expected), "{told}");
    }
}

#[test]
fn a_parquet_file_of_another_kind_is_explained() {
    let bench = Bench::trained();
    let text = bench.read("c.csv");
    let check = |name: &str, expected: &[&str]| bench.refused(&arguments(name, &[]), expected);
    bench.write("x.parquet", &text);
    check("x.parquet", &["x.parquet: Parquet error"]);
    write_parquet(&bench, "whole.parquet", parquet_of(&text, wide), Compression::SNAPPY);
    let bytes = std::fs::read(bench.path("whole.parquet")).expect("the file");
    std::fs::write(bench.path("half.parquet"), &bytes[..bytes.len() / 2]).expect("the folder can be written");
    check("half.parquet", &["half.parquet: "]);
    let mut columns = parquet_of(&text, wide);
    columns.retain(|(name, _)| name != "tenure");
    write_parquet(&bench, "less.parquet", columns.clone(), Compression::SNAPPY);
    check("less.parquet", &["the header has no column tenure"]);
    columns.push(("tenure".into(), Arc::new(BooleanArray::from(vec![true; 600]))));
    write_parquet(&bench, "type.parquet", columns, Compression::SNAPPY);
    check("type.parquet", &["row 1, column tenure: must be a whole number", "found: boolean"]);
    let empty = parquet_of(text.lines().next().expect("a header"), wide);
    write_parquet(&bench, "empty.parquet", empty, Compression::SNAPPY);
    check("empty.parquet", &["the file has no rows"]);
    bench.write("empty.ndjson", "\n \n");
    check("empty.ndjson", &["the file has no rows"]);
    assert!(!bench.path("s.csv").exists(), "nothing was written");
}

#[test]
fn explained_scores_have_three_reasons_each() {
    let bench = Bench::trained();
    let plain = scores(&bench, "c.csv", &[]);
    let explained = scores(&bench, "c.csv", &["--explain"]);
    let loaded = std::fs::read(bench.path("m/challenger.msgpack")).expect("the model");
    let artifact = churn::Artifact::decode(&loaded).expect("a sound model");
    let customers = columns(&bench.read("c.csv"));
    let explained = csv_cells(&explained);
    assert_eq!(explained[0][5..], ["reason_1", "reason_2", "reason_3"]);
    for (row, (plain, explained)) in csv_cells(&plain)[1..].iter().zip(&explained[1..]).enumerate() {
        assert_eq!(plain[..], explained[..5]);
        let mut record = churn::Record::default();
        for (name, cells) in &customers {
            record.insert(name, churn::Cell::Untyped(cells[row].as_str().into()));
        }
        let customer = churn::CustomerRecord::parse(&record).expect("a sound record").customer;
        let mut reasons = artifact.model().explain(&customer).reasons;
        reasons.resize(3.max(reasons.len()), String::new());
        assert_eq!(explained[5..], reasons[..3]);
    }
    assert!(explained[1..].iter().any(|row| row[5].contains(" points")), "{:?}", explained[1]);
}

/// Every customer whom calling is expected to pay, with the profit by hand, best first.
fn paying(scores: &str, parameters: CampaignParameters) -> Vec<(String, f64)> {
    let CampaignParameters { alpha, beta, lifetime_value, offer, contact } = parameters;
    let share = alpha / (alpha + beta);
    let mut paying: Vec<(String, f64)> = Vec::new();
    for row in &csv_cells(scores)[1..] {
        let p: f64 = row[1].parse().expect("a probability");
        let profit = p * share * (lifetime_value - offer) - (1.0 - p) * offer - contact;
        if 0.0 < profit {
            paying.push((row[0].clone(), profit));
        }
    }
    paying.sort_by(|a, b| b.1.partial_cmp(&a.1).expect("numbers"));
    paying
}

fn check_list(bench: &Bench, more: &[&str], budget: usize, paying: &[(String, f64)]) {
    let listed = scores(bench, "c.csv", &[&["--budget", &budget.to_string()], more].concat());
    let listed = csv_cells(&listed);
    assert_eq!(listed[0].last().map(String::as_str), Some("expected_profit"));
    let ranks: Vec<String> = (1..=paying.len().min(budget)).map(|rank| rank.to_string()).collect();
    assert_eq!(listed[1..].iter().map(|row| row[row.len() - 2].clone()).collect::<Vec<_>>(), ranks);
    for (row, (id, profit)) in listed[1..].iter().zip(paying) {
        assert_eq!(row[0], *id);
        let found: f64 = row[row.len() - 1].parse().expect("a number");
        assert!((found - profit).abs() < 1e-9, "{found} and {profit}");
    }
}

#[test]
fn a_call_list_holds_the_most_profitable_customers_in_order() {
    let bench = Bench::trained();
    let all = scores(&bench, "c.csv", &[]);
    let defaults = CampaignParameters::default();
    let paying_by_default = paying(&all, defaults);
    assert!(50 < paying_by_default.len() && paying_by_default.len() < 600, "{}", paying_by_default.len());
    check_list(&bench, &[], 50, &paying_by_default);
    check_list(&bench, &["--explain"], 1, &paying_by_default);
    check_list(&bench, &[], 600, &paying_by_default);
    bench.write("dear.toml", "[campaign]\nlifetime_value = 60\noffer = 20\ncontact = 2\n");
    let dear = CampaignParameters { lifetime_value: 60.0, offer: 20.0, contact: 2.0, ..defaults };
    check_list(&bench, &["--config", "dear.toml"], 600, &paying(&all, dear));
    let header =
        "customer_id,churn_probability,churn_prediction,risk_level,model_version,rank,expected_profit\n";
    bench.write("loss.toml", "[campaign]\ncontact = 100\n");
    assert_eq!(scores(&bench, "c.csv", &["--budget", "5", "--config", "loss.toml"]), header);
}

#[test]
fn a_call_list_says_what_it_is_worth_and_what_it_is_not() {
    let bench = Bench::trained();
    let paying = paying(&scores(&bench, "c.csv", &[]), CampaignParameters::default());
    let worth: f64 = paying.iter().take(20).map(|(_, profit)| profit).sum();
    let people = bench.ok(&arguments("c.csv", &["--budget", "20"]));
    for expected in [
        format!("listed 20 of them to call: {} have an expected profit above 0", paying.len()),
        format!("expected profit of these calls: {worth:.2}"),
        "Those at highest risk are not always the best to call (Ascarza 2018)".into(),
    ] {
        assert!(people.contains(&expected), "{people}");
    }
    let short = bench.ok(&arguments("c.csv", &["--budget", "5000"]));
    let expected = format!("listed {} of them to call, though 5,000 were asked for", paying.len());
    assert!(short.contains(&expected), "{short}");
    let shown: Value =
        serde_json::from_str(&bench.ok(&arguments("c.csv", &["--budget", "20", "--json"]))).expect("JSON");
    let calls = &shown["calls"];
    assert_eq!((&calls["budget"], &calls["listed"]), (&20.into(), &20.into()));
    assert_eq!(calls["profitable"], paying.len());
    assert!((calls["expected_profit"].as_f64().expect("a number") - worth).abs() < 1e-6, "{calls}");
    assert!(calls["note"].as_str().is_some_and(|note| note.contains("to measure")), "{calls}");
}

#[test]
fn a_budget_without_calls_and_a_campaign_without_budget_are_refused() {
    let bench = Bench::trained();
    bench.refused(&arguments("c.csv", &["--budget", "0"]), &["invalid value '0' for '--budget"]);
    bench.refused(&arguments("c.csv", &["--config", "small.toml"]), &["--budget <N>"]);
    bench.write("x.toml", "[campaign]\noffer = 500\n");
    let wrong = ["--budget", "5", "--config", "x.toml"];
    bench.refused(
        &arguments("c.csv", &wrong),
        &["lifetime_value is 200.0, expected a number above the offer"],
    );
    assert!(!bench.path("s.csv").exists(), "nothing was written");
}
