//! `churn score`: a file of customers in, a file of scores out, by the same model and the same code as the function.

use std::path::PathBuf;

use churn::{Model, transform};
use clap::Args;
use csv::Writer;
use serde_json::json;

use crate::artifacts;
use crate::error::JobError;
use crate::output;
use crate::progress::Progress;
use crate::rejected::RejectedFile;
use crate::source::{Labels, Source};

/// Score customers offline.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The artifact.
    #[arg(long, value_name = "M")]
    model: PathBuf,
    /// CSV file with the customer's columns.
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
    let mut rejected = RejectedFile::beside(&arguments.output)?;
    for output in [&*arguments.output, rejected.path()] {
        output::is_none_of(output, &[&arguments.data, &arguments.model])?;
    }
    let loaded = artifacts::load(&arguments.model)?;
    let source = if arguments.skip_bad_rows {
        Source::read_with(&arguments.data, Labels::Ignored, &mut |header, raw, row| {
            rejected.push(header, raw, row)
        })?
    } else {
        Source::read(&arguments.data, Labels::Ignored)?.whole()?
    };
    let scores = scores(&source, loaded.artifact.model(), &loaded.version());
    let rejected_path = rejected.path().display().to_string();
    rejected.commit()?;
    output::write(&arguments.output, &scores)?;
    output::say(&told(arguments, &source, rejected_path, &loaded.version()))
}

/// The result: how many were scored, how many not, and where both are.
fn told(arguments: &Arguments, source: &Source, rejected_path: String, version: &str) -> String {
    let (scored, rejected, output) = (source.rows.len(), source.rejected.rows, arguments.output.display());
    let rejected_path = (rejected != 0).then_some(rejected_path);
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
    table(|writer| {
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

fn table(write: impl FnOnce(&mut Writer<Vec<u8>>) -> csv::Result<()>) -> Vec<u8> {
    let mut writer = Writer::from_writer(Vec::new());
    write(&mut writer).expect("rows of equal length can be written to memory");
    writer.into_inner().expect("memory can be flushed")
}
