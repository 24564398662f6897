//! The artifact and its card: what is written is read back, and what is damaged is refused with its reason.

use std::collections::BTreeMap;
use std::error::Error;

use churn::{
    Artifact, CandidateFacts, Card, CardError, CardMetrics, CrossValidation, CustomerIds, DataFacts,
    Decision, Effect, FeatureImportance, Features, Golden, Parameter, Provenance, Reference, Seen, Sketch,
    Yardstick, sha256_hex,
};
use forest::{Columns, Forest, LEAF, Link};

/// Two stumps: on tenure (months) and on contract.
fn artifact() -> Artifact {
    let columns = Columns {
        root: vec![0, 3],
        feature: vec![0, LEAF, LEAF, 5, LEAF, LEAF],
        threshold: vec![12.5, 0.0, 0.0, 0.5, 0.0, 0.0],
        left: vec![1, 0, 0, 4, 0, 0],
        right: vec![2, 0, 0, 5, 0, 0],
        value: vec![0.0, 0.7, 0.1, 0.0, 0.5, 0.05],
        cover: vec![10.0, 4.0, 6.0, 10.0, 5.0, 5.0],
    };
    let rows: [Features; 2] =
        [[3.0, 70.0, 210.0, 0.0, 1.0, 0.0, 2.0, 1.0], [60.0, 20.0, 1200.0, 0.0, 2.0, 2.0, 0.0, 0.0]];
    let forest = Forest::parse(columns, Link::Mean, 8).expect("the stumps are sound");
    let golden: Vec<Golden> = rows
        .iter()
        .map(|&features| Golden { features, probability: forest.view().probability(&features) })
        .collect();
    let scores: Vec<f64> = golden.iter().map(|golden| golden.probability).collect();
    Artifact {
        forest,
        decision: Decision::at(0.4),
        reference: Reference::of(&rows, &scores),
        golden,
        provenance: Provenance {
            trainer: "a test".into(),
            model_type: "random_forest".into(),
            data_sha256: sha256_hex(b"data"),
            data_rows: 2,
            fitted_rows: 2,
            seed: 42,
            parameters: BTreeMap::from([
                ("trees".into(), Parameter::Count(2)),
                ("fraction".into(), Parameter::Number(0.5)),
                ("criterion".into(), Parameter::Name("gini".into())),
            ]),
            seen: None,
        },
    }
}

#[test]
fn an_artifact_reads_back_as_it_was_written() {
    let bytes = artifact().encode();
    let back = Artifact::decode(&bytes).unwrap();
    assert_eq!(back, artifact());
    assert_eq!(back.encode(), bytes);
    assert_eq!(back.model().predict(&back.golden[0].features).probability.get(), (0.7 + 0.5) / 2.0);
}

#[test]
fn an_artifact_without_a_record_of_its_rows_has_the_bytes_that_it_always_had() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../model-artifacts/history");
    let mut artifacts = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "msgpack") {
            let bytes = std::fs::read(&path).unwrap();
            assert_eq!(Artifact::decode(&bytes).unwrap().encode(), bytes, "{}", path.display());
            artifacts += 1;
        }
    }
    assert!(0 < artifacts, "{folder} holds every champion there was");
}

#[test]
fn what_a_model_saw_is_read_back_and_a_sketch_out_of_order_is_refused() {
    let mut with = artifact();
    let sketch = Sketch::try_from(vec![0xabad_1dea_0000_0001, 0xabad_1dea_0000_0002]).unwrap();
    with.provenance.seen = Some(Seen { customer_ids: CustomerIds::EveryRow, sketch });
    let bytes = with.encode();
    assert_eq!(Artifact::decode(&bytes).unwrap(), with);
    let first = 0xabad_1dea_0000_0001_u64.to_be_bytes();
    let at = bytes.windows(8).position(|window| window == first).unwrap();
    let mut bytes = bytes;
    bytes[at + 7] = 3;
    check(&bytes, "at most 256 hashes, strictly rising");
}

/// Expects decoding to fail with `expected` somewhere in the chain of its reasons.
fn check(bytes: &[u8], expected: &str) {
    let error = Artifact::decode(bytes).expect_err(expected);
    let mut reasons = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        reasons += &format!(": {error}");
        cause = error.source();
    }
    assert!(reasons.contains(expected), "{reasons:?} says nothing of {expected:?}");
}

