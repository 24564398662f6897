//! Each rule on either side of its limit, over a thousand customers whose champion is calibrated.

use std::collections::BTreeMap;

use churn::{Artifact, ArtifactError, Decision, FEATURE_COUNT, Features, Golden, Provenance, Reference};
use forest::{Columns, Forest, ForestError, LEAF, Link};

use super::evidence::Evidence;
use super::rules::{Rule, judge};
use crate::config::GateConfig;

const ROWS: usize = 1000;
const SENIOR: usize = 3;

/// Every row is a customer of his own tenure and charges; categories take their codes in turn.
fn features(row: usize) -> Features {
    let n = row as f32;
    let code = |codes: usize| (row / 2 % codes) as f32;
    [1.0 + n % 72.0, 20.0 + n * 37.0 % 90.0, n * 91.0 % 7000.0, code(2), code(3), code(3), code(4), code(2)]
}

/// Probabilities from 0.1 to 0.9, rising with the row.
fn calibrated() -> Vec<f64> {
    (0..ROWS).map(|row| 0.1 + 0.8 * (row as f64 + 0.5) / ROWS as f64).collect()
}

/// Outcomes that come as often as `calibrated` says, as evenly as can be.
fn outcomes() -> Vec<bool> {
    let mut due = 0.0;
    let churns = |probability: f64| {
        due += probability;
        let churns = 0.5 <= due;
        due -= f64::from(churns);
        churns
    };
    calibrated().into_iter().map(churns).collect()
}

/// A model of the thousand rows; its single leaf is no part of any rule, which see the scores.
fn artifact() -> Artifact {
    let columns = Columns {
        root: vec![0],
        feature: vec![LEAF],
        threshold: vec![0.0],
        left: vec![0],
        right: vec![0],
        value: vec![0.5],
        cover: vec![ROWS as f32],
    };
    let rows: Vec<Features> = (0..ROWS).map(features).collect();
    Artifact {
        forest: Forest::parse(columns, Link::Mean, FEATURE_COUNT).expect("a leaf is a tree"),
        decision: Decision::at(0.5),
        reference: Reference::of(&rows, &calibrated()),
        golden: vec![Golden { features: rows[0], probability: 0.5 }],
        provenance: Provenance {
            trainer: "a test".into(),
            model_type: "random_forest".into(),
            data_sha256: "ab".repeat(32),
            data_rows: ROWS as u64,
            fitted_rows: 700,
            seed: 1,
            parameters: BTreeMap::new(),
            seen: None,
        },
    }
}

/// Two models that are the same in all that the rules see.
fn evidence(model: &Artifact) -> Evidence<'_> {
    let rows: Vec<Features> = (0..ROWS).map(features).collect();
    Evidence {
        champion: model,
        challenger: model,
        all: rows.clone(),
        judged: rows,
        churned: outcomes(),
        by_champion: calibrated(),
        by_challenger: calibrated(),
        unseen: Ok("nothing was seen".into()),
    }
}

