//! What is in the data: the sections that `churn profile` shows, and that stand in the report of a training run too.

use maud::{Markup, html};

use super::chart::{self, Axis, Bar, Ticks};
use super::numbers;
use super::page::{Cell, Figure, Section, facts, side_by_side, table};
use crate::format::{count, percent, share};
use crate::profile::{BadRows, Blanks, Churned, Correlation, Example, FieldRates, Profile, Rate};

/// The first line of the page: how much there is, and whether it can be learned from.
pub(super) fn headline(profile: &Profile) -> String {
    let bad = profile.rows - profile.usable_rows;
    let churn = match &profile.churn {
        Some(churned) => format!("{} of them churned", percent(churned.rate)),
        None => "no churn rate is known".to_owned(),
    };
    let faults = match bad {
        0 => "every row can be used".to_owned(),
        1 => "1 row is at fault".to_owned(),
        _ => format!("{} rows are at fault", count(bad)),
    };
    format!("{} customers: {churn}, and {faults}", count(profile.usable_rows))
}

/// All sections, in reading order.
pub(super) fn sections(profile: &Profile) -> Vec<Section> {
    vec![
        Section { id: "file", title: "The file", body: file(profile) },
        Section { id: "rates", title: "Who churns", body: rates(profile) },
        Section { id: "numbers", title: "The numbers", body: numbers::body(profile) },
        Section { id: "associations", title: "What goes together", body: associations(profile) },
    ]
}

fn file(profile: &Profile) -> Markup {
    let bad = profile.rows - profile.usable_rows;
    let mut pairs = vec![
        ("File", profile.file.clone()),
        ("SHA-256", profile.sha256.clone()),
        ("Rows", count(profile.rows)),
        ("Usable", count(profile.usable_rows)),
        ("At fault", count(bad)),
        ("Duplicate ids", duplicates(profile)),
    ];
    if let Some(churned) = &profile.churn {
        pairs.push(("Churned", format!("{}: {}", count(churned.rows), rate_text(churned))));
    }
    let blank_cells = html! {
        div {
            h3 { "Blank cells" }
            (blanks(profile))
            p { "A blank TotalCharges is right where tenure is 0, and is read as 0. Every other blank cell but customerID's puts its row at fault." }
        }
    };
    html! {
        (side_by_side(&[html! { div { (facts(&pairs)) } }, blank_cells]))
        @if !profile.bad_rows.is_empty() {
            h3 { "Rows at fault" }
            p { "They are left out of all other figures. A row with several faults stands under each." }
            (bad_rows(&profile.bad_rows))
        }
    }
}

fn duplicates(profile: &Profile) -> String {
    let duplicates = &profile.duplicates;
    if duplicates.ids == 0 {
        return "none".to_owned();
    }
    let examples = duplicates.examples.join(", ");
    let ids = if duplicates.ids == 1 { "id" } else { "ids" };
    format!("{} {ids} in {} rows, such as {examples}", count(duplicates.ids), count(duplicates.rows))
}

fn rate_text(churned: &Churned) -> String {
    let (low, high) = (percent(churned.interval.low), percent(churned.interval.high));
    format!("{} (95 % interval {low} to {high})", percent(churned.rate))
}

fn bad_rows(kinds: &[BadRows]) -> Markup {
    let row = |kind: &BadRows| {
        let example = |example: &Example| {
            let meant =
                example.suggestion.map_or_else(String::new, |name| format!(" (did you mean {name}?)"));
            format!("{}: {}{meant}", example.place, example.detail)
        };
        let examples: Vec<String> = kind.examples.iter().map(example).collect();
        vec![
            Cell::words(kind.column),
            Cell::words(kind.code_name()),
            Cell::figure(count(kind.rows)),
            Cell::words(examples.join("; ")),
        ]
    };
    table("Rows at fault", &["Column", "Fault", "Rows", "Examples"], kinds.iter().map(row).collect())
}

fn blanks(profile: &Profile) -> Markup {
    let row = |blanks: &Blanks| {
        let of_all =
            if blanks.present { percent(share(blanks.blank, profile.rows)) } else { "no such column".into() };
        vec![Cell::words(blanks.column), Cell::figure(count(blanks.blank)), Cell::figure(of_all)]
    };
    table("Blank cells", &["Column", "Blank", "Share of rows"], profile.blanks.iter().map(row).collect())
}

