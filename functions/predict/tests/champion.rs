//! The champion that was compiled in: it is the committed artifact, bit for bit, and the transform reaches it.

use crate::fixture::{customer_with, read};
use bytes::Bytes;
use churn::{Artifact, Effect, FEATURES, Features, Field, sha256_hex};
use churn_predict::{App, Config, Sources, champion, compiled};
use forest::{Columns, Forest, LEAF, Link};
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

fn artifact() -> (Artifact, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/model-artifacts/champion.msgpack");
    let bytes = std::fs::read(path).expect("the champion is a part of the project");
    (Artifact::decode(&bytes).expect("the build has checked it"), sha256_hex(&bytes))
}

#[test]
fn the_statics_are_the_artifact() {
    let (artifact, sha256) = artifact();
    let served = champion();
    assert_eq!(served.model.forest, artifact.forest.view());
    assert_eq!(served.model.decision, artifact.decision);
    assert_eq!(served.golden, artifact.golden);
    assert_eq!(Some(served.reference), artifact.reference.view());
    assert_eq!(served.sha256, sha256);
    assert_eq!(served.version, &sha256[..12]);
}

#[test]
fn the_card_is_the_artifacts_own() {
    let (artifact, sha256) = artifact();
    let served = champion();
    let card = served.card();
    assert_eq!(card.artifact_sha256, sha256);
    assert_eq!(card.decision, artifact.decision);
    assert_eq!(card.parameters, artifact.provenance.parameters);
    assert_eq!(card.data.sha256, artifact.provenance.data_sha256);
}

async fn served(changes: Value) -> f64 {
    let app = App::new(compiled(), Config::default(), Sources::real());
    let body = Full::<Bytes>::from(customer_with(&changes).to_string());
    let (status, _, body) =
        read(app.handle(Request::post("/predict").body(body).expect("a request")).await).await;
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_slice(&body).expect("JSON");
    answer["churn_probability"].as_f64().expect("a probability")
}

#[tokio::test]
async fn each_feature_reaches_the_model() {
    let before = served(json!({})).await;
    for changes in [
        json!({"Contract": "Two year"}),
        json!({"tenure": 60}),
        json!({"MonthlyCharges": 20.0}),
        json!({"TotalCharges": 5000}),
        json!({"SeniorCitizen": 1}),
        json!({"InternetService": "No"}),
        json!({"PaymentMethod": "Credit card (automatic)"}),
        json!({"PaperlessBilling": "No"}),
    ] {
        assert_ne!(served(changes.clone()).await, before, "{changes} changes nothing");
    }
    assert_eq!(
        served(json!({"TechSupport": "Yes", "customerID": "another"})).await,
        before,
        "no features of the model"
    );
}

#[tokio::test]
async fn a_served_score_is_the_offline_score_to_the_last_bit() {
    let (artifact, _) = artifact();
    let changes = json!({"tenure": 17, "MonthlyCharges": 0.1, "TotalCharges": "16777217.0e-1"});
    let record = customer_with(&changes).to_string();
    let record = churn::CustomerRecord::parse(&serde_json::from_str(&record).unwrap()).unwrap();
    let offline = artifact.model().predict(&churn::transform(&record.customer)).probability.get();
    assert_eq!(served(changes).await.to_bits(), offline.to_bits());
}

/// Values that a feature stands at while another is walked: every code, or a moderate grid of numbers.
fn grid(field: Field) -> Vec<f32> {
    match field {
        Field::Tenure => vec![0.0, 3.0, 9.0, 18.0, 36.0, 54.0, 72.0],
        Field::MonthlyCharges => vec![18.0, 30.0, 50.0, 70.0, 80.0, 95.0, 118.0],
        Field::TotalCharges => vec![0.0, 100.0, 400.0, 1500.0, 4000.0, 9000.0],
        Field::SeniorCitizen => vec![0.0, 1.0],
        category => (0..category.labels().len()).map(|code| code as f32).collect(),
    }
}

