//! Decisions: the confusion matrix at the chosen threshold, and what a campaign earns.

use maud::{Markup, html};

use super::chart::{self, Axes, Axis, Colour, Line, Ticks};
use super::data::{Judged, ReportData};
use super::page::{Cell, Figure, facts, side_by_side, table};
use super::ranking::pairs;
use crate::format::{count, number, percent};

pub(super) fn body(data: &ReportData) -> Markup {
    html! { (threshold(data)) (campaign(&data.judged)) }
}

fn threshold(data: &ReportData) -> Markup {
    let (metrics, matrix, costs) = (&data.judged.metrics, &data.judged.matrix, &data.costs);
    let or_none = |share: Option<f64>| share.map_or_else(|| "undefined".to_owned(), percent);
    let row = |name: &str, called: u64, not: u64| {
        vec![
            Cell::words(name),
            Cell::figure(count(called)),
            Cell::figure(count(not)),
            Cell::figure(count(called + not)),
        ]
    };
    let rows = vec![
        row("Churned", matrix.true_positives, matrix.false_negatives),
        row("Stayed", matrix.false_positives, matrix.true_negatives),
    ];
    let cost = matrix.false_positives as f64 * costs.false_positive
        + matrix.false_negatives as f64 * costs.false_negative;
    html! {
        p {
            "The threshold of " strong { (percent(metrics.threshold)) } " was chosen on validation rows as the cheapest where missing one who churns costs "
            (number(costs.false_negative)) " and calling one who stays " (number(costs.false_positive))
            " (any one unit; " code { "[decision]" } " in the configuration)."
        }
        (table("Decisions and outcomes", &["Customers", "Flagged", "Not flagged", "Total"], rows))
        (facts(&[
            ("Recall", format!("{} of those who churned were flagged", or_none(metrics.recall))),
            ("Precision", format!("{} of those flagged churned", or_none(metrics.precision))),
            ("Accuracy", format!("{} of all decisions were right", percent(metrics.accuracy))),
            ("F1", metrics.f1.map_or_else(|| "undefined".to_owned(), |f1| format!("{f1:.3}"))),
            ("Cost", format!("{} in all, {:.3} a customer", number(cost), cost / metrics.rows as f64)),
        ]))
    }
}

fn campaign(judged: &Judged) -> Markup {
    let (campaign, best) = (&judged.campaign, &judged.profit.maximum);
    let acceptance = campaign.alpha / (campaign.alpha + campaign.beta);
    html! {
        h3 { "What a campaign earns" }
        p {
            "This is another model of costs than that of the threshold (" code { "[campaign]" } ", not " code { "[decision]" }
            " in the configuration), so it may call more customers or fewer than are flagged. Assumed: a customer who is kept is worth " (number(campaign.lifetime_value)) " dollars, the offer costs "
            (number(campaign.offer)) ", a contact " (number(campaign.contact)) ", and " (percent(acceptance))
            " of those who would churn accept on average (beta distribution with " (number(campaign.alpha)) " and " (number(campaign.beta)) ")."
        }
        (facts(&[
            ("Best single cut", format!("{:.3} dollars a customer by calling {}{}", best.profit, percent(best.fraction),
                best.threshold.map_or_else(String::new, |threshold| format!(", those with a risk from {}", percent(threshold))))),
            ("EMPC", format!("{:.3} dollars a customer, the expected maximum profit: the cut is chosen anew for each share that may accept, {} called on average",
                judged.expected_profit.profit, percent(judged.expected_profit.fraction))),
        ]))
        (side_by_side(&[profit_figure(judged)]))
        p {
            "Customers at highest risk are not always the best to target (Ascarza 2018); keep a random hold-out of customers who are not called, and measure."
        }
    }
}

fn profit_figure(judged: &Judged) -> Markup {
    let points = pairs(&judged.profit.fraction, &judged.profit.profit);
    let best = &judged.profit.maximum;
    let lines = [
        Line { points: &[[0.0, 0.0], [1.0, 0.0]], colour: Colour::Quiet },
        Line { points: &points, colour: Colour::First },
    ];
    let axes = Axes {
        x: Axis::share("Called, % of customers, highest risk first"),
        y: Axis::free("Profit, dollars a customer", Ticks::Plain),
    };
    let step = (points.len() / 10).max(1);
    let row = |[called, profit]: &[f64; 2]| {
        vec![Cell::figure(percent(*called)), Cell::figure(format!("{profit:.3}"))]
    };
    let alternative = format!(
        "Profit over the share called: at most {:.3} dollars a customer at {}",
        best.profit,
        percent(best.fraction)
    );
    let figure = Figure {
        title: "Profit by how many are called",
        legend: &[
            (Colour::First, "profit"),
            (Colour::Second, "best share"),
            (Colour::Quiet, "nothing earned"),
        ],
        chart: chart::lines(&alternative, axes, &lines, Some(best.fraction)),
        caption: html! { "Profit in dollars for each customer of the file, called or not, where the mean share accepts." },
        table: table(
            "Profit",
            &["Called", "Dollars a customer"],
            points.iter().step_by(step).chain(points.last()).map(row).collect(),
        ),
    };
    figure.render()
}
