//! The first line, and what follows from it in plain words.

use evaluation::Interval;
use maud::{Markup, html};

use super::data::{Judged, ReportData, YARDSTICK, Yardstick, interval_text};
use super::gains::reached;
use crate::format::{count, minute, percent, share};
use churn::JudgedRows;

/// Under this AUC no model ships: the gate refuses it.
const FLOOR: f64 = 0.70;
/// From this expected calibration error on the gate refuses a model.
const ECE_LIMIT: f64 = 0.05;

/// The report in one sentence. Where the yardstick beats the selected model by more than chance explains, it is that.
pub(crate) fn headline(data: &ReportData) -> String {
    let metrics = &data.judged.metrics;
    if let Some(defeat) = defeat(data) {
        return defeat;
    }
    let interval = metrics.roc_auc_interval.map_or_else(String::new, |i| format!(", {}", interval_text(i)));
    if metrics.roc_auc < FLOOR {
        return format!(
            "The model is too weak to ship: its ROC-AUC of {:.3}{interval} is below {FLOOR:.2}",
            metrics.roc_auc
        );
    }
    format!(
        "Of two customers, one who leaves and one who stays, the model gives the leaver the higher risk {:.0} times in 100 (ROC-AUC {:.3}{interval})",
        100.0 * metrics.roc_auc,
        metrics.roc_auc
    )
}

/// That the yardstick is better than the selected model by more than its interval, with the figures of both comparisons:
/// on the rows that the page judges, and over the folds of selection. `None` where neither says so.
pub(crate) fn defeat(data: &ReportData) -> Option<String> {
    let on_rows = data.yardstick.as_ref();
    let over_folds = data.card.yardstick.as_ref();
    let beaten = on_rows.is_some_and(Yardstick::beats_the_selected)
        || over_folds.is_some_and(|yardstick| yardstick.is_better);
    let rows = match data.judged.rows {
        JudgedRows::HoldOut => "on the hold-out",
        JudgedRows::CrossValidation => "out of fold",
    };
    let on_rows = on_rows.map(|Yardstick { paired, .. }| {
        compared(rows, (paired.b, paired.a), paired.difference, paired.interval())
    });
    let over_folds = over_folds.and_then(|yardstick| {
        let (theirs, of) = (yardstick.roc_auc_mean, yardstick.difference?);
        Some(compared("over the folds of selection", (theirs, theirs - of.mean), of.mean, of.interval))
    });
    // What says so comes first.
    let mut figures: Vec<(Side, String)> = on_rows.into_iter().chain(over_folds).collect();
    figures.sort_by_key(|(side, _)| *side);
    let mut line = format!("{} ranks better than the selected model", capital(YARDSTICK));
    for (place, (side, text)) in figures.iter().enumerate() {
        line += match (place, side) {
            (0, _) => ": ",
            (_, Side::Yardstick) => "; ",
            (_, Side::Neither) => "; but ",
        };
        line += text;
    }
    beaten.then_some(line)
}

/// Whom a comparison speaks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Yardstick,
    /// The interval of the difference holds 0, or the selected model is better.
    Neither,
}

/// One comparison of the yardstick with the selected model, in figures.
fn compared(rows: &str, (theirs, ours): (f64, f64), difference: f64, interval: Interval) -> (Side, String) {
    let side = if 0.0 < interval.low { Side::Yardstick } else { Side::Neither };
    let interval = interval_text(interval);
    let text =
        format!("{rows} ROC-AUC {theirs:.3} against {ours:.3}, a difference of {difference:.3} ({interval})");
    (side, text)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Under the first line: which model, judged on what.
pub(super) fn facts(data: &ReportData) -> Markup {
    let (card, judged) = (&data.card, &data.judged);
    html! {
        p {
            "Model " code { (card.version) } ", " (spaced(&card.model_type)) ", trained " (minute(&card.trained_at)) " on "
            (card.data.file) ". Judged on " (count(judged.metrics.rows)) " customers " (on_rows(judged)) "."
        }
    }
}

/// `random_forest` as people write it.
pub(super) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

fn on_rows(judged: &Judged) -> &'static str {
    match judged.rows {
        JudgedRows::HoldOut => "of the hold-out, which no model was fitted on",
        JudgedRows::CrossValidation => "in cross-validation, each by a model that was not fitted on him",
    }
}