fn rules(change: impl Fn(&mut Evidence<'_>, &mut GateConfig)) -> Vec<Rule> {
    let model = artifact();
    let (mut evidence, mut config) = (evidence(&model), GateConfig::default());
    change(&mut evidence, &mut config);
    judge(&evidence, &config).expect("both outcomes are there")
}

/// Expects the rule `name` to hold after `change`, or not to.
fn check(name: &str, holds: bool, change: impl Fn(&mut Evidence<'_>, &mut GateConfig)) {
    let rules = rules(change);
    let rule = rules.iter().find(|rule| rule.name == name).expect("a rule of this name");
    assert_eq!(rule.holds, holds, "{name}: {}", rule.figure);
}

fn scaled(scores: &mut [f64], change: impl Fn(f64) -> f64) {
    for score in scores {
        *score = change(*score);
    }
}

/// The probability with its log-odds multiplied: above 1 it is overconfident.
fn sharpened(probability: f64, by: f64) -> f64 {
    1.0 / (1.0 + libm::pow((1.0 - probability) / probability, by))
}

/// `part` of a hundred of these `rows` score the same, by which the ranking loses.
fn blurred(scores: &mut [f64], rows: impl Fn(usize) -> bool, part: usize) {
    for (row, score) in scores.iter_mut().enumerate() {
        if rows(row) && row % 100 < part {
            *score = 0.5;
        }
    }
}

#[test]
fn equal_models_pass_every_rule_in_the_order_in_which_they_are_told() {
    let rules = rules(|_, _| {});
    let names: Vec<&str> = rules.iter().map(|rule| rule.name).collect();
    assert_eq!(
        names,
        [
            "schema",
            "golden rows",
            "unseen rows",
            "rows",
            "row count",
            "drift",
            "churn rate",
            "champion's ranking",
            "leak",
            "ROC-AUC",
            "ROC-AUC, paired",
            "Brier score",
            "calibration",
            "slices"
        ]
    );
    assert!(rules.iter().all(|rule| rule.holds), "{rules:?}");
}

#[test]
fn a_model_that_cannot_be_read_is_refused_by_the_rule_that_it_breaks() {
    let check = |error: ArtifactError, name: &str, figure: &str| {
        let rule = Rule::unsound(&error);
        assert_eq!((rule.name, rule.holds), (name, false));
        assert!(rule.figure.contains(figure), "{}", rule.figure);
    };
    check(ArtifactError::Schema { difference: "7 features, expected 8".into() }, "schema", "7 features");
    check(ArtifactError::NoGoldenRows, "golden rows", "no golden rows");
    check(ArtifactError::Forest(ForestError::NoTree), "artifact", "the trees are unsound: ");
}

#[test]
fn rows_that_a_model_saw_are_refused_with_the_reason() {
    check("unseen rows", false, |evidence, _| evidence.unseen = Err("it saw them".into()));
}

#[test]
fn rows_are_counted_against_the_configuration() {
    check("rows", true, |_, config| config.rows = 1000);
    check("rows", false, |_, config| config.rows = 1001);
}

#[test]
fn a_file_of_less_than_half_the_champions_rows_is_refused() {
    let rows =
        |rows: usize| move |evidence: &mut Evidence<'_>, _: &mut GateConfig| evidence.all.truncate(rows);
    check("row count", true, rows(500));
    check("row count", false, rows(499));
    check("row count", true, |evidence, config| {
        evidence.all.truncate(499);
        config.share_of_rows = 0.49;
    });
}

/// Seniors are half of the reference's rows; here `seniors` of a thousand.
fn with_seniors(evidence: &mut Evidence<'_>, seniors: usize) {
    for (row, features) in evidence.all.iter_mut().enumerate() {
        features[SENIOR] = f32::from(u8::from(row < seniors));
    }
}

#[test]
fn drift_refuses_beyond_a_psi_of_a_tenth() {
    // 0.65 against 0.5: (0.65 - 0.5) ln(0.65 / 0.35) = 0.093; 0.66: 0.106.
    check("drift", true, |evidence, _| with_seniors(evidence, 650));
    check("drift", false, |evidence, _| with_seniors(evidence, 660));
    check("drift", true, |evidence, config| {
        with_seniors(evidence, 660);
        config.psi = 0.11;
    });
    check("drift", false, |evidence, _| scaled(&mut evidence.by_champion, |p| 0.75 * p));
}

#[test]
fn the_churn_rate_may_be_five_hundredths_off() {
    // The rate is 0.5, and so is the mean of the champion's scores.
    check("churn rate", true, |evidence, _| scaled(&mut evidence.by_champion, |p| 0.91 * p));
    check("churn rate", false, |evidence, _| scaled(&mut evidence.by_champion, |p| 0.89 * p));
    check("churn rate", false, |evidence, _| scaled(&mut evidence.by_champion, |p| 0.11 + 0.89 * p));
    check("churn rate", true, |evidence, config| {
        scaled(&mut evidence.by_champion, |p| 0.89 * p);
        config.label_shift = 0.06;
    });
}

#[test]
fn a_champion_that_ranks_far_worse_than_it_expects_is_told() {
    let sharper = |by: f64| {
        move |evidence: &mut Evidence<'_>, _: &mut GateConfig| {
            scaled(&mut evidence.by_champion, |p| sharpened(p, by));
        }
    };
    check("champion's ranking", true, sharper(0.5));
    check("champion's ranking", true, sharper(1.25));
    check("champion's ranking", false, sharper(1.35));
    check("champion's ranking", true, |evidence, config| {
        scaled(&mut evidence.by_champion, |p| sharpened(p, 1.35));
        config.label_shift = 0.06;
    });
}

#[test]
fn a_champion_that_is_certain_is_judged_by_the_churn_rate_alone() {
    for certainty in [0.0, 1.0] {
        let certain = |evidence: &mut Evidence<'_>, _: &mut GateConfig| evidence.by_champion.fill(certainty);
        check("champion's ranking", true, certain);
        check("churn rate", false, certain);
        let rules = rules(certain);
        let rule = rules.iter().find(|rule| rule.name == "champion's ranking").expect("the rule");
        assert!(rule.figure.contains("certain of every outcome"), "{}", rule.figure);
    }
}

/// `SeniorCitizen` says the outcome, but in `wrong` of a hundred rows.
fn with_leak(evidence: &mut Evidence<'_>, wrong: usize) {
    let mut count = [0, 0];
    for (features, &churned) in evidence.judged.iter_mut().zip(&evidence.churned) {
        let row = &mut count[usize::from(churned)];
        features[SENIOR] = f32::from(u8::from(churned != (*row % 100 < wrong)));
        *row += 1;
    }
}

#[test]
fn a_feature_that_tells_the_outcome_by_itself_is_a_leak() {
    check("leak", true, |evidence, _| with_leak(evidence, 6));
    check("leak", false, |evidence, _| with_leak(evidence, 4));
    // Told the other way round it is told all the same.
    check("leak", false, |evidence, _| with_leak(evidence, 96));
    check("leak", false, |evidence, _| {
        for (features, &churned) in evidence.judged.iter_mut().zip(&evidence.churned) {
            features[1] = if churned { 20.0 } else { 90.0 };
        }
    });
}

#[test]
fn the_floor_is_the_configurations_and_never_below_seven_tenths() {
    check("ROC-AUC", true, |_, config| config.roc_auc_floor = 0.76);
    check("ROC-AUC", false, |_, config| config.roc_auc_floor = 0.78);
    let blur = |part: usize| {
        move |evidence: &mut Evidence<'_>, config: &mut GateConfig| {
            blurred(&mut evidence.by_challenger, |_| true, part);
            config.roc_auc_floor = 0.1;
        }
    };
    check("ROC-AUC", true, blur(25));
    check("ROC-AUC", false, blur(50));
}

