//! Whether probabilities mean what they say: churn rate over probability, and how the probabilities are spread.

use evaluation::{CalibrationCurve, ECE_BINS};
use maud::{Markup, html};

use super::chart::{self, Axes, Axis, Colour, Ticks};
use super::data::ReportData;
use super::page::{Cell, Figure, side_by_side, table};
use crate::format::{count, percent};

pub(super) fn body(data: &ReportData) -> Markup {
    let curve = &data.judged.calibration;
    html! { (side_by_side(&[reliability(curve), spread(curve)])) }
}

fn reliability(curve: &CalibrationCurve) -> Markup {
    let points: Vec<([f64; 2], (f64, f64))> = (0..curve.rows.len())
        .map(|bin| {
            let interval = curve.interval[bin];
            ([curve.mean_probability[bin], curve.churn_rate[bin]], (interval.low, interval.high))
        })
        .collect();
    let axes =
        Axes { x: Axis::share("Predicted risk, mean of the bin"), y: Axis::share("Churned, % of the bin") };
    let figure = Figure {
        title: "Calibration",
        legend: &[(Colour::First, "ten bins of the risk, with 95 % intervals"), (Colour::Quiet, "perfect")],
        chart: chart::points(&alternative(curve), axes, &points),
        caption: html! { "Points on the dashed line are risks that came true as predicted; above it more churned than predicted, below it fewer." },
        table: bins_table("Calibration", curve),
    };
    figure.render()
}

fn alternative(curve: &CalibrationCurve) -> String {
    let bin = |bin: usize| {
        format!(
            "{} predicted, {} churned",
            percent(curve.mean_probability[bin]),
            percent(curve.churn_rate[bin])
        )
    };
    let bins: Vec<String> = (0..curve.rows.len()).map(bin).collect();
    format!("Churn rate over predicted risk: {}", bins.join("; "))
}

fn spread(curve: &CalibrationCurve) -> Markup {
    let mut rows = [0; ECE_BINS];
    for (mean, of_bin) in curve.mean_probability.iter().zip(&curve.rows) {
        rows[((mean * ECE_BINS as f64) as usize).min(ECE_BINS - 1)] += of_bin;
    }
    let edge = |bin: usize| 100 * bin / ECE_BINS;
    let columns: Vec<(String, Vec<f64>)> =
        rows.iter().enumerate().map(|(bin, &rows)| (edge(bin).to_string(), vec![rows as f64])).collect();
    let axes = Axes {
        x: Axis::free("Predicted risk in %, lower edge of the bin", Ticks::Plain),
        y: Axis::free("Customers", Ticks::Plain),
    };
    let row = |(bin, &rows): (usize, &u64)| {
        vec![Cell::words(format!("{} % to {} %", edge(bin), edge(bin + 1))), Cell::figure(count(rows))]
    };
    let figure = Figure {
        title: "How the risks are spread",
        legend: &[],
        chart: chart::columns("Customers by predicted risk, in ten bins", axes, &columns, &[Colour::First]),
        caption: html! { "Number of customers by predicted risk. Where a bin holds few, its point in the other chart has a long interval." },
        table: table(
            "Customers by predicted risk",
            &["Risk", "Customers"],
            rows.iter().enumerate().map(row).collect(),
        ),
    };
    figure.render()
}

fn bins_table(label: &str, curve: &CalibrationCurve) -> Markup {
    let row = |bin: usize| {
        let interval = curve.interval[bin];
        vec![
            Cell::figure(percent(curve.mean_probability[bin])),
            Cell::figure(count(curve.rows[bin])),
            Cell::figure(percent(curve.churn_rate[bin])),
            Cell::figure(format!("{} to {}", percent(interval.low), percent(interval.high))),
        ]
    };
    let heads = ["Predicted risk", "Customers", "Churned", "95 % interval"];
    table(label, &heads, (0..curve.rows.len()).map(row).collect())
}
