//! `churn VERB`: everything that happens to a model outside the function that serves it.
//!
//! One verb a file, each with its `Arguments` and its `run`. This crate does the reading and writing; what is computed
//! is in the crates under `shared/`.

mod artifacts;
mod champions;
mod error;
mod format;
mod lock;
mod mlflow;
mod output;
mod progress;
mod rejected;
mod report;
mod source;

mod config;
mod evaluate;
mod export;
mod gate;
mod import;
mod inspect;
mod process;
mod profile;
mod promote;
mod rollback;
mod sample;
mod score;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::gate::Verdict;

/// The exit status of a gate that refuses.
const REFUSED: u8 = 3;

/// Train, judge and ship churn models.
#[derive(Parser)]
#[command(name = "churn", version, max_term_width = 110, arg_required_else_help = true)]
#[command(after_help = "Exit status: 0 done, 1 failed, 2 usage or bad input, 3 the gate refused.")]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Sample(sample::Arguments),
    Profile(profile::Arguments),
    Train(train::Arguments),
    Evaluate(evaluate::Arguments),
    Gate(gate::Arguments),
    Promote(promote::Arguments),
    Rollback(rollback::Arguments),
    Score(score::Arguments),
    Export(export::Arguments),
    Import(import::Arguments),
    Inspect(inspect::Arguments),
}

fn main() -> ExitCode {
    let result = match CommandLine::parse().verb {
        Verb::Sample(arguments) => sample::run(&arguments),
        Verb::Profile(arguments) => profile::run(&arguments),
        Verb::Train(arguments) => train::run(&arguments),
        Verb::Evaluate(arguments) => evaluate::run(&arguments),
        Verb::Gate(arguments) => match gate::run(&arguments) {
            Ok(Verdict::Promote) => Ok(()),
            Ok(Verdict::Refuse) => return ExitCode::from(REFUSED),
            Err(error) => Err(error),
        },
        Verb::Promote(arguments) => promote::run(&arguments),
        Verb::Rollback(arguments) => rollback::run(&arguments),
        Verb::Score(arguments) => score::run(&arguments),
        Verb::Export(arguments) => export::run(&arguments),
        Verb::Import(arguments) => import::run(&arguments),
        Verb::Inspect(arguments) => inspect::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", error::report(&error));
            ExitCode::from(error.exit_status())
        }
    }
}
