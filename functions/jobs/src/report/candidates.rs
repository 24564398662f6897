//! Every model that was tried, and the groups of customers that the selected one was judged on.

use evaluation::Slice;
use maud::{Markup, html};

use super::data::{Candidate, ReportData, Role};
use super::page::{Cell, table};
use crate::format::{count, percent};

/// The standard normal distribution holds 95 % within this distance.
const Z: f64 = 1.96;

pub(super) fn body(data: &ReportData) -> Markup {
    let heads = [
        "Candidate",
        "ROC-AUC, mean",
        "Standard deviation",
        "Less the selected",
        "95 % interval",
        "Nodes",
        "Seconds",
        "Parameters",
    ];
    html! {
        p {
            "Every candidate was fitted and judged on the same folds. The difference is taken fold by fold, so that folds that are hard for all do not blur it; folds share training rows, so its interval is somewhat too short."
        }
        (table("Candidates", &heads, data.candidates.iter().map(row).collect()))
    }
}

fn row(candidate: &Candidate) -> Vec<Cell> {
    let role = match candidate.role {
        Role::Selected => " (selected)",
        Role::Contender => "",
        Role::Yardstick => " (yardstick, cannot ship)",
    };
    let (difference, interval) = match candidate.difference {
        None => ("–".to_owned(), "–".to_owned()),
        Some(of) => {
            let reach = Z * of.standard_error;
            (format!("{:+.4}", of.mean), format!("{:+.4} to {:+.4}", of.mean - reach, of.mean + reach))
        }
    };
    let parameters: Vec<String> =
        candidate.parameters.iter().map(|(name, value)| format!("{name} {value}")).collect();
    vec![
        Cell::words(format!("{}{role}", candidate.name)),
        Cell::figure(format!("{:.4}", candidate.roc_auc_mean)),
        Cell::figure(format!("{:.4}", candidate.roc_auc_sd)),
        Cell::figure(difference),
        Cell::figure(interval),
        Cell::figure(candidate.nodes.map_or_else(|| "–".to_owned(), count)),
        Cell::figure(format!("{:.1}", candidate.seconds)),
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
