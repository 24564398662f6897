//! `churn gate`: may the challenger replace the champion? Every rule is judged and printed with its figure, and one
//! refusal is enough.
//!
//! Both models are judged on the same rows, which neither was fitted on: the hold-out of the file, which is the same for
//! every model for ever, or all of its rows where the caller says so. What a model keeps of its fitted rows is held against it.

mod evidence;
mod rules;
#[cfg(test)]
mod tests;
mod unseen;

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use self::evidence::{Evidence, Judged};
use self::rules::{Rule, judge};
use crate::artifacts;
use crate::config;
use crate::error::JobError;
use crate::format::pasted;
use crate::output;
use crate::source::{Labels, Source};

/// Judge a challenger against the champion: exit status 0 promotes, 3 refuses.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The champion's artifact.
    #[arg(long, value_name = "A", default_value = "model-artifacts/champion.msgpack")]
    champion: PathBuf,
    /// The challenger's artifact.
    #[arg(long, value_name = "B", default_value = "model-artifacts/challenger.msgpack")]
    challenger: PathBuf,
    /// File (.csv, .ndjson or .parquet) with the customer's columns and `Churn` (Yes or No).
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Judge on every row of the file: neither model was fitted on any.
    #[arg(long)]
    all_rows: bool,
    /// TOML file with [gate]; what it leaves out has its default.
    #[arg(long, value_name = "TOML")]
    config: Option<PathBuf>,
    /// Print the rules as JSON.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    fn judged(&self) -> Judged {
        if self.all_rows { Judged::All } else { Judged::HoldOut }
    }
}

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every rule holds.
    Promote,
    /// One does not.
    Refuse,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Verdict, JobError> {
    let config = config::read(arguments.config.as_deref())?.gate;
    if !arguments.champion.exists() {
        let challenger = pasted(&arguments.challenger);
        return Err(JobError::NoChampion { path: arguments.champion.clone(), challenger });
    }
    let champion = artifacts::load(&arguments.champion)?;
    let rules = match artifacts::load(&arguments.challenger) {
        Ok(challenger) => {
            let source = Source::read(&arguments.data, Labels::Required)?.whole()?.distinct()?;
            judge(&Evidence::of(&source, &champion, &challenger, arguments.judged())?, &config)?
        }
        // A file that is there and no sound model is refused like any other; one that is not there was mistyped.
        Err(JobError::Artifact { source, .. }) => vec![Rule::unsound(&source)],
        Err(error) => return Err(error),
    };
    let verdict = if rules.iter().all(|rule| rule.holds) { Verdict::Promote } else { Verdict::Refuse };
    output::say(&if arguments.json { as_json(verdict, &rules) } else { told(verdict, &rules) })?;
    Ok(verdict)
}

fn as_json(verdict: Verdict, rules: &[Rule]) -> String {
    let result = json!({"promote": verdict == Verdict::Promote, "rules": rules});
    serde_json::to_string_pretty(&result).expect("rules have a JSON form") + "\n"
}

/// One line a rule, the verdict last.
fn told(verdict: Verdict, rules: &[Rule]) -> String {
    let mut text = String::new();
    for rule in rules {
        let mark = if rule.holds { "ok     " } else { "REFUSED" };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{mark}  {:<18}  {}", rule.name, rule.figure);
    }
    let refused = rules.iter().filter(|rule| !rule.holds).count();
    text + &match verdict {
        Verdict::Promote => format!("promote: all {} rules hold\n", rules.len()),
        Verdict::Refuse => format!("refuse: {refused} of {} rules do not hold\n", rules.len()),
    }
}
