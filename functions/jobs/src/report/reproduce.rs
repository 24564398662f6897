//! How to make the same model again: what ran, on what, and what must come out.

use churn::Parameter;
use maud::{Markup, html};

use super::data::ReportData;
use super::headline::spaced;
use super::page::{Cell, facts, table};
use crate::format::count;

pub(super) fn body(data: &ReportData) -> Markup {
    let (card, size) = (&data.card, &data.size);
    let parameter = |(name, value): (&String, &Parameter)| {
        let value = match value {
            Parameter::Count(value) => value.to_string(),
            Parameter::Number(value) => value.to_string(),
            Parameter::Name(value) => value.clone(),
        };
        vec![Cell::words(name.clone()), Cell::words(value)]
    };
    html! {
        pre { code { (card.command) } }
        p { "The same data, parameters and seed give the same bytes, on any machine and with any number of threads." }
        (facts(&[
            ("Model", format!("{}, {}", card.version, spaced(&card.model_type))),
            ("Artifact SHA-256", card.artifact_sha256.clone()),
            ("Size", format!("{} trees, {} nodes, depth {}, {} bytes", count(size.trees as u64), count(size.nodes as u64), size.depth, count(size.bytes as u64))),
            ("Data", card.data.file.clone()),
            ("Data SHA-256", card.data.sha256.clone()),
            ("Rows", format!("{}: {} fitted on, {} held out", count(card.data.rows), count(card.data.fitted_rows), count(card.data.holdout_rows))),
            ("Seed", data.provenance.seed.to_string()),
            ("Trainer", data.provenance.trainer.clone()),
            ("Git revision", card.git_revision.clone().unwrap_or_else(|| "not known: built outside a repository".to_owned())),
            ("Trained", format!("{}, {:.1} seconds on {}", card.trained_at, card.duration_seconds, card.machine)),
            ("Risk bands", format!("MEDIUM from {}, HIGH from {}", card.decision.medium, card.decision.high)),
        ]))
        h3 { "Parameters" }
        (table("Parameters", &["Name", "Value"], card.parameters.iter().map(parameter).collect()))
    }
}
