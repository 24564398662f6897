//! `churn score`: a file of customers in, a file of scores out, by the same model and the same code as the function.

mod calls;
mod sheet;

use std::path::PathBuf;

use churn::Model;
use clap::Args;
use serde_json::{Value, json};

use self::calls::CallList;
use self::sheet::{Lines, Scored, Sheet};
use crate::error::JobError;
use crate::progress::Progress;
use crate::rejected::RejectedFile;
use crate::source::{Labels, Source};
use crate::{artifacts, config, output};

/// Score customers offline.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The artifact.
    #[arg(long, value_name = "M")]
    model: PathBuf,
    /// File (.csv, .ndjson or .parquet) with the customer's columns.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// CSV file for the scores.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Add the three features that move each probability most, as sentences.
    #[arg(long)]
    explain: bool,
    /// Write a call list instead: the N customers with the highest expected profit, as far as it is above 0.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    budget: Option<u64>,
    /// TOML file whose [campaign] says what a call earns and costs.
    #[arg(long, value_name = "TOML", requires = "budget")]
    config: Option<PathBuf>,
    /// Score the sound rows and write the others, with their reasons, to OUT.rejected.csv.
    #[arg(long)]
    skip_bad_rows: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    let mut rejected = RejectedFile::beside(&arguments.output)?;
    let inputs = [&arguments.data, &arguments.model].into_iter().chain(&arguments.config);
    let inputs: Vec<_> = inputs.map(PathBuf::as_path).collect();
    for output in [&*arguments.output, rejected.path()] {
        output::is_none_of(output, &inputs)?;
    }
    let campaign = config::read(arguments.config.as_deref())?.campaign.campaign()?;
    let loaded = artifacts::load(&arguments.model)?;
    let source = read(arguments, &mut rejected)?;
    let model = loaded.artifact.model();
    let scored = scored(&source, model);
    let lines = match arguments.budget {
        Some(budget) => Lines::Calls(CallList::of(scored, &campaign, budget)),
        None => Lines::All(scored),
    };
    let sheet = Sheet { version: loaded.version(), explainer: arguments.explain.then_some(model), lines };
    let bytes = sheet.to_csv();
    let rejected_path = rejected.path().display().to_string();
    rejected.commit()?;
    output::write(&arguments.output, &bytes)?;
    output::say(&told(arguments, &source, rejected_path, &sheet))
}

/// The rows to score, all of them without fault; where some may be skipped, they are written to `rejected`.
fn read(arguments: &Arguments, rejected: &mut RejectedFile) -> Result<Source, JobError> {
    if !arguments.skip_bad_rows {
        return Source::read(&arguments.data, Labels::Ignored)?.whole();
    }
    let mut push = |header: &_, raw: &_, row: &_| rejected.push(header, raw, row);
    Source::read_with(&arguments.data, Labels::Ignored, &mut push)
}

fn scored<'a>(source: &'a Source, model: Model<'_>) -> Vec<Scored<'a>> {
    let progress = Progress::new("customers", source.rows.len() as u64);
    let score = |row| {
        progress.advance(1);
        Scored::of(row, model)
    };
    source.rows.iter().map(score).collect()
}

/// The result: how many were scored, how many not, where both are, and what a call list is worth.
fn told(arguments: &Arguments, source: &Source, rejected_path: String, sheet: &Sheet<'_>) -> String {
    let (scored, rejected, output) = (source.rows.len(), source.rejected.rows, arguments.output.display());
    let rejected_path = (rejected != 0).then_some(rejected_path);
    let version = &sheet.version;
    if arguments.json {
        let calls = match &sheet.lines {
            Lines::All(_) => Value::Null,
            Lines::Calls(list) => list.to_json(),
        };
        let result = json!({
            "model_version": version, "scored": scored, "output": output.to_string(),
            "rejected": rejected, "rejected_output": rejected_path, "calls": calls,
        });
        return format!("{result}\n");
    }
    let rejected =
        rejected_path.map_or_else(String::new, |path| format!("{rejected} rows could not be: {path}\n"));
    let calls = match &sheet.lines {
        Lines::All(_) => String::new(),
        Lines::Calls(list) => list.told(),
    };
    format!("scored {scored} customers with model {version}: {output}\n{rejected}{calls}")
}
