//! A training run for tests: customers of the known process, a small forest fitted on most of them, and its figures on the
//! rest. Candidates, importances and Shapley values are made up here. Names that come
//! from files are hostile.

use std::collections::BTreeMap;

use churn::{
    CandidateFacts, Card, CardMetrics, CrossValidation, DataFacts, Decision, Effect, FEATURES,
    FeatureImportance, Field, JudgedRows, Parameter, Provenance, is_held_out, transform,
};
use evaluation::{CampaignParameters, FoldDifference, Interval, Metrics, Scored, slices};
use learner::{Dataset, Learner, MaxFeatures, RandomForestParameters, Threads};
use ndarray::Array2;
use rand::SeedableRng;
use rand_pcg::Pcg64;
use tempfile::TempDir;

use super::{
    DecisionCosts, Judged, ModelSize, ReportData, ShapleyFeature, ShapleyGroup, ShapleySummary, Yardstick,
};
use crate::profile::Profile;
use crate::source::{Labels, Source};

/// Markup in the name of a file.
const HOSTILE: &str = "<script>alert(\"1\")</script> & 'co'.csv";
/// Markup in a customer's id; it is there twice.
const HOSTILE_ID: &str = "<img src=http://evil.example onerror=alert(1)>";

/// 3,000 customers, the first two of the same hostile id, and one row at fault with a hostile label.
pub(super) fn source() -> Source {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("c.csv");
    let mut rng = Pcg64::seed_from_u64(11);
    let mut writer = csv::Writer::from_path(&path).expect("the folder can be written");
    let names = Field::ALL.map(Field::name);
    writer.write_record(["customerID"].into_iter().chain(names).chain(["Churn"])).expect("a header");
    for row in 0..3000 {
        let id = if row < 2 { HOSTILE_ID.to_owned() } else { format!("F-{row}") };
        let drawn = crate::process::draw(id.clone(), None, &mut rng);
        writer.write_field(&id).expect("a cell");
        for field in Field::ALL {
            let text = drawn.record.customer.text(field);
            let bad = row == 7 && field == Field::Contract;
            writer.write_field(if bad { "<b>monthly</b>" } else { &text }).expect("a cell");
        }
        writer.write_field(if drawn.churned { "Yes" } else { "No" }).expect("a cell");
        writer.write_record(None::<&[u8]>).expect("a row");
    }
    writer.flush().expect("the folder can be written");
    Source::read(&path, Labels::Required).expect("a file of customers")
}

/// The profile of [`source`] under a hostile name.
pub(super) fn profile() -> Profile {
    Profile::of(&source(), HOSTILE.to_owned())
}

/// A whole training run.
pub(super) fn run() -> ReportData {
    let source = source();
    let (test, train): (Vec<usize>, Vec<usize>) =
        (0..source.rows.len()).partition(|&row| is_held_out(&source.rows[row].record, 0.3));
    let features = |row: &usize| transform(&source.rows[*row].record.customer);
    let churned =
        |rows: &[usize]| -> Vec<bool> { rows.iter().map(|&row| source.rows[row].churned).collect() };
    let x = Array2::from(train.iter().map(features).collect::<Vec<_>>());
    let dataset = Dataset::parse(x, churned(&train)).expect("rows of both outcomes");
    let parameters = RandomForestParameters {
        trees: 40,
        max_depth: 6,
        min_samples_leaf: 20,
        max_features: MaxFeatures::Sqrt,
        seed: 42,
    };
    let learner = parameters.check().expect("sound parameters");
    let model = learner.fit(&dataset, Threads::new(1), &|_| ()).expect("a forest fits any dataset");
    let view = model.forest().view();
    let probability: Vec<f64> = test.iter().map(|row| view.probability(&features(row))).collect();
    let outcome = churned(&test);
    let scored = Scored::parse(&probability, &outcome).expect("probabilities");
    let judged = judged(&source, &test, &scored);
    // The yardstick ranks a little worse: it sees less of the probability.
    let coarse: Vec<f64> = probability.iter().map(|p| (p * 6.0).round() / 6.0).collect();
    let yardstick = Yardstick::of(&probability, &coarse, &outcome).expect("both outcomes");
    ReportData {
        card: card(judged.metrics, train.len(), test.len()),
        provenance: provenance(),
        size: ModelSize { trees: view.trees(), nodes: view.nodes(), depth: view.depth(), bytes: 123_456 },
        judged,
        costs: DecisionCosts { false_positive: 2.0, false_negative: 3.0 },
        yardstick: Some(yardstick),
        shapley: Some(shapley()),
        profile: profile(),
    }
}

