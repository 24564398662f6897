//! The pages as text: whole, self-contained, with every section, and with hostile names as nothing but text.

use evaluation::{FoldDifference, Interval, PairedAuc};

use super::{fixture, headline, profile_page, render};
use crate::format::percent;
use churn::JudgedRows;

/// Elements that have no end tag.
const VOID: [&str; 2] = ["meta", "br"];

/// Every element is closed in its order, and every attribute has quotes: the page could be read as XML but for `<meta>`.
fn check_nesting(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let style = page.find("<style>").zip(page.find("</style>")).expect("a style");
    let page = format!("{}{}", &page[..style.0], &page[style.1 + "</style>".len()..]);
    let page = page.strip_prefix("<!DOCTYPE html>").expect("a document type");
    for tag in page.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else { panic!("a tag has no end: {tag:.60}") };
        let name = tag.trim_end_matches('/').split_whitespace().next().unwrap_or_default();
        if tag.starts_with("!--") || tag.ends_with('/') || VOID.contains(&name) {
            continue;
        }
        match tag.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "{tag}"),
            None => open.push(name),
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
}

fn check_page(page: &str, sections: &[&str]) {
    check_nesting(page);
    for section in sections {
        assert!(page.contains(&format!("<section id=\"{section}\">")), "{section}");
        assert!(page.contains(&format!("<a href=\"#{section}\">")), "{section}");
    }
    assert_eq!(page.matches("<section ").count(), sections.len());
    for foreign in [
        "<script",
        "<img",
        "<link",
        "<iframe",
        "src=\"",
        "@import",
        "url(http",
        "onerror=\"",
        "<b>monthly",
        "<i>",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let links = page.split("http").skip(1).filter(|rest| {
        !rest.starts_with("-equiv=\"Content-Security-Policy\"")
            && !rest.starts_with("://www.w3.org/2000/svg")
            && !rest.starts_with("://evil.example onerror=alert(1)&gt;")
    });
    assert_eq!(links.count(), 0, "a page asks no host for anything");
    let charts = page.matches("<svg ").count();
    assert!(charts != 0 && page.matches("role=\"img\" aria-label=\"").count() == charts);
    assert_eq!(page.matches("<details>").count(), charts, "every chart has a table");
    assert!(page.contains("&lt;script&gt;alert("), "the hostile name is there, as text");
}

const DATA: [&str; 4] = ["file", "rates", "numbers", "associations"];

#[test]
fn the_profile_page_is_whole_and_hostile_names_are_text() {
    let page = profile_page(&fixture::profile());
    check_page(&page, &DATA);
    assert!(page.contains("<h1>2,999 customers: "), "the first line");
    assert!(page.contains("&lt;b&gt;monthly&lt;/b&gt;"), "the fault is shown");
}

#[test]
fn the_report_is_whole_and_hostile_names_are_text() {
    let data = fixture::run();
    let page = render(&data);
    let own = ["summary", "ranking", "calibration", "gains", "decision", "drivers", "groups", "candidates"];
    check_page(&page, &[&own[..], &DATA, &["reproduce"]].concat());
    assert!(page.contains("Ascarza 2018"));
}

#[test]
fn what_is_not_known_has_no_section() {
    let mut data = fixture::run();
    (data.card.candidates, data.card.importance) = (Vec::new(), Vec::new());
    data.card.constraints.clear();
    (data.shapley, data.yardstick) = (None, None);
    data.judged.slices = Vec::new();
    data.judged.rows = JudgedRows::CrossValidation;
    let page = render(&data);
    assert!(page.contains("in cross-validation, each by a model that was not fitted on him"));
    let own = ["summary", "ranking", "calibration", "gains", "decision"];
    check_page(&page, &[&own[..], &DATA, &["reproduce"]].concat());
}

#[test]
fn the_first_line_is_the_headline_and_says_where_the_yardstick_wins() {
    let mut data = fixture::run();
    let check = |data: &super::ReportData, start: &str| {
        let line = headline(data);
        assert!(line.starts_with(start), "{line}");
        let first = render(data).split_once("<h1>").expect("a first line").1.replace('\u{a0}', " ");
        assert!(first.starts_with(&line), "{line}");
    };
    check(
        &data,
        "Of two customers, one who leaves and one who stays, the model gives the leaver the higher risk 8",
    );
    let paired =
        |difference: f64| PairedAuc { a: 0.84, b: 0.84 + difference, difference, standard_error: 0.004 };
    let set = |data: &mut super::ReportData, difference| {
        data.yardstick.as_mut().expect("the fixture has one").paired = paired(difference);
    };
    // 1.96 standard errors are 0.0078: less than that is no defeat.
    set(&mut data, 0.007);
    check(&data, "Of two customers");
    set(&mut data, 0.009);
    check(
        &data,
        "Logistic regression ranks better than the selected model: on the hold-out ROC-AUC 0.849 against 0.840, a difference of 0.009 (95 % interval 0.001 to 0.017)",
    );
    set(&mut data, 0.002);
    data.card.yardstick = Some(over_the_folds(0.005));
    let both = "Logistic regression ranks better than the selected model: over the folds of selection ROC-AUC 0.855 against 0.850, a difference of 0.005 (95 % interval 0.002 to 0.008); but on the hold-out ROC-AUC 0.842 against 0.840, a difference of 0.002 (95 % interval -0.006 to 0.010)";
    check(&data, both);
    assert!(render(&data).contains("A simpler model does better. Do not ship this one"));
    data.card.yardstick = Some(over_the_folds(0.001));
    check(&data, "Of two customers");
    set(&mut data, 0.009);
    data.judged.metrics.roc_auc = 0.65;
    check(&data, "Logistic regression ranks better");
    assert!(render(&data).contains("is below 0.70, where the gate refuses"));
    set(&mut data, -0.01);
    check(&data, "The model is too weak to ship: its ROC-AUC of 0.650");
}

/// The yardstick's comparison of selection, with an interval of 0.003 to both sides.
fn over_the_folds(mean: f64) -> churn::Yardstick {
    let interval = Interval { low: mean - 0.003, high: mean + 0.003 };
    churn::Yardstick {
        roc_auc_mean: 0.85 + mean,
        difference: Some(FoldDifference { mean, standard_error: 0.001, interval }),
        is_better: 0.0 < interval.low,
    }
}

#[test]
fn rows_too_few_to_compare_on_are_said_to_be_so() {
    let mut data = fixture::run();
    data.yardstick = None;
    data.card.yardstick = Some(over_the_folds(0.001));
    assert!(render(&data).contains("too few rows to compare it with logistic regression"));
    data.card.yardstick = Some(over_the_folds(0.005));
    assert!(headline(&data).contains(": over the folds of selection ROC-AUC 0.855 against 0.850"));
}

#[test]
fn one_number_says_how_many_to_call_and_every_rows_kind_is_named() {
    let mut data = fixture::run();
    data.card.constraints.insert("SeniorCitizen".into(), churn::Effect::Rising);
    let page = render(&data).replace('\u{a0}', " ");
    let section = |id: &str| {
        let start = page.split_once(&format!("<section id=\"{id}\">")).expect("the section").1;
        start.split_once("</section>").expect("its end").0.to_owned()
    };
    let (summary, decision) = (section("summary"), section("decision"));
    let [best, expected] =
        [data.judged.profit.maximum.fraction, data.judged.expected_profit.fraction].map(percent);
    assert_ne!(best, expected);
    assert!(summary.contains(&format!("it pays best to call {best} of the customers")), "{summary}");
    assert!(!summary.contains(&expected) && decision.contains(&format!("{expected} called on average")));
    assert!(summary.contains("<code>[decision]</code>") && summary.contains("<code>[campaign]</code>"));
    assert!(page.contains("trained 2026-11-23 14:00 UTC on"));
    assert!(page.contains("being a senior (<strong>SeniorCitizen</strong>) never lowers the risk"));
    assert!(page.contains("shuffled among the customers of the hold-out"));
    data.judged.rows = JudgedRows::CrossValidation;
    assert!(render(&data).contains("shuffled among the customers it was fitted on"));
}