/// What to make of it, in sentences that need no statistics.
pub(super) fn summary(data: &ReportData) -> Markup {
    let judged = &data.judged;
    html! {
        (alarms(data))
        ul {
            li { strong { "How good. " } (goodness(data)) }
            li { strong { "Who is flagged. " } (flagged(judged)) }
            li { strong { "Whom to call first. " } (calls(judged)) }
            li { strong { "What the percentages mean. " } (meaning(judged)) }
            li {
                strong { "What it does not say. " }
                "A risk is not a cause, and the customers at highest risk are not always the best to target (Ascarza 2018): some leave whatever is offered. Keep a hold-out, a random part of the customers who are not called, so that the effect of calling can be measured."
            }
            li {
                strong { "What to do with it. " }
                "Retention: " code { "churn score" } " gives every customer a risk. Engineering: "
                code { "churn gate" } " compares this model with the one that serves, and " code { "churn promote" } " ships it."
            }
        }
    }
}

/// What must not be overlooked beside the first line.
fn alarms(data: &ReportData) -> Markup {
    let metrics = &data.judged.metrics;
    let weak = metrics.roc_auc < FLOOR;
    let beaten = defeat(data).is_some();
    html! {
        @if beaten {
            p.alarm { "A simpler model does better. Do not ship this one before it is known why." }
        }
        @if weak && beaten {
            p.alarm { "The ROC-AUC of " (format!("{:.3}", metrics.roc_auc)) " is below " (format!("{FLOOR:.2}")) ", where the gate refuses." }
        }
        @if ECE_LIMIT < metrics.ece {
            p.alarm {
                "The probabilities are off by " (percent(metrics.ece)) " on average, more than the " (percent(ECE_LIMIT))
                " that the gate allows: use the order of the customers, not the percentages."
            }
        }
    }
}

fn goodness(data: &ReportData) -> Markup {
    let metrics = &data.judged.metrics;
    let rate = percent(share(metrics.churned, metrics.rows));
    html! {
        "Chance alone would be right 50 times in 100, a perfect model 100 times; this one is right "
        (format!("{:.0}", 100.0 * metrics.roc_auc)) " times. " (rate) " of the customers it was judged on churned. "
        (beside_the_yardstick(data))
    }
}

fn beside_the_yardstick(data: &ReportData) -> Markup {
    match (&data.yardstick, &data.card.yardstick) {
        (Some(yardstick), _) => html! {
            (capital(YARDSTICK)) ", the simple model that it is held against, has ROC-AUC "
            (format!("{:.3}", yardstick.paired.b)) "."
        },
        (None, Some(yardstick)) => html! {
            "These are too few rows to compare it with " (YARDSTICK)
            ", the simple model that it is held against; over the folds of selection that has ROC-AUC "
            (format!("{:.3}", yardstick.roc_auc_mean)) "."
        },
        (None, None) => html! {},
    }
}

fn flagged(judged: &Judged) -> Markup {
    let (metrics, matrix) = (&judged.metrics, &judged.matrix);
    let called = matrix.true_positives + matrix.false_positives;
    html! {
        "From a risk of " (percent(metrics.threshold)) " on a customer counts as likely to leave. That flags "
        (percent(share(called, metrics.rows))) " of the customers"
        @if let (Some(precision), Some(recall)) = (metrics.precision, metrics.recall) {
            ": " (percent(precision)) " of those flagged did leave, and " (percent(recall)) " of all who left were flagged"
        }
        "."
    }
}

fn calls(judged: &Judged) -> Markup {
    let tenth = reached(&judged.gains, 0.1);
    let fifth = reached(&judged.gains, 0.2);
    html! {
        "The tenth of the customers with the highest risk holds " (percent(tenth)) " of those who left, the fifth "
        (percent(fifth)) ". With the costs of the campaign below it pays best to call "
        (percent(judged.profit.maximum.fraction)) " of the customers. That is another question than who is flagged: flags follow "
        code { "[decision]" } ", what a wrong decision costs, and calls " code { "[campaign]" }
        ", what an offer and a contact cost and a customer who is kept brings in; the two need not agree."
    }
}

fn meaning(judged: &Judged) -> Markup {
    html! {
        "Of a hundred customers with a risk of 30 %, about 30 should leave. On average the risks are off by "
        (percent(judged.metrics.ece)) " (expected calibration error)."
    }
}