fn judged(source: &Source, test: &[usize], scored: &Scored<'_>) -> Judged {
    let mut metrics = Metrics::at(scored, 0.42).expect("both outcomes");
    metrics.pr_auc_interval = Some(Interval { low: metrics.pr_auc - 0.02, high: metrics.pr_auc + 0.02 });
    let groups =
        [Field::SeniorCitizen, Field::Contract, Field::InternetService].into_iter().flat_map(|field| {
            let labels: Vec<_> =
                test.iter().map(|&row| source.rows[row].record.customer.text(field)).collect();
            slices(scored, field.name(), &labels, metrics.threshold).expect("a label a row")
        });
    let campaign = CampaignParameters::default().check().expect("the defaults are sound");
    Judged::of(JudgedRows::HoldOut, scored, metrics, groups.collect(), &campaign).expect("both outcomes")
}

fn card(metrics: Metrics, fitted: usize, held_out: usize) -> Card {
    let sha256 = "9ab1".repeat(16);
    Card {
        version: Card::version_of(&sha256),
        artifact_sha256: sha256,
        model_type: "random_forest".into(),
        command: format!("churn train --data '{HOSTILE}' --seed 42 --holdout 0.3"),
        trained_at: "2026-11-23T14:00:00Z".into(),
        duration_seconds: 12.3,
        machine: "x86_64-linux, 2 threads".into(),
        git_revision: Some("0123456789abcdef0123456789abcdef01234567".into()),
        data: DataFacts {
            file: HOSTILE.into(),
            sha256: "cd".repeat(32),
            rows: (fitted + held_out) as u64,
            churned: 1300,
            fitted_rows: fitted as u64,
            holdout_rows: held_out as u64,
        },
        parameters: parameters(),
        decision: Decision::at(0.42),
        metrics: CardMetrics {
            holdout: Some(metrics),
            cross_validation: Some(CrossValidation { folds: 10, roc_auc_mean: 0.84, roc_auc_sd: 0.01 }),
            out_of_bag_roc_auc: None,
        },
        constraints: [("tenure".to_owned(), Effect::Falling), ("MonthlyCharges".to_owned(), Effect::Rising)]
            .into(),
        candidates: candidates(),
        yardstick: None,
        importance: importances(),
        judged: None,
        note: None,
    }
}

fn parameters() -> BTreeMap<String, Parameter> {
    BTreeMap::from([
        ("trees".into(), Parameter::Count(40)),
        ("max_depth".into(), Parameter::Count(6)),
        ("max_features".into(), Parameter::Name("sqrt".into())),
        ("cost_false_negative".into(), Parameter::Number(3.0)),
    ])
}

fn provenance() -> Provenance {
    Provenance {
        trainer: "churn 0.1.0".into(),
        model_type: "random_forest".into(),
        data_sha256: "cd".repeat(32),
        data_rows: 2999,
        fitted_rows: 2100,
        seed: 42,
        parameters: parameters(),
        seen: None,
    }
}

fn candidates() -> Vec<CandidateFacts> {
    let candidate = |name: &str, mean: f64, difference: Option<f64>, nodes| CandidateFacts {
        model_type: name.into(),
        parameters: [("max_depth".into(), Parameter::Count(6)), ("l2".into(), Parameter::Number(0.5))].into(),
        cross_validation: CrossValidation { folds: 10, roc_auc_mean: mean, roc_auc_sd: 0.0113 },
        nodes,
        difference: difference.map(|mean| FoldDifference {
            mean,
            standard_error: 0.0009,
            interval: Interval { low: mean - 0.002, high: mean + 0.002 },
        }),
        selected: difference.is_none(),
    };
    vec![
        candidate("gradient_boosting", 0.8463, None, 2250.0),
        candidate("random_<i>forest</i>", 0.8446, Some(-0.0017), 71_494.4),
        candidate("logistic_regression", 0.8431, Some(-0.0032), 0.0),
    ]
}

fn importances() -> Vec<FeatureImportance> {
    let shares = [0.21, 0.17, 0.13, 0.02, 0.16, 0.24, 0.05, 0.02];
    let importance = |(field, share): (&Field, f64)| FeatureImportance {
        feature: field.name().into(),
        gain: share,
        permutation_mean: share * share,
        permutation_sd: 0.002,
    };
    FEATURES.iter().zip(shares).map(importance).collect()
}

fn shapley() -> ShapleySummary {
    let feature = |place: usize, field: &Field| {
        let labels: Vec<String> = match field.labels() {
            [] => (0..10).map(|tenth| format!("{} to {}", tenth * 7, tenth * 7 + 7)).collect(),
            labels => labels.iter().map(|label| format!("<i>{label}</i>")).collect(),
        };
        let middle = (labels.len() - 1) as f64 / 2.0;
        let group = |(group, label): (usize, String)| ShapleyGroup {
            label,
            rows: 100,
            mean: (middle - group as f64) * 0.04 / (place + 1) as f64,
        };
        let groups: Vec<ShapleyGroup> = labels.into_iter().enumerate().map(group).collect();
        let mean_absolute = groups.iter().map(|group| group.mean.abs()).sum::<f64>() / groups.len() as f64;
        ShapleyFeature { feature: field.name().into(), mean_absolute, groups }
    };
    let features = FEATURES.iter().enumerate().map(|(place, field)| feature(place, field)).collect();
    ShapleySummary { rows: 900, base_value: 0.446, features }
}
