//! What a campaign reaches that calls the customers with the highest risk first: cumulative gains and lift.

use evaluation::GainsCurve;
use maud::{Markup, html};

use super::chart::{self, Axes, Axis, Colour, Line, Ticks};
use super::data::ReportData;
use super::page::{Cell, Figure, side_by_side, table};
use super::ranking::pairs;
use crate::format::percent;

/// Shares of customers in the tables.
const SHARES: [f64; 11] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// The share of those who churn that is reached by calling the share `called` of all customers, highest risk first;
/// linear between points of the curve, where equal risks are called in any order.
pub(super) fn reached(gains: &GainsCurve, called: f64) -> f64 {
    let next = gains.fraction.partition_point(|fraction| *fraction < called).min(gains.fraction.len() - 1);
    let before = next.saturating_sub(1);
    let width = gains.fraction[next] - gains.fraction[before];
    if width <= 0.0 {
        return gains.gain[next];
    }
    let part = (called - gains.fraction[before]) / width;
    gains.gain[before] + part * (gains.gain[next] - gains.gain[before])
}

pub(super) fn body(data: &ReportData) -> Markup {
    let gains = &data.judged.gains;
    html! { (side_by_side(&[gains_figure(gains), lift_figure(gains)])) }
}

fn gains_figure(gains: &GainsCurve) -> Markup {
    let points = pairs(&gains.fraction, &gains.gain);
    let lines = [
        Line { points: &[[0.0, 0.0], [1.0, 1.0]], colour: Colour::Quiet },
        Line { points: &points, colour: Colour::First },
    ];
    let axes =
        Axes { x: Axis::share("Called, % of customers"), y: Axis::share("Reached, % of those who churn") };
    let (tenth, fifth) = (percent(reached(gains, 0.1)), percent(reached(gains, 0.2)));
    let alternative =
        format!("Gains: calling 10 % reaches {tenth} of those who churn, calling 20 % reaches {fifth}");
    let figure = Figure {
        title: "Gains",
        legend: &[(Colour::First, "highest risk first"), (Colour::Quiet, "at random")],
        chart: chart::lines(&alternative, axes, &lines, None),
        caption: html! { "How many of those who churn are among the customers called. Calling the first 20 % reaches " (fifth) "." },
        table: shares_table(gains),
    };
    figure.render()
}

fn lift_figure(gains: &GainsCurve) -> Markup {
    let points = pairs(&gains.fraction, &gains.lift);
    let lines = [
        Line { points: &[[0.0, 1.0], [1.0, 1.0]], colour: Colour::Quiet },
        Line { points: &points, colour: Colour::First },
    ];
    let highest = gains.lift.iter().copied().fold(1.0, f64::max);
    let y =
        Axis { title: "Lift, times a random choice", ends: Some((0.0, highest.ceil())), ticks: Ticks::Plain };
    let axes = Axes { x: Axis::share("Called, % of customers"), y };
    let of_tenth = reached(gains, 0.1) / 0.1;
    let figure = Figure {
        title: "Lift",
        legend: &[(Colour::First, "highest risk first"), (Colour::Quiet, "at random")],
        chart: chart::lines(&format!("Lift: {of_tenth:.1} in the first tenth"), axes, &lines, None),
        caption: html! { "How many times more of those who churn are reached than by as many calls at random. In the first tenth " (format!("{of_tenth:.1}")) " times." },
        table: shares_table(gains),
    };
    figure.render()
}

fn shares_table(gains: &GainsCurve) -> Markup {
    let row = |&called: &f64| {
        let reached = reached(gains, called);
        vec![
            Cell::figure(percent(called)),
            Cell::figure(percent(reached)),
            Cell::figure(format!("{:.2}", reached / called)),
        ]
    };
    table(
        "Gains and lift",
        &["Called", "Reached of those who churn", "Lift"],
        SHARES.iter().map(row).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_points_of_the_curve_gains_are_linear() {
        let gains = GainsCurve {
            fraction: vec![0.0, 0.2, 0.6, 1.0],
            gain: vec![0.0, 0.5, 0.9, 1.0],
            lift: vec![2.5, 2.5, 1.5, 1.0],
        };
        for (called, expected) in [(0.0, 0.0), (0.1, 0.25), (0.2, 0.5), (0.4, 0.7), (1.0, 1.0)] {
            assert!((reached(&gains, called) - expected).abs() < 1e-12, "{called}");
        }
    }
}
