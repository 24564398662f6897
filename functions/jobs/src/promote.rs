//! `churn promote`: a challenger becomes the champion, and every champion is kept.
//!
//! The history is written first and the champion replaced last, by one rename: whenever this is cut off, the champion
//! is the old one or the new one, and either has its card.

use std::path::{Path, PathBuf};

use churn::Card;
use clap::Args;
use serde_json::json;

use crate::artifacts::{self, card_path};
use crate::error::JobError;
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
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    let challenger = artifacts::load(&arguments.challenger)?;
    let card = artifacts::load_card(&arguments.challenger, &challenger.sha256)?;
    let kept = kept(&arguments.out, &card.version);
    output::write(&kept, &challenger.bytes)?;
    output::write(&card_path(&kept), card.to_json().as_bytes())?;
    output::write(&arguments.out.join("champion.msgpack"), &challenger.bytes)?;
    let Card { version, model_type, .. } = card;
    output::say(&if arguments.json {
        format!("{}\n", json!({"version": version, "model_type": model_type}))
    } else {
        format!("champion is now {version} ({model_type}); build the function to serve it\n")
    })
}

/// Where the artifact of `version` is kept.
fn kept(out: &Path, version: &str) -> PathBuf {
    out.join("history").join(format!("{version}.msgpack"))
}
