//! What drives the predictions: importances of features, Shapley values, and the directions that hold.

use std::collections::BTreeMap;

use churn::{Effect, FEATURES, FeatureImportance, Field, JudgedRows};
use maud::{Markup, html};

use super::chart::{self, Axis, Bar, Ticks};
use super::data::{ReportData, ShapleyFeature, ShapleyGroup, ShapleySummary};
use super::page::{Cell, Figure, side_by_side, table};
use crate::format::{count, percent};

pub(super) fn body(data: &ReportData) -> Markup {
    let card = &data.card;
    html! {
        @if !card.importance.is_empty() { (importances(&card.importance, data.judged.rows)) }
        @if let Some(shapley) = &data.shapley { (shapley_summary(shapley)) }
        @if !card.constraints.is_empty() { (constraints(&card.constraints)) }
    }
}

/// Whether there is anything to say.
pub(super) fn known(data: &ReportData) -> bool {
    !data.card.importance.is_empty() || data.shapley.is_some() || !data.card.constraints.is_empty()
}

fn importances(importances: &[FeatureImportance], judged: JudgedRows) -> Markup {
    // Where there is no hold-out, training shuffles the rows that it fitted on.
    let shuffled = match judged {
        JudgedRows::HoldOut => "the customers of the hold-out",
        JudgedRows::CrossValidation => {
            "the customers it was fitted on, which flatters features that it overfits"
        }
    };
    let by_loss_caption = format!(
        "Permutation importance: the feature's values are shuffled among {shuffled}. Thin lines are one standard deviation over shuffles. Of two features that say the same, each alone may seem to matter little."
    );
    let by_loss = |of: &FeatureImportance| {
        let (mean, sd) = (of.permutation_mean, of.permutation_sd);
        Bar { label: of.feature.clone(), value: mean, interval: Some((mean - sd, mean + sd)) }
    };
    let by_gain = |of: &FeatureImportance| Bar { label: of.feature.clone(), value: of.gain, interval: None };
    side_by_side(&[
        ranked(
            "What the ranking loses without a feature",
            Axis::free("Loss of ROC-AUC", Ticks::Plain),
            importances.iter().map(by_loss).collect(),
            &by_loss_caption,
            |value| format!("{value:.4}"),
        ),
        ranked(
            "What the trees split on",
            Axis::free("Share of what all splits gained", Ticks::Percent),
            importances.iter().map(by_gain).collect(),
            "Impurity importance (for boosting, the gain in loss), counted while the trees were fitted. It favours numbers with many values; where the two charts differ, trust the other.",
            percent,
        ),
    ])
}

/// Bars from the longest to the shortest; intervals are one standard deviation to both sides.
fn ranked(
    title: &str,
    axis: Axis<'_>,
    mut bars: Vec<Bar>,
    caption: &str,
    text: impl Fn(f64) -> String,
) -> Markup {
    bars.sort_by(|a, b| b.value.total_cmp(&a.value));
    let described: Vec<String> =
        bars.iter().map(|bar| format!("{} {}", bar.label, text(bar.value))).collect();
    let row = |bar: &Bar| {
        let spread = bar.interval.map(|(low, high)| Cell::figure(text((high - low) / 2.0)));
        [Cell::words(bar.label.clone()), Cell::figure(text(bar.value))].into_iter().chain(spread).collect()
    };
    let heads = ["Feature", axis.title, "Standard deviation"];
    let columns = if bars.iter().any(|bar| bar.interval.is_some()) { 3 } else { 2 };
    let figure = Figure {
        title,
        legend: &[],
        chart: chart::bars(&format!("{title}: {}", described.join(", ")), axis, &bars),
        caption: html! { (caption) },
        table: table(title, &heads[..columns], bars.iter().map(row).collect()),
    };
    figure.render()
}

fn shapley_summary(shapley: &ShapleySummary) -> Markup {
    let groups = shapley.features.iter().flat_map(|of| &of.groups);
    let end = groups.map(|group| group.mean.abs()).fold(0.01, f64::max);
    let bar =
        |of: &ShapleyFeature| Bar { label: of.feature.clone(), value: of.mean_absolute, interval: None };
    let overview = ranked(
        "How far a feature moves a risk",
        Axis::free("Mean distance, points of risk", Ticks::Percent),
        shapley.features.iter().map(bar).collect(),
        "Mean absolute Shapley value in percentage points of the probability of churn.",
        percent,
    );
    let figures: Vec<Markup> =
        [overview].into_iter().chain(shapley.features.iter().map(|of| direction(of, end))).collect();
    html! {
        h3 { "What moves single predictions" }
        p {
            "Shapley values of " (count(shapley.rows)) " customers. Each prediction is the base value of "
            (percent(shapley.base_value)) " plus what each feature adds or takes away. They say what the model uses, not what causes churn."
        }
        (side_by_side(&figures))
    }
}

/// `end`: where the axis ends to both sides, in probability; the same for all features, so that they can be compared.
fn direction(of: &ShapleyFeature, end: f64) -> Markup {
    let title = format!("{}: which way", of.feature);
    let signed = |value: f64| format!("{:+.1} %", 100.0 * value);
    let described: Vec<String> =
        of.groups.iter().map(|group| format!("{} {}", group.label, signed(group.mean))).collect();
    let bars: Vec<Bar> = of
        .groups
        .iter()
        .map(|group| Bar { label: group.label.clone(), value: group.mean, interval: None })
        .collect();
    let row = |group: &ShapleyGroup| {
        vec![
            Cell::words(group.label.clone()),
            Cell::figure(count(group.rows)),
            Cell::figure(signed(group.mean)),
        ]
    };
    let figure = Figure {
        title: &title,
        legend: &[],
        chart: chart::bars(
            &format!("{title}: {}", described.join(", ")),
            Axis { title: "Points of risk, mean", ends: Some((-end, end)), ticks: Ticks::Percent },
            &bars,
        ),
        caption: html! { "Percentage points that it adds (right) or takes away (left)." },
        table: table(
            &title,
            &["Value", "Customers", "Mean contribution"],
            of.groups.iter().map(row).collect(),
        ),
    };
    figure.render()
}

fn constraints(constraints: &BTreeMap<String, Effect>) -> Markup {
    html! {
        h3 { "What the model cannot say" }
        p { "It was held to these directions: with all else equal, no prediction goes the other way." }
        ul {
            @for (feature, effect) in constraints {
                li { (risen(feature)) (never(*effect)) }
            }
        }
    }
}

/// What it means that a feature rises: more of a number, a later label of a category, and of a flag that it is set.
fn risen(feature: &str) -> Markup {
    let name = html! { strong { (feature) } };
    let field = FEATURES.iter().find(|field| field.name() == feature);
    match (field, field.map_or(&[][..], |field| field.labels())) {
        (Some(Field::SeniorCitizen), _) => html! { "being a senior (" (name) ")" },
        (_, [first, .., last]) => html! { "going from " (first) " to " (last) " in " (name) },
        _ => html! { "a higher " (name) },
    }
}

fn never(effect: Effect) -> &'static str {
    match effect {
        Effect::Rising => " never lowers the risk",
        Effect::Falling => " never raises the risk",
        Effect::Free => " may go either way",
    }
}
