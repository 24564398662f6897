//! The figures of one request as log lines that CloudWatch turns into metrics (embedded metric format): on Lambda
//! nobody could ask each copy of the function for its own.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Delivery, Log};

/// The namespace of all our metrics.
const NAMESPACE: &str = "Churn";

/// One line: metrics that share their dimensions.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "_aws")]
    aws: Metadata<'a>,
    #[serde(flatten)]
    members: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    /// Milliseconds since 1970.
    timestamp: i64,
    cloud_watch_metrics: [Directive<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'static str,
    dimensions: [Vec<&'a str>; 1],
    metrics: Vec<Definition<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition<'a> {
    name: &'a str,
    unit: &'a str,
}

/// What one line tells.
#[derive(Clone, Copy)]
pub(super) struct Figures<'a> {
    pub(super) dimensions: &'a [(&'a str, &'a str)],
    /// Name, unit and value.
    pub(super) metrics: &'a [(&'a str, &'a str, Value)],
    /// What stands in the line alone: a dimension of it would make new metrics with every value.
    pub(super) members: &'a [(&'a str, &'a str)],
}

/// Writes one line.
pub(super) fn write(log: &Log, milliseconds: i64, figures: Figures<'_>) -> Delivery {
    let Figures { dimensions, metrics, members } = figures;
    let texts = dimensions.iter().chain(members);
    let texts = texts.map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    let measured = metrics.iter().map(|(name, _, value)| ((*name).to_owned(), value.clone()));
    log.write(&Line {
        aws: Metadata {
            timestamp: milliseconds,
            cloud_watch_metrics: [Directive {
                namespace: NAMESPACE,
                dimensions: [dimensions.iter().map(|(name, _)| *name).collect()],
                metrics: metrics.iter().map(|(name, unit, _)| Definition { name, unit }).collect(),
            }],
        },
        members: texts.chain(measured).collect(),
    })
}
