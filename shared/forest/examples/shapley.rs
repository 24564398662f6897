//! Shapley values of forests from elsewhere: `shapley < forest.json > values.json`. The input holds the columns, the link
//! and rows of eight numbers; the output holds a base and eight contributions a row, and the microseconds a row that the
//! fastest of ten rounds took.

use std::error::Error;
use std::io::{stdin, stdout};
use std::time::Instant;

use forest::{Columns, Forest, Link};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    columns: Columns,
    link: Link,
    rows: Vec<[f32; 8]>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let input: Input = serde_json::from_reader(stdin().lock())?;
    let forest = Forest::parse(input.columns, input.link, 8)?;
    let mut values = Vec::new();
    let mut fastest = f64::INFINITY;
    for _ in 0..10 {
        let start = Instant::now();
        values = input.rows.iter().map(|row| forest.view().shapley(row)).collect();
        fastest = fastest.min(start.elapsed().as_secs_f64() * 1e6 / input.rows.len() as f64);
    }
    let rows = values.iter().zip(&input.rows).map(|(value, row)| {
        json!({"base": value.base, "contributions": value.contributions, "probability": forest.view().probability(row)})
    });
    let output = json!({"rows": rows.collect::<Vec<_>>(), "microseconds": fastest});
    serde_json::to_writer(stdout().lock(), &output)?;
    Ok(())
}