fn broken(breaks: fn(&mut Artifact)) -> Vec<u8> {
    let mut artifact = artifact();
    breaks(&mut artifact);
    artifact.encode()
}

/// The same bytes with one text replaced by another of the same length, and sealed again.
fn replaced(from: &str, to: &str) -> Vec<u8> {
    let mut bytes = artifact().encode();
    let at =
        bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect("the text is there");
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    let content = bytes.len() - 64;
    let seal = sha256_hex(&bytes[..content]);
    bytes[content..].copy_from_slice(seal.as_bytes());
    bytes
}

#[test]
fn damage_is_refused_with_its_reason() {
    let bytes = artifact().encode();
    check(b"", "not a churn model, or damaged");
    check(b"hello, this is text", "not a churn model, or damaged");
    for cut in [1, bytes.len() / 2, bytes.len() - 1] {
        check(&bytes[..cut], "not a churn model, or damaged");
    }
    check(&[&bytes[..], b"x"].concat(), "1 bytes follow the end of the model");
    check(&replaced("churn-model", "other-model"), "a file of format \"other-model\"");
    check(
        &replaced("MonthlyCharges", "MonthlyChargeZ"),
        "feature 1 is MonthlyChargeZ, expected MonthlyCharges",
    );
    check(&replaced("Fiber optic", "Fibre optic"), "categories of InternetService are");
    check(&broken(|a| a.golden.clear()), "no golden rows");
    check(&broken(|a| a.golden[1].probability += 1e-9), "golden row 1 scores");
    check(&broken(|a| a.decision.threshold = f64::NAN), "no probabilities in order");
    check(&broken(|a| a.reference.features.truncate(7)), "do not fit the features");
    check(&broken(|a| a.reference.score.counts.truncate(3)), "do not fit the features");
}

#[test]
fn another_version_of_the_format_is_named() {
    let mut bytes = artifact().encode();
    let key = b"format_version";
    let at = bytes.windows(key.len()).position(|window| window == key).expect("the key is there") + key.len();
    bytes[at] = 2;
    check(&bytes, "format version 2, expected 1");
}

#[test]
fn every_flipped_bit_is_refused() {
    let bytes = artifact().encode();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(Artifact::decode(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn a_card_belongs_to_one_artifact() {
    let sha256 = sha256_hex(&artifact().encode());
    let cross_validation = CrossValidation { folds: 5, roc_auc_mean: 0.84, roc_auc_sd: 0.01 };
    let card = Card {
        version: Card::version_of(&sha256),
        artifact_sha256: sha256.clone(),
        model_type: "random_forest".into(),
        command: "churn train".into(),
        trained_at: "2026-11-23T14:00:00Z".into(),
        duration_seconds: 1.5,
        machine: "x86_64-linux, 2 threads".into(),
        git_revision: None,
        data: DataFacts {
            file: "telco.csv".into(),
            sha256: sha256_hex(b"data"),
            rows: 2,
            churned: 1,
            fitted_rows: 2,
            holdout_rows: 0,
        },
        parameters: artifact().provenance.parameters,
        constraints: [("tenure".to_owned(), Effect::Falling)].into(),
        decision: Decision::at(0.4),
        metrics: CardMetrics {
            holdout: None,
            cross_validation: Some(cross_validation),
            out_of_bag_roc_auc: Some(0.83),
        },
        candidates: vec![CandidateFacts {
            model_type: "logistic_regression".into(),
            parameters: [("l2".to_owned(), Parameter::Number(1.0))].into(),
            cross_validation,
            nodes: 0.0,
            difference: None,
            selected: false,
        }],
        yardstick: Some(Yardstick { roc_auc_mean: 0.84, difference: None, is_better: false }),
        importance: vec![FeatureImportance {
            feature: "tenure".into(),
            gain: 0.25,
            permutation_mean: -0.001,
            permutation_sd: 0.002,
        }],
        judged: None,
        note: Some("a test wrote this".into()),
    };
    assert_eq!(Card::parse(&card.to_json(), &sha256).unwrap(), card);
    let other = sha256_hex(b"another artifact");
    assert!(matches!(Card::parse(&card.to_json(), &other), Err(CardError::OtherArtifact { .. })));
    let same_version = format!("{}{}", &sha256[..12], &other[12..]);
    assert!(matches!(Card::parse(&card.to_json(), &same_version), Err(CardError::OtherArtifact { .. })));
    assert!(matches!(Card::parse("{}", &sha256), Err(CardError::Malformed(_))));
}
