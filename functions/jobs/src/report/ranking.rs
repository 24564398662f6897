//! How well the model ranks: figures with intervals, ROC and precision-recall curves.

use evaluation::{Interval, Metrics};
use maud::{Markup, html};

use super::chart::{self, Axes, Axis, Colour, Line};
use super::data::{ReportData, YARDSTICK};
use super::page::{Cell, Figure, side_by_side, table};
use crate::format::{percent, share};

/// Rows of a curve's table.
const TABLE_ROWS: usize = 11;

pub(super) fn body(data: &ReportData) -> Markup {
    html! {
        (figures_table(&data.judged.metrics))
        p { "Chance alone makes the ECE of a sample larger than it is for all customers; its interval is corrected for that, and may lie below the value." }
        (side_by_side(&[roc(data), precision_recall(data)]))
    }
}

fn figures_table(metrics: &Metrics) -> Markup {
    let row = |name: &str, value: f64, interval: Option<Interval>, meaning: &str| {
        let interval =
            interval.map_or_else(|| "not computed".to_owned(), |i| format!("{:.4} to {:.4}", i.low, i.high));
        vec![
            Cell::words(name),
            Cell::figure(format!("{value:.4}")),
            Cell::figure(interval),
            Cell::words(meaning),
        ]
    };
    let rows = vec![
        row(
            "ROC-AUC",
            metrics.roc_auc,
            metrics.roc_auc_interval,
            "share of pairs in the right order; 0.5 is chance, 1 is perfect",
        ),
        row(
            "PR-AUC",
            metrics.pr_auc,
            metrics.pr_auc_interval,
            "average precision; the churn rate is chance, 1 is perfect",
        ),
        row("Log loss", metrics.log_loss, metrics.log_loss_interval, "nats a customer; lower is better"),
        row(
            "Brier score",
            metrics.brier,
            metrics.brier_interval,
            "squared distance of probability and outcome; lower is better",
        ),
        row(
            "ECE",
            metrics.ece,
            metrics.ece_interval,
            "mean distance of probability and churn rate over ten bins; lower is better",
        ),
    ];
    table("Figures of the model", &["Figure", "Value", "95 % interval", "Meaning"], rows)
}

fn roc(data: &ReportData) -> Markup {
    let judged = &data.judged;
    let points = pairs(&judged.roc.false_positive_rate, &judged.roc.true_positive_rate);
    let other = data.yardstick.as_ref().map(|y| pairs(&y.roc.false_positive_rate, &y.roc.true_positive_rate));
    let mut lines = vec![Line { points: &[[0.0, 0.0], [1.0, 1.0]], colour: Colour::Quiet }];
    let mut legend = vec![(Colour::First, "selected model")];
    if let Some(points) = &other {
        lines.push(Line { points, colour: Colour::Second });
        legend.push((Colour::Second, YARDSTICK));
    }
    lines.push(Line { points: &points, colour: Colour::First });
    legend.push((Colour::Quiet, "chance"));
    let axes = Axes {
        x: Axis::share("False alarms, % of those who stay"),
        y: Axis::share("Found, % of those who churn"),
    };
    let alternative = format!("ROC curve, area {:.3}", judged.metrics.roc_auc);
    let figure = Figure {
        title: "ROC curve",
        legend: &legend,
        chart: chart::lines(&alternative, axes, &lines, None),
        caption: html! {
            "Each point is a threshold: how many of those who churn are found, at the price of how many false alarms. The area under the curve is the ROC-AUC, "
            (format!("{:.3}", judged.metrics.roc_auc)) "."
        },
        table: curve_table("ROC curve", ["False alarms", "Found"], &points, &judged.roc.threshold),
    };
    figure.render()
}

fn precision_recall(data: &ReportData) -> Markup {
    let judged = &data.judged;
    let points = pairs(&judged.pr.recall, &judged.pr.precision);
    let rate = share(judged.metrics.churned, judged.metrics.rows);
    let lines = [
        Line { points: &[[0.0, rate], [1.0, rate]], colour: Colour::Quiet },
        Line { points: &points, colour: Colour::First },
    ];
    let axes = Axes {
        x: Axis::share("Recall: found, % of those who churn"),
        y: Axis::share("Precision: right, % of calls"),
    };
    let alternative = format!("Precision-recall curve, average precision {:.3}", judged.metrics.pr_auc);
    let figure = Figure {
        title: "Precision and recall",
        legend: &[(Colour::First, "selected model"), (Colour::Quiet, "chance: the churn rate")],
        chart: chart::lines(&alternative, axes, &lines, None),
        caption: html! {
            "The more of those who churn are to be found, the fewer calls are right. Calls at random would be right "
            (percent(rate)) " of the time."
        },
        table: curve_table("Precision and recall", ["Recall", "Precision"], &points, &judged.pr.threshold),
    };
    figure.render()
}

/// Two columns as points.
pub(super) fn pairs(x: &[f64], y: &[f64]) -> Vec<[f64; 2]> {
    x.iter().zip(y).map(|(&x, &y)| [x, y]).collect()
}

/// Some points of a curve of shares, with their thresholds.
fn curve_table(label: &str, [x, y]: [&str; 2], points: &[[f64; 2]], thresholds: &[Option<f64>]) -> Markup {
    let last = points.len().saturating_sub(1);
    let mut places: Vec<usize> = (0..TABLE_ROWS).map(|row| row * last / (TABLE_ROWS - 1)).collect();
    places.dedup();
    let row = |&place: &usize| {
        let threshold = thresholds[place].map_or_else(|| "nobody is called".to_owned(), percent);
        let [x, y] = points[place];
        vec![Cell::figure(threshold), Cell::figure(percent(x)), Cell::figure(percent(y))]
    };
    table(label, &["Risk from", x, y], places.iter().map(row).collect())
}
