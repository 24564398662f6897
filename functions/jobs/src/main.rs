//! `churn VERB`: everything that happens to a model outside the function that serves it.
//!
//! One verb a file, each with its `Arguments` and its `run`. This crate does the reading and writing; what is computed
//! is in the crates under `shared/`.

mod artifacts;
mod error;
mod format;
mod output;
mod progress;
mod rejected;
mod report;
mod source;

mod config;
mod evaluate;
mod inspect;
mod process;
mod profile;
mod promote;
mod sample;
mod score;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Train, judge and ship churn models.
#[derive(Parser)]
#[command(name = "churn", version, max_term_width = 110, arg_required_else_help = true)]
#[command(after_help = "Exit status: 0 done, 1 failed, 2 usage or bad input.")]
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
    Promote(promote::Arguments),
    Score(score::Arguments),
    Inspect(inspect::Arguments),
}

fn main() -> ExitCode {
    let result = match CommandLine::parse().verb {
        Verb::Sample(arguments) => sample::run(&arguments),
        Verb::Profile(arguments) => profile::run(&arguments),
        Verb::Train(arguments) => train::run(&arguments),
        Verb::Evaluate(arguments) => evaluate::run(&arguments),
        Verb::Promote(arguments) => promote::run(&arguments),
        Verb::Score(arguments) => score::run(&arguments),
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
