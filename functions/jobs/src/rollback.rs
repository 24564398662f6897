//! `churn rollback`: an earlier champion again.

use std::path::PathBuf;

use clap::Args;

use crate::champions::{self, Champions, Change};
use crate::error::JobError;
use crate::mlflow;
use crate::output;
use crate::promote::{as_json, crown, told};

/// Make an earlier champion the champion again.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Its version [default: the champion before the present one].
    version: Option<String>,
    /// Folder of the champion and of the history.
    #[arg(long, value_name = "DIR", default_value = "model-artifacts")]
    out: PathBuf,
    #[command(flatten)]
    mlflow: mlflow::Arguments,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    let server = arguments.mlflow.server()?;
    // Reading makes a missing folder, for a champion to come; a name that was mistyped is to leave none behind.
    if !arguments.out.exists() {
        return Err(not_kept(arguments, arguments.version.as_deref(), &[]));
    }
    let champions = Champions::read(&arguments.out)?;
    let version = chosen(&champions, arguments)?;
    let (model, card) = champions::load(&arguments.out, &version)?;
    champions.change(Change::Rollback, &model, &card)?;
    output::say(&if arguments.json { as_json(&card) } else { told(&card) })?;
    server.map_or(Ok(()), |server| crown(&server, &arguments.out, &card))
}

/// The version that was asked for, if the history holds it.
fn chosen(champions: &Champions, arguments: &Arguments) -> Result<String, JobError> {
    let kept = champions.kept()?;
    let wanted = arguments.version.as_deref().or_else(|| champions.before());
    match wanted {
        Some(wanted) if kept.iter().any(|version| version == wanted) => Ok(wanted.to_owned()),
        _ => Err(not_kept(arguments, wanted, &kept)),
    }
}

/// What the history holds instead of the version that is `wanted`.
fn not_kept(arguments: &Arguments, wanted: Option<&str>, kept: &[String]) -> JobError {
    JobError::Version {
        folder: arguments.out.join("history"),
        found: wanted.map_or_else(
            || "no champion before the present one".into(),
            |wanted| format!("no version {wanted}"),
        ),
        kept: if kept.is_empty() { "none at all".into() } else { kept.join(", ") },
    }
}
