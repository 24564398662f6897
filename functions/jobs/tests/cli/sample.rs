//! `churn sample`: the promised process, and what each shift moves.

use crate::bench::Bench;

/// Columns of a sample: customerID, the eleven fields, Churn, and the true probability where it was asked for.
const MONTHLY: usize = 3;
const CONTRACT: usize = 9;
const PAYMENT: usize = 10;
const CHURN: usize = 12;
const TRUTH: usize = 13;

fn drawn(bench: &Bench, shift: &[&str]) -> Vec<csv::StringRecord> {
    let usual = ["sample", "--rows", "20000", "--truth", "-o", "drawn.csv"];
    bench.ok(&[&usual, shift].concat());
    let mut reader = csv::Reader::from_path(bench.path("drawn.csv")).expect("a file");
    reader.records().map(|row| row.expect("a row")).collect()
}

fn share(rows: &[csv::StringRecord], column: usize, value: &str) -> f64 {
    rows.iter().filter(|row| &row[column] == value).count() as f64 / rows.len() as f64
}

fn mean(rows: &[csv::StringRecord], column: usize) -> f64 {
    rows.iter().map(|row| row[column].parse::<f64>().expect("a number")).sum::<f64>() / rows.len() as f64
}

#[test]
fn a_sample_is_a_function_of_its_seed_and_has_the_promised_churn_rate() {
    let bench = Bench::new();
    bench.ok(&["sample", "--rows", "600", "--seed", "7", "-o", "again.csv"]);
    assert_eq!(bench.read("again.csv"), bench.read("c.csv"));
    let rows = drawn(&bench, &[]);
    let (churned, truth) = (share(&rows, CHURN, "Yes"), mean(&rows, TRUTH));
    assert!((churned - 0.446).abs() < 0.012, "churn rate {churned}");
    assert!((churned - truth).abs() < 0.012, "true rate {truth}");
}

#[test]
fn a_shift_moves_what_it_names_and_nothing_else() {
    let bench = Bench::new();
    let usual = drawn(&bench, &[]);
    for (shift, moved) in [("price-rise", MONTHLY), ("new-payment", PAYMENT), ("concept", TRUTH)] {
        let rows = drawn(&bench, &["--shift", shift]);
        assert!(usual.iter().zip(&rows).any(|(before, after)| before[moved] != after[moved]), "{shift}");
        for (before, after) in usual.iter().zip(&rows) {
            for column in (0..CHURN).filter(|&column| column != moved) {
                assert_eq!(before[column], after[column], "{shift}, column {column}");
            }
        }
    }
}

#[test]
fn each_shift_is_of_the_promised_size() {
    let bench = Bench::new();
    let usual = drawn(&bench, &[]);
    let price = mean(&drawn(&bench, &["--shift", "price-rise"]), MONTHLY) / mean(&usual, MONTHLY);
    assert!((price - 1.15).abs() < 1e-4, "{price}");
    let contracts = share(&drawn(&bench, &["--shift", "contract-mix"]), CONTRACT, "Month-to-month");
    assert!((contracts - 0.80).abs() < 0.01, "{contracts}");
    let checks = share(&drawn(&bench, &["--shift", "new-payment"]), PAYMENT, "Electronic check");
    assert!((checks / share(&usual, PAYMENT, "Electronic check") - 0.25).abs() < 0.02, "{checks}");
    bench.refused(&["sample", "--shift", "sideways", "-o", "no.csv"], &["price-rise", "concept"]);
}
