//! `churn sample`: synthetic customers, for trying everything without anybody's data.

use std::path::PathBuf;

use churn::{CUSTOMER_ID, Field, YesNo};
use clap::{Args, value_parser};
use csv::Writer;
use rand::SeedableRng;
use rand_pcg::Pcg64;
use serde_json::json;

use crate::error::JobError;
use crate::process::Shift;
use crate::source::LABEL;
use crate::{output, process};

/// The column of the true probability.
const TRUTH: &str = "true_probability";

/// The process, for those who ask for help.
const PROCESS: &str = "Draw synthetic customers from a known process.

Contract: month-to-month 55 %, one year 21 %, two years 24 %. Tenure by contract: month-to-month the lower of two
uniform draws from 0..60, one year uniform 3..72, two years the higher of two from 6..72. Internet: DSL 34 %, fiber
44 %, none 22 %; with it security 35 %, support 35 %, TV 50 %. Monthly charge: 20 (none), 50 (DSL) or 82 (fiber)
dollars, 5 a service, and a triangular spread of 2, 14 or 14. Total: tenure times the charge, within 5 %. Electronic
check: 48 % of month-to-month, 14 % of others; the other methods share the rest. Paperless 59 %, senior 16 %.

log-odds of churn = -0.718
  + 0.9 month-to-month, -0.5 one year, -1.5 two years
  + 0.6 fiber, -0.5 no internet, + 0.5 electronic check, + 0.25 paperless, + 0.3 senior
  - 0.035 (tenure - 24) + 0.012 (monthly charge - 65)

which makes 44.6 % of the customers churn.";

/// Draw synthetic customers from a known process.
#[derive(Args)]
#[command(long_about = PROCESS)]
pub(crate) struct Arguments {
    /// Number of customers.
    #[arg(long, value_name = "N", default_value_t = 7000, value_parser = value_parser!(u64).range(1..))]
    rows: u64,
    /// Seed; the same gives the same customers on every machine.
    #[arg(long, value_name = "S", default_value_t = 42)]
    seed: u64,
    /// Draw from a process that has changed, for trials of drift.
    #[arg(long, value_name = "NAME", value_enum)]
    shift: Option<Shift>,
    /// Add the column `true_probability`.
    #[arg(long)]
    truth: bool,
    /// CSV file for the customers.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), JobError> {
    let file = output::create(&arguments.output)?;
    let mut writer = Writer::from_writer(file);
    let failed = |error: csv::Error| JobError::Write { path: arguments.output.clone(), source: error.into() };
    write(arguments, &mut writer).map_err(failed)?;
    let file = writer.into_inner().map_err(|error| failed(error.into_error().into()))?;
    output::commit(file, &arguments.output)?;
    let path = arguments.output.display();
    output::say(&if arguments.json {
        format!("{}\n", json!({"rows": arguments.rows, "seed": arguments.seed, "output": path.to_string()}))
    } else {
        format!("wrote {} customers to {path}\n", arguments.rows)
    })
}

fn write<W: std::io::Write>(arguments: &Arguments, writer: &mut Writer<W>) -> csv::Result<()> {
    let names = Field::ALL.iter().map(|field| field.name());
    let truth = arguments.truth.then_some(TRUTH);
    writer.write_record([CUSTOMER_ID].into_iter().chain(names).chain([LABEL]).chain(truth))?;
    let mut rng = Pcg64::seed_from_u64(arguments.seed);
    for row in 0..arguments.rows {
        let id = format!("S{}-{row:07}", arguments.seed);
        let drawn = process::draw(id.clone(), arguments.shift, &mut rng);
        writer.write_field(&id)?;
        for field in Field::ALL {
            writer.write_field(drawn.record.customer.text(field).as_bytes())?;
        }
        writer.write_field(churn::Category::label(if drawn.churned { YesNo::Yes } else { YesNo::No }))?;
        if arguments.truth {
            writer.write_field(drawn.probability.to_string())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(())
}
