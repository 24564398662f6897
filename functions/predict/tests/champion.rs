//! The champion that was compiled in: it is the committed artifact, bit for bit, and the transform reaches it.

use crate::fixture::{customer_with, read};
use bytes::Bytes;
use churn::{Artifact, sha256_hex};
use churn_predict::{App, Sources, champion};
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
    let app = App::new(champion(), Sources::real());
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
