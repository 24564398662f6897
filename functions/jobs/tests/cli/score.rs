//! Scoring from every format.

use std::fs::File;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float32Array, Float64Array, Int8Array, Int64Array,
    LargeStringArray, RecordBatch, StringArray, UInt16Array,
};
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
    let plain = scores(&bench, "c.csv", &[]);
    assert_eq!(plain.lines().count(), 601);
    let lines = ndjson(&text);
    bench.write("c.ndjson", &lines);
    assert_eq!(scores(&bench, "c.ndjson", &[]), plain);
    bench.write("c.JSONL", &format!("\u{feff}\n{}", lines.replace('\n', "\r\n\r\n")));
    assert_eq!(scores(&bench, "c.JSONL", &[]), plain);
    let snappy = Compression::SNAPPY;
    write_parquet(&bench, "wide.parquet", parquet_of(&text, wide), snappy);
    assert_eq!(scores(&bench, "wide.parquet", &[]), plain);
    for compression in
        [snappy, Compression::UNCOMPRESSED, Compression::GZIP(GzipLevel::default()), Compression::LZ4_RAW]
    {
        write_parquet(&bench, "odd.parquet", parquet_of(&text, odd), compression);
        assert_eq!(scores(&bench, "odd.parquet", &[]), plain, "{compression:?}");
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
