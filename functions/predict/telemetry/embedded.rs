//! The figures of one request as log lines that CloudWatch turns into metrics (embedded metric format): on Lambda
//! nobody could ask each copy of the function for its own.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Log;

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

/// Writes one line: metrics as name, unit and value, in the dimensions given.
pub(super) fn write(
    log: &Log,
    milliseconds: i64,
    dimensions: &[(&str, &str)],
    metrics: &[(&str, &str, f64)],
) {
    let named = dimensions.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    let measured = metrics.iter().map(|(name, _, value)| ((*name).to_owned(), Value::from(*value)));
    log.write(&Line {
        aws: Metadata {
            timestamp: milliseconds,
            cloud_watch_metrics: [Directive {
                namespace: NAMESPACE,
                dimensions: [dimensions.iter().map(|(name, _)| *name).collect()],
                metrics: metrics.iter().map(|(name, unit, _)| Definition { name, unit }).collect(),
            }],
        },
        members: named.chain(measured).collect(),
    });
}
