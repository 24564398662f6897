//! `churn promote`: a challenger becomes the champion, and every champion is kept.

use std::path::{Path, PathBuf};

use churn::Card;
use clap::Args;
use serde_json::json;

use crate::artifacts;
use crate::champions::{Champions, Change};
use crate::error::JobError;
use crate::format::pasted;
use crate::mlflow::{self, Server};
use crate::output;

/// Make a challenger the champion that the next build serves.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The artifact; its card lies beside it.
    #[arg(long, value_name = "B", default_value = "model-artifacts/challenger.msgpack")]
    challenger: PathBuf,
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
    let challenger = artifacts::load(&arguments.challenger)?;
    let card = artifacts::load_card(&arguments.challenger, &challenger.sha256)?;
    Champions::read(&arguments.out)?.change(Change::Promote, &challenger, &card)?;
    output::say(&if arguments.json { as_json(&card) } else { told(&card) })?;
    server.map_or(Ok(()), |server| crown(&server, &arguments.out, &card))
}

/// Who is the champion now, for machines.
pub(crate) fn as_json(Card { version, model_type, .. }: &Card) -> String {
    format!("{}\n", json!({"version": version, "model_type": model_type}))
}

/// The same for people.
pub(crate) fn told(Card { version, model_type, .. }: &Card) -> String {
    format!("champion is now {version} ({model_type}); build the function to serve it\n")
}

/// Moves the aliases on the MLflow server, after the files.
pub(crate) fn crown(server: &Server, out: &Path, card: &Card) -> Result<(), JobError> {
    let number = mlflow::crown(server, &card.artifact_sha256).map_err(|error| {
        let state = format!(
            "the champion's files are in place; to move the aliases alone: churn rollback {} --out {} --mlflow {}",
            card.version,
            pasted(out),
            server.uri()
        );
        JobError::mlflow(error, state)
    })?;
    eprintln!("MLflow: version {number} of churn_classifier is the champion");
    Ok(())
}
