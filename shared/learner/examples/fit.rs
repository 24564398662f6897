//! Fits one learner on a CSV of numbers whose last column is the label (0 or 1), and prints what it took and what came
//! out, as JSON: our side of the suites that fit scikit-learn and LightGBM on the same rows.
//!
//! `fit FILE KIND [NAME=VALUE...]`: KIND is `forest`, `boosting` or `logistic`; names are `rows` (above the file's they
//! are drawn with replacement), `threads`, `trees`, `max_depth`, `l2`, and `categories`, numbers of codes with commas.

use std::collections::HashMap;
use std::error::Error;
use std::time::Instant;

use learner::{
    Candidate, Dataset, Fitted, GradientBoostingParameters, Learner, LogisticRegressionParameters,
    RandomForestParameters, Threads,
};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, kind, settings @ ..] = &arguments[..] else {
        return Err("usage: fit FILE KIND [NAME=VALUE...]".into());
    };
    let settings: HashMap<&str, &str> =
        settings.iter().filter_map(|setting| setting.split_once('=')).collect();
    let candidate = candidate(kind, &settings)?;
    let dataset = dataset(&std::fs::read_to_string(file)?, &settings)?;
    let threads = Threads::new(settings.get("threads").unwrap_or(&"1").parse()?);
    let start = Instant::now();
    let fitted = candidate.fit(&dataset, threads, &|_| ())?;
    let seconds = start.elapsed().as_secs_f64();
    let found = match fitted {
        Fitted::Trees(model) => format!("\"nodes\":{}", model.forest().view().nodes()),
        Fitted::LogisticRegression(model) => {
            format!("\"intercept\":{:?},\"coefficients\":{:?}", model.intercept(), model.coefficients())
        }
    };
    println!("{{\"seconds\":{seconds},\"peak_bytes\":{},{found}}}", peak_bytes()?);
    Ok(())
}

/// The default parameters but for the settings; boosting on every row and feature, as its peers are by default.
fn candidate(kind: &str, settings: &HashMap<&str, &str>) -> Result<Candidate, Box<dyn Error>> {
    let count = |name: &str, default: u32| settings.get(name).map_or(Ok(default), |value| value.parse());
    let (trees, max_depth) = (count("trees", 100)?, count("max_depth", 3)?);
    let l2: f64 = settings.get("l2").unwrap_or(&"1").parse()?;
    Ok(match kind {
        "forest" => Candidate::RandomForest(
            RandomForestParameters { trees, max_depth, ..Default::default() }.check()?,
        ),
        "boosting" => {
            let [subsample, column_sample, column_sample_by_node] = [1.0; 3];
            Candidate::GradientBoosting(
                GradientBoostingParameters {
                    trees,
                    max_depth,
                    l2,
                    subsample,
                    column_sample,
                    column_sample_by_node,
                    ..Default::default()
                }
                .check()?,
            )
        }
        "logistic" => {
            let categories = settings.get("categories").ok_or("categories=... are needed")?.split(',');
            let categories = categories.map(str::parse).collect::<Result<Vec<usize>, _>>()?;
            Candidate::LogisticRegression(LogisticRegressionParameters { l2, categories }.check()?)
        }
        _ => return Err(format!("KIND is {kind}, expected forest, boosting or logistic").into()),
    })
}

/// The rows of `text` in their order, and after them draws with replacement.
fn dataset(text: &str, settings: &HashMap<&str, &str>) -> Result<Dataset, Box<dyn Error>> {
    let parse = |line: &str| line.split(',').map(str::parse).collect::<Result<Vec<f32>, _>>();
    let table: Vec<Vec<f32>> = text.lines().map(parse).collect::<Result<_, _>>()?;
    let rows = settings.get("rows").map_or(Ok(table.len()), |rows| rows.parse())?;
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
