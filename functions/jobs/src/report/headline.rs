//! The first line, and what follows from it in plain words.

use maud::{Markup, html};

use super::data::{Judged, JudgedRows, ReportData, interval_text};
use super::gains::reached;
use crate::format::{count, percent, share};

/// Under this AUC no model ships: the gate refuses it.
const FLOOR: f64 = 0.70;
/// From this expected calibration error on the gate refuses a model.
const ECE_LIMIT: f64 = 0.05;

/// The report in one sentence. Where the yardstick beats the selected model by more than chance explains, it is that.
pub(crate) fn headline(data: &ReportData) -> String {
    let metrics = &data.judged.metrics;
    if let Some(yardstick) = data.yardstick.as_ref().filter(|yardstick| yardstick.beats_the_selected()) {
        let paired = &yardstick.paired;
        return format!(
            "{} ranks better than the selected model: ROC-AUC {:.3} against {:.3}, a difference of {:.3} ({})",
            capital(&yardstick.name),
            paired.b,
            paired.a,
            paired.difference,
            interval_text(paired.interval())
        );
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

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Under the first line: which model, judged on what.
pub(super) fn facts(data: &ReportData) -> Markup {
    let (card, judged) = (&data.card, &data.judged);
    html! {
        p {
            "Model " code { (card.version) } ", " (spaced(&card.model_type)) ", trained " (card.trained_at) " on "
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
    let beaten = data.yardstick.as_ref().is_some_and(super::data::Yardstick::beats_the_selected);
    html! {
        @if beaten {
            p.alarm { "A simpler model does better on these customers. Do not ship this one before it is known why." }
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
        @if let Some(yardstick) = &data.yardstick {
            (capital(&yardstick.name)) ", the simple model that it is held against, has ROC-AUC "
            (format!("{:.3}", yardstick.paired.b)) "."
        }
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
        (percent(judged.expected_profit.fraction)) " of the customers."
    }
}

fn meaning(judged: &Judged) -> Markup {
    html! {
        "Of a hundred customers with a risk of 30 %, about 30 should leave. On average the risks are off by "
        (percent(judged.metrics.ece)) " (expected calibration error)."
    }
}
