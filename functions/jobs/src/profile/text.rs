//! The profile for a terminal: tables of fixed width.

use std::fmt::Write as _;

use super::faults::Duplicates;
use super::{Correlation, FieldRates, Profile, Rate};
use crate::format::{count, number, percent, printable, share};

/// Longest line of the examples.
const WIDTH: usize = 110;

/// The whole profile, a paragraph a topic.
pub(super) fn told(profile: &Profile) -> String {
    let parts = [
        overview(profile),
        faults(profile),
        numbers(profile),
        rates(profile),
        correlations(profile),
        consistency(profile),
    ];
    parts.join("\n")
}

fn overview(profile: &Profile) -> String {
    let bad = profile.rows - profile.usable_rows;
    let mut text = format!(
        "{}\n  {} rows, {} usable, {} at fault\n",
        printable(&profile.file),
        count(profile.rows),
        count(profile.usable_rows),
        count(bad)
    );
    text += &match &profile.churn {
        Some(churned) => format!(
            "  {} churned: {} (95 % interval {} to {})\n",
            count(churned.rows),
            percent(churned.rate),
            percent(churned.interval.low),
            percent(churned.interval.high)
        ),
        None if profile.labelled => "  no usable row, so no churn rates\n".to_owned(),
        None => "  no column Churn: counts only, no churn rates\n".to_owned(),
    };
    let Duplicates { ids, rows, examples } = &profile.duplicates;
    text += &if *ids == 0 {
        "  no customerID occurs twice\n".to_owned()
    } else {
        let examples = printable(&examples.join(", "));
        format!("  {} values of customerID stand in {} rows: {examples}\n", count(*ids), count(*rows))
    };
    if profile.padded_ids != 0 {
        let padded = count(profile.padded_ids);
        text += &format!("  {padded} ids with outer blanks; an id is matched exactly, blanks and all\n");
    }
    text
}

fn faults(profile: &Profile) -> String {
    let mut text = "blank cells\n".to_owned();
    for column in &profile.blanks {
        let blank = if column.present { count(column.blank) } else { "no such column".to_owned() };
        let _ = writeln!(text, "  {:<18}{blank:>14}", column.column);
    }
    if profile.bad_rows.is_empty() {
        return text;
    }
    text += "\nrows at fault\n";
    for kind in &profile.bad_rows {
        let code = kind.code_name();
        let _ = writeln!(text, "  {:>7} x {code} in {}", count(kind.rows), kind.column);
        for example in &kind.examples {
            let meant =
                example.suggestion.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"));
            let line = format!("{}: {}{meant}", example.place, printable(&example.detail));
            let _ = writeln!(text, "            {}", line.chars().take(WIDTH).collect::<String>());
        }
    }
    text
}

fn numbers(profile: &Profile) -> String {
    let mut text = format!("{:<18}", "numbers");
    for name in ["min", "quartile", "median", "quartile", "max", "mean", "sd"] {
        let _ = write!(text, "{name:>10}");
    }
    text.push('\n');
    for summary in &profile.numbers {
        let _ = write!(text, "  {:<16}", summary.field);
        let values = [summary.min, summary.q1, summary.median, summary.q3, summary.max, summary.mean];
        for value in values.into_iter().map(Some).chain([summary.sd]) {
            let _ = write!(text, "{:>10}", value.map_or_else(|| "-".to_owned(), number));
        }
        let _ = writeln!(text, "  {}", summary.unit);
    }
    text
}

fn rates(profile: &Profile) -> String {
    let mut text = format!("{:<36}{:>9}{:>9}", "customers by", "rows", "share");
    text += if profile.churn.is_some() { "    churn rate (95 % interval)\n" } else { "\n" };
    let rows = profile.usable_rows;
    text += "  tenure in months\n";
    table(&mut text, &profile.tenure_bands, rows);
    for FieldRates { field, rates, .. } in &profile.categories {
        let _ = writeln!(text, "  {field}");
        table(&mut text, rates, rows);
    }
    text
}

fn table(text: &mut String, rates: &[Rate], rows: u64) {
    for rate in rates.iter().filter(|rate| rate.rows != 0) {
        let of_all = percent(share(rate.rows, rows));
        let _ = write!(text, "    {:<32}{:>9}{of_all:>9}", rate.label, count(rate.rows));
        if let Some(churned) = &rate.churned {
            let (low, high) = (percent(churned.interval.low), percent(churned.interval.high));
            let _ = write!(text, "{:>9} ({low} to {high})", percent(churned.rate));
        }
        text.push('\n');
    }
}

fn correlations(profile: &Profile) -> String {
    let mut text = String::new();
    if !profile.with_churn.is_empty() {
        text += "association with churn\n";
        profile.with_churn.iter().for_each(|correlation| pair(&mut text, correlation.a, correlation));
        text.push('\n');
    }
    text += "correlation of numbers\n";
    for correlation in &profile.correlations {
        pair(&mut text, &format!("{}, {}", correlation.a, correlation.b), correlation);
    }
    text
}

fn pair(text: &mut String, name: &str, correlation: &Correlation) {
    let value = correlation.value.map_or_else(|| "undefined".to_owned(), |value| format!("{value:.3}"));
    let _ = writeln!(text, "  {name:<34}{value:>9}  {}", correlation.measure.name());
}

fn consistency(profile: &Profile) -> String {
    let consistency = &profile.consistency;
    let mut text = "TotalCharges beside tenure x MonthlyCharges\n".to_owned();
    if let Some(ratio) = &consistency.ratio {
        let _ = writeln!(
            text,
            "  ratio {:.3} in the middle, {:.3} to {:.3} for 90 % of {} rows; {} within 10 %, {} rows off by more than half or twice",
            ratio.median,
            ratio.q05,
            ratio.q95,
            count(consistency.rows),
            percent(ratio.within_10_percent),
            count(ratio.beyond_factor_2)
        );
    }
    let early = count(consistency.paid_before_the_first_month);
    let _ = writeln!(text, "  {early} rows have a total above 0 with tenure 0");
    text
}
