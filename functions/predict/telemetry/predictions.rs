//! The lines that a monitor reads: one a prediction, or the counts of many.

use std::collections::BTreeMap;

use churn::{FEATURES, Features, Field, Probability, RiskLevel};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::ledger::{RISKS, Role, Tally};
use super::{TraceKeys, timestamp};
use crate::context::Context;
use crate::score::{Row, Scored};

#[derive(Serialize)]
struct Line<'a> {
    severity: &'static str,
    message: &'static str,
    event: &'static str,
    #[serde(serialize_with = "as_text")]
    prediction_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    model_version: &'static str,
    variant: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shadow: Option<ShadowMembers>,
    features: &'a Features,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<BTreeMap<&'static str, String>>,
    probability: Probability,
    risk_level: RiskLevel,
    purpose: &'static str,
    time: String,
    #[serde(flatten)]
    trace: Option<TraceKeys>,
}

#[derive(Serialize)]
struct ShadowMembers {
    model_version: &'static str,
    probability: Probability,
}

/// Writes the line of one prediction.
pub(super) fn write_line(context: &Context, row: &Row<'_>, scored: &Scored) {
    context.shared.log.write(&Line {
        severity: "INFO",
        message: "prediction",
        event: "prediction",
        prediction_id: scored.prediction_id,
        customer: row.customer_id.and_then(|id| context.pseudonym(id)),
        model_version: scored.served.version,
        variant: scored.variant,
        shadow: scored.shadow.map(|shadow| ShadowMembers {
            model_version: shadow.served.version,
            probability: shadow.prediction.probability,
        }),
        features: &row.features,
        fields: row.customer.map(|customer| {
            let other = Field::ALL.into_iter().filter(|field| !FEATURES.contains(field));
            other.map(|field| (field.name(), customer.text(field).into_owned())).collect()
        }),
        probability: scored.prediction.probability,
        risk_level: scored.prediction.risk,
        purpose: context.purpose.label(),
        time: timestamp(context.now),
        trace: context.trace_keys(),
    });
}

#[derive(Serialize)]
struct Counts<'a> {
    severity: &'static str,
    message: &'static str,
    event: &'static str,
    model_version: &'static str,
    variant: &'static str,
    /// Absent where this model answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    rows: u64,
    /// Rows by bin of the reference, of each feature by its name: BigQuery has no list of lists.
    features: BTreeMap<&'static str, &'a [u64]>,
    score: &'a [u64],
    risk: BTreeMap<&'static str, u64>,
    time: String,
    #[serde(flatten)]
    trace: Option<TraceKeys>,
}

/// Writes the counts of one block.
pub(super) fn write_counts(context: &Context, tally: &Tally) {
    let (features, score) = tally.histograms();
    context.shared.log.write(&Counts {
        severity: "INFO",
        message: "prediction counts",
        event: "prediction_counts",
        model_version: tally.served.version,
        variant: tally.variant,
        role: match tally.role {
            Role::Answer => None,
            Role::Shadow => Some("shadow"),
        },
        rows: tally.rows,
        features: FEATURES.into_iter().map(|field| field.name()).zip(features).collect(),
        score,
        risk: RISKS.into_iter().map(RiskLevel::label).zip(tally.risk).collect(),
        // A stream may run for minutes: its blocks are told apart by their time.
        time: timestamp((context.shared.sources.now)()),
        trace: context.trace_keys(),
    });
}

fn as_text<S: Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