#[test]
fn a_challenger_may_rank_worse_by_a_hundredth_at_most() {
    let blur = |part: usize| {
        move |evidence: &mut Evidence<'_>, _: &mut GateConfig| {
            blurred(&mut evidence.by_challenger, |_| true, part);
        }
    };
    check("ROC-AUC, paired", true, blur(1));
    check("ROC-AUC, paired", false, blur(10));
    // A better one is never refused for being better.
    check("ROC-AUC, paired", true, |evidence, _| blurred(&mut evidence.by_champion, |_| true, 10));
}

#[test]
fn a_brier_score_may_be_worse_by_five_thousandths() {
    // Of calibrated scores, all moved by d, the Brier score grows by the square of d.
    check("Brier score", true, |evidence, _| scaled(&mut evidence.by_challenger, |p| p + 0.070));
    check("Brier score", false, |evidence, _| scaled(&mut evidence.by_challenger, |p| p + 0.072));
    check("Brier score", true, |evidence, _| scaled(&mut evidence.by_champion, |p| p + 0.072));
}

#[test]
fn a_calibration_error_of_five_hundredths_is_the_most() {
    check("calibration", true, |evidence, _| scaled(&mut evidence.by_challenger, |p| p + 0.045));
    check("calibration", false, |evidence, _| scaled(&mut evidence.by_challenger, |p| p + 0.055));
    check("calibration", false, |evidence, _| scaled(&mut evidence.by_challenger, |p| p - 0.055));
}

/// Keeps this many of the 500 rows of either age, evenly, the challenger blurred in `part` of a hundred rows of the seniors.
fn with_groups(evidence: &mut Evidence<'_>, of_each: usize, part: usize) {
    blurred(&mut evidence.by_challenger, |row| features(row)[SENIOR] == 1.0, part);
    let is_kept = |row: &usize| {
        let place = row / 4 * 2 + row % 2;
        place * of_each / 500 < (place + 1) * of_each / 500
    };
    let kept: Vec<usize> = (0..ROWS).filter(is_kept).collect();
    evidence.judged = kept.iter().map(|&row| evidence.judged[row]).collect();
    evidence.churned = kept.iter().map(|&row| evidence.churned[row]).collect();
    for scores in [&mut evidence.by_champion, &mut evidence.by_challenger] {
        *scores = kept.iter().map(|&row| scores[row]).collect();
    }
}

#[test]
fn a_group_refuses_where_it_is_large_and_served_much_worse() {
    let groups = |of_each: usize, part: usize| {
        move |evidence: &mut Evidence<'_>, _: &mut GateConfig| with_groups(evidence, of_each, part)
    };
    check("slices", true, groups(500, 2));
    check("slices", false, groups(500, 50));
    check("slices", false, groups(200, 50));
    check("slices", true, groups(199, 50));
}
