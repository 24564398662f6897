//! Every model that was tried, and the groups of customers that the selected one was judged on.

use churn::{CandidateFacts, Parameter};
use evaluation::Slice;
use maud::{Markup, html};

use super::data::ReportData;
use super::headline::spaced;
use super::page::{Cell, table};
use crate::format::{count, deviation, percent};

pub(super) fn body(data: &ReportData) -> Markup {
    let heads = [
        "Candidate",
        "ROC-AUC, mean",
        "Standard deviation",
        "Less the selected",
        "95 % interval",
        "Nodes",
        "Parameters",
    ];
    html! {
        p {
            "Every candidate was fitted and judged on the same folds. The difference is taken fold by fold, so that folds that are hard for all do not blur it; its interval allows for the rows that folds share (Nadeau and Bengio 2003)."
        }
        (table("Candidates", &heads, data.card.candidates.iter().map(row).collect()))
    }
}

fn row(candidate: &CandidateFacts) -> Vec<Cell> {
    let role = match (candidate.selected, candidate.nodes == 0.0) {
        (true, _) => " (selected)",
        (false, true) => " (yardstick, cannot ship)",
        (false, false) => "",
    };
    let none = || "–".to_owned();
    let (difference, interval) = candidate.difference.map_or_else(
        || (none(), none()),
        |of| (format!("{:+.4}", of.mean), format!("{:+.4} to {:+.4}", of.interval.low, of.interval.high)),
    );
    let value = |value: &Parameter| match value {
        Parameter::Count(count) => count.to_string(),
        Parameter::Number(number) => number.to_string(),
        Parameter::Name(name) => name.clone(),
    };
    let parameters: Vec<String> =
        candidate.parameters.iter().map(|(name, of)| format!("{name} {}", value(of))).collect();
    let nodes = if candidate.nodes == 0.0 { none() } else { count(candidate.nodes.round() as u64) };
    vec![
        Cell::words(format!("{}{role}", spaced(&candidate.model_type))),
        Cell::figure(format!("{:.4}", candidate.cross_validation.roc_auc_mean)),
        Cell::figure(deviation(&candidate.cross_validation).map_or_else(none, |sd| format!("{sd:.4}"))),
        Cell::figure(difference),
        Cell::figure(interval),
        Cell::figure(nodes),
        Cell::words(parameters.join(", ")),
    ]
}

/// The groups.
pub(super) fn slices(data: &ReportData) -> Markup {
    let heads = ["Field", "Group", "Customers", "Churned", "Mean risk", "ROC-AUC", "95 % interval", "Recall"];
    html! {
        p {
            "A model that is good for all may be bad for some. Where mean risk and churn rate are far apart, the probabilities are off for that group; where the interval of the ROC-AUC is long, the group is small."
        }
        (table("Groups of customers", &heads, data.judged.slices.iter().map(slice).collect()))
    }
}

fn slice(slice: &Slice) -> Vec<Cell> {
    let auc = slice.roc_auc.map_or_else(|| "one outcome only".to_owned(), |auc| format!("{auc:.3}"));
    let interval = slice
        .roc_auc_interval
        .map_or_else(|| "–".to_owned(), |of| format!("{:.3} to {:.3}", of.low, of.high));
    vec![
        Cell::words(slice.name.clone()),
        Cell::words(slice.value.clone()),
        Cell::figure(count(slice.rows)),
        Cell::figure(percent(slice.churn_rate)),
        Cell::figure(percent(slice.mean_probability)),
        Cell::figure(auc),
        Cell::figure(interval),
        Cell::figure(slice.recall.map_or_else(|| "–".to_owned(), percent)),
    ]
}
