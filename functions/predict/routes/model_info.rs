//! `GET /model_info`: which model this is, what it reads, how good it is, and where it comes from.

use churn::{CardMetrics, DataFacts, Decision, Effect, FEATURES, FeatureImportance, Judged, Parameter};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::config::Shadow;
use crate::context::Context;

/// The model's name wherever it is registered.
pub(super) const NAME: &str = "churn_classifier";

/// What the card and the compiled schema say.
pub(crate) fn handle(context: &Context) -> Response<'static> {
    let served = context.shared.models.champion;
    let (card, forest) = (served.card(), served.model.forest);
    Response {
        name: NAME,
        model_version: served.version,
        artifact_sha256: served.sha256,
        model_type: &card.model_type,
        trees: forest.trees(),
        nodes: forest.nodes(),
        features: FEATURES
            .iter()
            .map(|field| Feature { name: field.name(), categories: field.labels() })
            .collect(),
        decision: served.model.decision,
        metrics: &card.metrics,
        judged: card.judged.as_ref(),
        importance: &card.importance,
        constraints: &card.constraints,
        data: &card.data,
        parameters: &card.parameters,
        trained_at: &card.trained_at,
        git_revision: card.git_revision.as_deref(),
        challenger: challenger(context),
    }
}

fn challenger(context: &Context) -> Option<Challenger<'static>> {
    let served = context.shared.models.challenger?;
    let config = &context.shared.config;
    Some(Challenger {
        model_version: served.version,
        artifact_sha256: served.sha256,
        model_type: &served.card().model_type,
        decision: served.model.decision,
        metrics: &served.card().metrics,
        percent: config.challenger_percent,
        shadow: match config.shadow {
            Shadow::On => "on",
            Shadow::Off => "off",
        },
    })
}

/// The model.
#[derive(Serialize)]
pub(crate) struct Response<'a> {
    name: &'static str,
    model_version: &'static str,
    artifact_sha256: &'static str,
    model_type: &'a str,
    trees: usize,
    nodes: usize,
    features: Vec<Feature>,
    decision: Decision,
    metrics: &'a CardMetrics,
    /// `null` where the card has none.
    judged: Option<&'a Judged>,
    importance: &'a [FeatureImportance],
    constraints: &'a BTreeMap<String, Effect>,
    data: &'a DataFacts,
    parameters: &'a BTreeMap<String, Parameter>,
    trained_at: &'a str,
    git_revision: Option<&'a str>,
    /// `null` where none was compiled in.
    challenger: Option<Challenger<'a>>,
}

/// The model beside it, and what it does.
#[derive(Serialize)]
struct Challenger<'a> {
    model_version: &'static str,
    artifact_sha256: &'static str,
    model_type: &'a str,
    /// Its own lines: an answer of it is read by them, never by the champion's.
    decision: Decision,
    metrics: &'a CardMetrics,
    /// Share of customers that it answers.
    percent: f64,
    /// Whether the one that does not answer scores too, for the log.
    shadow: &'static str,
}

/// One feature; a category's code is its index.
#[derive(Serialize)]
struct Feature {
    name: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    categories: &'static [&'static str],
}
