//! The numeric fields of the data: how their values are spread, and whether they agree with each other.

use maud::{Markup, html};

use super::chart::{self, Axes, Axis, Colour, Ticks};
use super::page::{Cell, Figure, side_by_side, table};
use crate::format::{count, number, percent};
use crate::profile::{Histogram, NumberSummary, Profile};

pub(super) fn body(profile: &Profile) -> Markup {
    let row = |summary: &NumberSummary| {
        let values = [summary.min, summary.q1, summary.median, summary.q3, summary.max, summary.mean];
        let values = values.into_iter().map(Some).chain([summary.sd]);
        let cells = values.map(|value| Cell::figure(value.map_or_else(|| "undefined".to_owned(), number)));
        [Cell::words(format!("{} ({})", summary.field, summary.unit))].into_iter().chain(cells).collect()
    };
    let heads = [
        "Field",
        "Smallest",
        "First quartile",
        "Median",
        "Third quartile",
        "Largest",
        "Mean",
        "Standard deviation",
    ];
    let figures: Vec<Markup> = profile.numbers.iter().map(histogram_figure).collect();
    html! {
        (table("Numeric fields", &heads, profile.numbers.iter().map(row).collect()))
        (side_by_side(&figures))
        (consistency(profile))
    }
}

fn histogram_figure(summary: &NumberSummary) -> Markup {
    let Histogram { edges, churned, .. } = &summary.histogram;
    let bins = edges.len() - 1;
    let with_labels = [(Colour::Second, "churned"), (Colour::First, "stayed")];
    let (legend, colours, heads): (&[(Colour, &str)], &[Colour], &[&str]) = match churned {
        Some(_) => (&with_labels, &[Colour::Second, Colour::First], &["Range", "Churned", "Stayed"]),
        None => (&[], &[Colour::First], &["Range", "Customers"]),
    };
    let columns: Vec<(String, Vec<f64>)> =
        (0..bins).map(|bin| (edge_label(edges, bin), counts(&summary.histogram, bin))).collect();
    let row = |bin: usize| {
        let range = format!("{} to {}", number(edges[bin]), number(edges[bin + 1]));
        let counts = counts(&summary.histogram, bin).into_iter().map(|rows| Cell::figure(count(rows as u64)));
        [Cell::words(range)].into_iter().chain(counts).collect()
    };
    let title = format!("Customers by {}", summary.field);
    let x = format!("{}, lower edge of the bin", summary.unit);
    let axes = Axes { x: Axis::free(&x, Ticks::Plain), y: Axis::free("Customers", Ticks::Plain) };
    let figure = Figure {
        title: &title,
        legend,
        chart: chart::columns(&alternative(summary), axes, &columns, colours),
        caption: html! { "Number of customers in " (bins) " bins of equal width; " (summary.unit) "." },
        table: table(&title, heads, (0..bins).map(row).collect()),
    };
    figure.render()
}

/// The rows of one bin: those that churned and those that stayed, or all where labels are not known.
fn counts(histogram: &Histogram, bin: usize) -> Vec<f64> {
    let stayed = histogram.stayed[bin] as f64;
    histogram.churned.as_ref().map_or_else(|| vec![stayed], |churned| vec![churned[bin] as f64, stayed])
}

/// Every third column is labelled, with the lower edge of its bin: more would run into each other.
fn edge_label(edges: &[f64], bin: usize) -> String {
    if bin.is_multiple_of(3) { format!("{:.0}", edges[bin]) } else { String::new() }
}

fn alternative(summary: &NumberSummary) -> String {
    let (min, median, max) = (number(summary.min), number(summary.median), number(summary.max));
    format!("Customers by {}: from {min} to {max} {}, median {median}", summary.field, summary.unit)
}

fn consistency(profile: &Profile) -> Markup {
    let consistency = &profile.consistency;
    html! {
        h3 { "Is TotalCharges what tenure and MonthlyCharges make?" }
        @if let Some(ratio) = &consistency.ratio {
            p {
                "Of " (count(consistency.rows)) " customers with a tenure above 0, " (percent(ratio.within_10_percent))
                " have paid within 10 % of tenure times monthly charges; the total is "
                (format!("{:.3}", ratio.median)) " times the product in the middle, and "
                (format!("{:.3} to {:.3}", ratio.q05, ratio.q95)) " times for nine in ten. "
                (count(ratio.beyond_factor_2)) " totals are less than half or more than twice the product."
            }
        }
        p { (count(consistency.paid_before_the_first_month)) " customers with tenure 0 have a total above 0." }
    }
}
