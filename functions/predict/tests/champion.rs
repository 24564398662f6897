//! The champion that was compiled in: it is the committed artifact, bit for bit, and the transform reaches it.

use crate::fixture::{customer_with, read};
use bytes::Bytes;
use churn::{Artifact, Effect, FEATURES, Features, Field, sha256_hex};
use churn_predict::{App, Config, Sources, champion, compiled};
use forest::{Columns, Forest, ForestView, LEAF, Link};
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

/// Values that a feature is walked through: every code, or a grid of numbers that is finer where customers are.
fn grid(field: Field) -> Vec<f32> {
    let steps = |count: u16, width: f32| (0..=count).map(|step| f32::from(step) * width).collect();
    match field {
        Field::Tenure => steps(24, 3.0),
        Field::MonthlyCharges => steps(24, 5.0),
        Field::TotalCharges => vec![0.0, 100.0, 400.0, 1500.0, 4000.0, 9000.0],
        Field::SeniorCitizen => vec![0.0, 1.0],
        category => (0..category.labels().len()).map(|code| code as f32).collect(),
    }
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
fn wrong_steps(forest: ForestView<'_>, index: usize, field: Field, effect: Effect) -> (u64, u64) {
    let others: Vec<(usize, Field)> =
        FEATURES.into_iter().enumerate().filter(|(other, _)| *other != index).collect();
    let values = grid(field);
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
    let served = champion();
    let constraints = &served.card().constraints;
    for (index, field) in FEATURES.into_iter().enumerate() {
        let Some(&effect) = constraints.get(field.name()) else { continue };
        let (wrong, taken) = wrong_steps(served.model.forest, index, field, effect);
        assert!(100_000 < taken, "{taken} steps of {}", field.name());
        assert_eq!(wrong, 0, "of {taken} steps of {}", field.name());
    }
}

#[test]
fn the_walk_finds_the_wrong_steps_of_a_forest_without_constraints() {
    // Over 10 months the risk jumps up: a step of tenure that a constraint would forbid.
    let columns = Columns {
        root: vec![0],
        feature: vec![0, LEAF, LEAF],
        threshold: vec![10.0, 0.0, 0.0],
        left: vec![1, 0, 0],
        right: vec![2, 0, 0],
        value: vec![0.0, 0.1, 0.8],
        cover: vec![2.0, 1.0, 1.0],
    };
    let forest = Forest::parse(columns, Link::Mean, FEATURES.len()).expect("a stump");
    let (wrong, taken) = wrong_steps(forest.view(), 0, Field::Tenure, Effect::Falling);
    assert_eq!(wrong * 24, taken, "one of the 24 steps of each combination");
    assert_eq!(wrong_steps(forest.view(), 0, Field::Tenure, Effect::Rising).0, 0);
}
