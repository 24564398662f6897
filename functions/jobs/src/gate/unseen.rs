//! Whether a model may have been fitted on the rows that it is judged on: what can be known is told, what is not known is
//! said to be.

use churn::{Artifact, CustomerIds};

use super::evidence::Judged;
use crate::source::{Row, Source};
use crate::train::HOLDOUT;

/// Part of the judged rows that may have been fitted on: in the Telco file 1.5 % of any 30 % of the rows equal one of the
/// others in all fields.
const MOST_SEEN: f64 = 0.05;

/// What is known of all `models` with their names, or why one of them may not be judged on `rows` of `source`.
pub(super) fn unseen(
    models: [(&str, &Artifact); 2],
    source: &Source,
    rows: &[&Row],
    judged: Judged,
) -> Result<String, String> {
    let known = models.map(|(name, model)| {
        match judged {
            Judged::All => same_file(name, model, source),
            Judged::HoldOut => other_hold_out(name, model, source),
        }?;
        sketched(name, model, rows)
    });
    let [champion, challenger] = known;
    Ok(format!("{}; {}", champion?, challenger?))
}

fn same_file(name: &str, model: &Artifact, source: &Source) -> Result<(), String> {
    if model.provenance.data_sha256 == source.sha256 {
        return Err(format!("the {name} was fitted on rows of this very file, so --all-rows cannot stand"));
    }
    Ok(())
}

/// Why the hold-out of `source` need not be the one that the model spares.
fn other_hold_out(name: &str, model: &Artifact, source: &Source) -> Result<(), String> {
    let provenance = &model.provenance;
    if provenance.fitted_rows == 0 {
        return Err(format!(
            "another program fitted the {name}, on rows that are not known; judge it by --all-rows on customers that nobody saw"
        ));
    }
    // The hash holds out a share that varies by chance: four standard deviations of it are let pass.
    let (fitted, rows) = (provenance.fitted_rows as f64, provenance.data_rows as f64);
    let most = (1.0 - HOLDOUT) * rows + 4.0 * (HOLDOUT * (1.0 - HOLDOUT) * rows).sqrt();
    if most < fitted {
        return Err(format!(
            "the {name} was fitted on {fitted} of {rows} rows, so the hold-out was among them; train with --holdout {HOLDOUT}"
        ));
    }
    let here = CustomerIds::of(source.rows.iter().map(|row| &row.record));
    match &provenance.seen {
        Some(seen) if seen.customer_ids != here => Err(format!(
            "{} of this file has a customerID, and {} of the file that the {name} was fitted on, so that its hold-out was another; judge by --all-rows on customers that nobody saw",
            having(here),
            having(seen.customer_ids)
        )),
        _ => Ok(()),
    }
}

fn having(ids: CustomerIds) -> &'static str {
    match ids {
        CustomerIds::EveryRow => "every row",
        CustomerIds::SomeRows => "not every row",
        CustomerIds::NoRow => "no row",
    }
}

/// What the model's own record tells of the judged rows.
fn sketched(name: &str, model: &Artifact, rows: &[&Row]) -> Result<String, String> {
    let Some(seen) = &model.provenance.seen else {
        return Ok(format!("what the {name} was fitted on is not known: its artifact keeps no record of it"));
    };
    let met = seen.sketch.meet(rows.iter().map(|row| &row.record.customer));
    let figure = format!(
        "the {name} was fitted on {} of the {} judged rows that its record tells of, at most {} %",
        met.fitted,
        met.told,
        100.0 * MOST_SEEN
    );
    if MOST_SEEN * (met.told as f64) < met.fitted as f64 { Err(figure) } else { Ok(figure) }
}
