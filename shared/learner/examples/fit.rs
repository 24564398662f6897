//! Fits one learner on a CSV of numbers whose last column is the label, and prints what it took: the other side of
//! `.ci/real/report`, which fits scikit-learn and LightGBM on the same rows.
//!
//! `fit FILE ROWS KIND TREES DEPTH THREADS`; KIND is `forest` or `boosting`. ROWS above the file's are resampled.

use std::error::Error;
use std::time::Instant;

use learner::{Dataset, GradientBoostingParameters, Learner, RandomForestParameters, Threads};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, rows, kind, trees, max_depth, threads] = &arguments[..] else {
        return Err("usage: fit FILE ROWS KIND TREES DEPTH THREADS".into());
    };
    let (rows, trees, max_depth) = (rows.parse()?, trees.parse()?, max_depth.parse()?);
    let threads = Threads::new(threads.parse()?);
    let dataset = dataset(&std::fs::read_to_string(file)?, rows)?;
    let before = peak_bytes()?;
    let start = Instant::now();
    let model = match kind.as_str() {
        "forest" => RandomForestParameters { trees, max_depth, ..Default::default() }.check()?.fit(
            &dataset,
            threads,
            &|_| (),
        )?,
        "boosting" => GradientBoostingParameters {
            trees,
            max_depth,
            subsample: 1.0,
            column_sample: 1.0,
            ..Default::default()
        }
        .check()?
        .fit(&dataset, threads, &|_| ())?,
        _ => return Err(format!("KIND is {kind}, expected forest or boosting").into()),
    };
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{{\"seconds\":{seconds},\"rows\":{rows},\"nodes\":{},\"peak_bytes\":{},\"peak_bytes_before\":{before}}}",
        model.forest().view().nodes(),
        peak_bytes()?
    );
    Ok(())
}

/// The rows of `text` in their order, and after them draws with replacement.
fn dataset(text: &str, rows: usize) -> Result<Dataset, Box<dyn Error>> {
    let lines: Vec<&str> = text.lines().collect();
    let parse = |line: &str| line.split(',').map(str::parse).collect::<Result<Vec<f32>, _>>();
    let table: Vec<Vec<f32>> = lines.into_iter().map(parse).collect::<Result<_, _>>()?;
    let mut rng = Pcg64::seed_from_u64(1);
    let picked: Vec<usize> =
        (0..rows).map(|row| if row < table.len() { row } else { rng.random_range(0..table.len()) }).collect();
    let features = table[0].len() - 1;
    let x = Array2::from_shape_fn((rows, features), |(row, feature)| table[picked[row]][feature]);
    Ok(Dataset::parse(x, picked.iter().map(|&row| 0.5 < table[row][features]).collect())?)
}

/// The most memory that this process has had resident.
fn peak_bytes() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("the kernel tells no VmHWM")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).ok_or("VmHWM without a number")?.parse()?;
    Ok(1024 * kilobytes)
}
