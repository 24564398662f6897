//! `churn profile`: what is in a file of customers, before anything is learned from it.
//!
//! Bad rows do not end it, as they end training and scoring: a profile is what one looks at to find them. They are
//! counted by fault and column, with examples, and the figures of values are those of the other rows. The file's folder
//! `profile/` computes and knows no file; it lies in this crate because nothing that is served needs it.

mod associations;
mod consistency;
mod faults;
mod figures;
mod numbers;
mod rates;
mod statistics;
mod text;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

pub(crate) use self::associations::Correlation;
pub(crate) use self::faults::{BadRows, Blanks, Example};
pub(crate) use self::figures::{Churned, Profile};
pub(crate) use self::numbers::{Histogram, NumberSummary};
pub(crate) use self::rates::{FieldRates, Rate};
use crate::error::JobError;
use crate::output;
use crate::report;
use crate::source::{Labels, Source};
use crate::train::file_name;

/// Show what is in a file of customers: counts, blanks, bad rows, churn rates, correlations.
#[derive(Args)]
pub(crate) struct Arguments {
    /// File (.csv, .ndjson or .parquet) with the customer's columns; with `Churn` (Yes or No) there are churn rates too.
    #[arg(value_name = "FILE")]
    data: PathBuf,
    /// Write a page for people, one self-contained HTML file.
    #[arg(long, value_name = "R.html")]
    report: Option<PathBuf>,
    /// Print the profile as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    if let Some(report) = &arguments.report {
        output::is_none_of(report, &[&arguments.data])?;
    }
    let source = Source::read(&arguments.data, Labels::Optional)?;
    let profile = Profile::of(&source, file_name(&arguments.data));
    if let Some(path) = &arguments.report {
        output::write(path, report::profile_page(&profile).as_bytes())?;
    }
    let written = arguments.report.as_ref().map(|path| path.display().to_string());
    output::say(&if arguments.json {
        format!("{:#}\n", json!({"profile": profile, "report": written}))
    } else {
        let written = written.map_or_else(String::new, |path| format!("\nwrote {path}\n"));
        text::told(&profile) + &written
    })
}