/// One value of feature `index` from each interval that the forest can tell apart, rising: every threshold, which is the
/// largest number of its interval, and the next number above the last one. No step between any two numbers is missed.
fn intervals(forest: &Columns, index: usize) -> Vec<f32> {
    let of_feature = forest.feature.iter().zip(&forest.threshold).filter(|(f, _)| usize::from(**f) == index);
    let mut values: Vec<f32> = of_feature.map(|(_, &threshold)| threshold).collect();
    values.sort_by(f32::total_cmp);
    values.dedup();
    values.extend(values.last().map(|last| last.next_up()));
    values
}

/// Every combination of the values of `fields`, with the others as they are in `row`.
fn combinations(fields: &[(usize, Field)], row: Features) -> Vec<Features> {
    fields.iter().fold(vec![row], |rows, &(index, field)| {
        let with = |row: &Features, value| {
            let mut row = *row;
            row[index] = value;
            row
        };
        rows.iter().flat_map(|row| grid(field).into_iter().map(move |value| with(row, value))).collect()
    })
}

/// The steps of feature `index` that lead the wrong way from some combination of all others, and how many were taken.
fn wrong_steps(forest: &Forest, index: usize, effect: Effect) -> (u64, u64) {
    let others: Vec<(usize, Field)> =
        FEATURES.into_iter().enumerate().filter(|(other, _)| *other != index).collect();
    let values = intervals(forest.columns(), index);
    let forest = forest.view();
    let (mut wrong, mut taken) = (0, 0);
    for mut row in combinations(&others, Features::default()) {
        let mut before: Option<f64> = None;
        for &value in &values {
            row[index] = value;
            let after = forest.probability(&row);
            taken += u64::from(before.is_some());
            wrong += u64::from(before.is_some_and(|before| match effect {
                Effect::Rising => after < before,
                Effect::Falling => before < after,
                Effect::Free => false,
            }));
            before = Some(after);
        }
    }
    (wrong, taken)
}

#[test]
fn no_step_leads_the_wrong_way_where_the_card_names_a_constraint() {
    let (artifact, _) = artifact();
    let served = champion();
    let constraints = &served.card().constraints;
    assert!(!constraints.is_empty(), "the champion is held to what every retention team knows");
    for (index, field) in FEATURES.into_iter().enumerate() {
        let Some(&effect) = constraints.get(field.name()) else { continue };
        let (wrong, taken) = wrong_steps(&artifact.forest, index, effect);
        assert!(10_000 < taken, "{taken} steps of {}", field.name());
        assert_eq!(wrong, 0, "of {taken} steps of {}", field.name());
    }
}

#[test]
fn the_walk_finds_the_wrong_steps_of_a_forest_without_constraints() {
    // Between 10.2 and 10.3 months the risk jumps up and down again: a step of tenure that a constraint would forbid.
    let columns = Columns {
        root: vec![0],
        feature: vec![0, LEAF, 0, LEAF, LEAF],
        threshold: vec![10.2, 0.0, 10.3, 0.0, 0.0],
        left: vec![1, 0, 3, 0, 0],
        right: vec![2, 0, 4, 0, 0],
        value: vec![0.0, 0.1, 0.0, 0.8, 0.1],
        cover: vec![3.0, 1.0, 2.0, 1.0, 1.0],
    };
    let forest = Forest::parse(columns, Link::Mean, FEATURES.len()).expect("a tree");
    for effect in [Effect::Rising, Effect::Falling] {
        let (wrong, taken) = wrong_steps(&forest, 0, effect);
        assert_eq!(
            (wrong * 2, taken),
            (taken, 2 * 7 * 6 * 2 * 3 * 3 * 4 * 2),
            "one of two steps, {effect:?}"
        );
    }
    assert_eq!(wrong_steps(&forest, 0, Effect::Free).0, 0);
}
