//! `churn score`: a file of customers in, a file of scores out, by the same model and the same code as the function.

use std::path::{Path, PathBuf};

use churn::{Model, transform};
use clap::Args;
use serde_json::json;

use crate::artifacts;
use crate::error::JobError;
use crate::output;
use crate::progress::Progress;
use crate::rejected;
use crate::source::{Labels, Source};

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
    /// Score the sound rows and write the others, with their reasons, to OUT.rejected.csv.
    #[arg(long)]
    skip_bad_rows: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    output::is_none_of(&arguments.output, &[&arguments.data, &arguments.model])?;
    let loaded = artifacts::load(&arguments.model)?;
    let source = Source::read(&arguments.data, Labels::Ignored)?;
    let source = if arguments.skip_bad_rows { source } else { source.whole()? };
    let scores = scores(&source, loaded.artifact.model(), &loaded.version());
    if !source.rejected.is_empty() {
        output::write(&rejected_path(&arguments.output), &rejected::table(&source.header, &source.rejected))?;
    }
    output::write(&arguments.output, &scores)?;
    output::say(&told(arguments, &source, &loaded.version()))
}

/// The result: how many were scored, how many not, and where both are.
fn told(arguments: &Arguments, source: &Source, version: &str) -> String {
    let (scored, rejected, output) = (source.rows.len(), source.rejected.len(), arguments.output.display());
    let rejected_path = (rejected != 0).then(|| rejected_path(&arguments.output).display().to_string());
    if arguments.json {
        let result = json!({
            "model_version": version, "scored": scored, "output": output.to_string(),
            "rejected": rejected, "rejected_output": rejected_path,
        });
        return format!("{result}\n");
    }
    let rejected =
        rejected_path.map_or_else(String::new, |path| format!("{rejected} rows could not be: {path}\n"));
    format!("scored {scored} customers with model {version}: {output}\n{rejected}")
}

/// One row a customer. Probabilities are written in the shortest form that reads back to the same bits.
fn scores(source: &Source, model: Model<'_>, version: &str) -> Vec<u8> {
    output::csv(|writer| {
        writer.write_record([
            "customer_id",
            "churn_probability",
            "churn_prediction",
            "risk_level",
            "model_version",
        ])?;
        let progress = Progress::new("customers", source.rows.len() as u64);
        for row in &source.rows {
            let prediction = model.predict(&transform(&row.record.customer));
            let customer_id = row.record.customer_id.as_deref().unwrap_or_default();
            let probability = prediction.probability.get().to_string();
            writer.write_record([
                customer_id,
                &probability,
                prediction.label(),
                prediction.risk.label(),
                version,
            ])?;
            progress.advance(1);
        }
        Ok(())
    })
}

fn rejected_path(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".rejected.csv");
    name.into()
}