fn rates(profile: &Profile) -> Markup {
    if profile.churn.is_none() {
        return html! { p { "No row with a label in column Churn can be used: these are counts without churn rates." } (counts(profile)) };
    }
    let end = common_end(profile);
    let mut figures = vec![rate_figure("Churn rate by tenure in months", &profile.tenure_bands, None, end)];
    for FieldRates { field, rates, cramers_v } in &profile.categories {
        figures.push(rate_figure(&format!("Churn rate by {field}"), rates, *cramers_v, end));
    }
    html! {
        p { "Bars are churn rates; the thin lines are their 95 % intervals (Wilson). Where intervals are far apart, the difference is no accident of the sample." }
        (side_by_side(&figures))
    }
}

/// Where all axes of churn rates end, so that bars of different charts can be compared: the next tenth above the largest
/// interval.
fn common_end(profile: &Profile) -> f64 {
    let all = profile.categories.iter().flat_map(|field| &field.rates).chain(&profile.tenure_bands);
    let highest = all.filter_map(|rate| Some(rate.churned?.interval.high)).fold(0.0, f64::max);
    ((highest * 10.0).ceil() / 10.0).clamp(0.1, 1.0)
}

/// Rows without labels: a table for each field.
fn counts(profile: &Profile) -> Markup {
    let rows = |name: &str, rates: &[Rate]| -> Vec<Vec<Cell>> {
        let row = |rate: &Rate| {
            let of_all = percent(share(rate.rows, profile.usable_rows));
            vec![
                Cell::words(name),
                Cell::words(rate.label.clone()),
                Cell::figure(count(rate.rows)),
                Cell::figure(of_all),
            ]
        };
        rates.iter().map(row).collect()
    };
    let mut all = rows("tenure in months", &profile.tenure_bands);
    profile.categories.iter().for_each(|field| all.extend(rows(field.field, &field.rates)));
    table("Customers by field", &["Field", "Label", "Rows", "Share of rows"], all)
}

fn rate_figure(title: &str, rates: &[Rate], cramers_v: Option<f64>, end: f64) -> Markup {
    let seen: Vec<(&Rate, &Churned)> = rates
        .iter()
        .filter(|rate| rate.rows != 0)
        .filter_map(|rate| Some((rate, rate.churned.as_ref()?)))
        .collect();
    let bar = |(rate, churned): &(&Rate, &Churned)| Bar {
        label: rate.label.clone(),
        value: churned.rate,
        interval: Some((churned.interval.low, churned.interval.high)),
    };
    let row = |(rate, churned): &(&Rate, &Churned)| {
        vec![
            Cell::words(rate.label.clone()),
            Cell::figure(count(rate.rows)),
            Cell::figure(count(churned.rows)),
            Cell::figure(percent(churned.rate)),
            Cell::figure(format!("{} to {}", percent(churned.interval.low), percent(churned.interval.high))),
        ]
    };
    let described: Vec<String> =
        seen.iter().map(|(rate, churned)| format!("{} {}", rate.label, percent(churned.rate))).collect();
    let alternative = format!("{title}: {}", described.join(", "));
    let axis = Axis { title: "Churn rate", ends: Some((0.0, end)), ticks: Ticks::Percent };
    let figure = Figure {
        title,
        legend: &[],
        chart: chart::bars(&alternative, axis, &seen.iter().map(bar).collect::<Vec<_>>()),
        caption: html! {
            "Share of the customers of each kind who churned, in percent, with 95 % intervals."
            @if let Some(v) = cramers_v { " Cramer's V " (format!("{v:.2}")) "." }
        },
        table: table(
            title,
            &["Kind", "Rows", "Churned", "Churn rate", "95 % interval"],
            seen.iter().map(row).collect(),
        ),
    };
    figure.render()
}

fn associations(profile: &Profile) -> Markup {
    html! {
        @if !profile.with_churn.is_empty() {
            h3 { "With churn" }
            p { "Each field alone. Point-biserial correlation has a sign, Cramer's V has none; the two are not quite comparable. Neither says what causes churn." }
            (correlations("Association with churn", &profile.with_churn, |correlation| correlation.a.to_owned()))
        }
        h3 { "Numbers with each other" }
        (correlations("Correlation of numbers", &profile.correlations, |correlation| format!("{}, {}", correlation.a, correlation.b)))
    }
}

fn correlations(label: &str, correlations: &[Correlation], name: impl Fn(&Correlation) -> String) -> Markup {
    let row = |correlation: &Correlation| {
        let value = correlation.value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.3}"));
        vec![Cell::words(name(correlation)), Cell::figure(value), Cell::words(correlation.measure.name())]
    };
    table(label, &["Field", "Value", "Measure"], correlations.iter().map(row).collect())
}
