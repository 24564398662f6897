//! Runs: found by their tags or made, and what is logged to them.
//!
//! Everything here may be done twice with the same result: metrics carry the run's own start as their time, so that a
//! repeated one is the same row, and what a run is made by is also what it is found by.

use std::collections::BTreeMap;
use std::fmt;

use churn::Parameter;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::client::Server;
use super::error::Fault;
use super::experiment::Experiment;

/// The most that one `runs/log-batch` takes.
const METRICS_A_BATCH: usize = 1000;
const PARAMETERS_A_BATCH: usize = 100;
/// A server cuts longer values of parameters without a word.
const PARAMETER_LIMIT: usize = 6000;
/// Tag that makes a run the child of another.
const PARENT: &str = "mlflow.parentRunId";
/// Longest digest of a dataset.
const DIGEST_LIMIT: usize = 36;

/// One figure of a run; `step` counts boosting rounds, and is 0 for a figure of the whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) step: u64,
}

/// An identifier that the server made: letters, digits, `-` and `_` alone, so that it can stand in paths and filters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Id(String);

impl TryFrom<String> for Id {
    type Error = &'static str;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        let sound = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if sound && (1..=64).contains(&id.len()) {
            Ok(Self(id))
        } else {
            Err("an identifier of odd characters")
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a run is, and by which tags it is found again.
pub(super) struct Identity<'a> {
    pub(super) name: &'a str,
    pub(super) parent: Option<&'a Run>,
    /// A tag of our own, whose value tells this run from its siblings.
    pub(super) tag: (&'static str, &'a str),
}

/// A run on the server.
pub(super) struct Run {
    pub(super) id: Id,
    /// Milliseconds since 1970.
    pub(super) start: i64,
    /// Where its artifacts lie, `mlflow-artifacts:/...`.
    pub(super) artifact_uri: String,
    finished: bool,
}

#[derive(Deserialize)]
struct Answer {
    run: Found,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    runs: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    info: Info,
}

#[derive(Deserialize)]
struct Info {
    run_id: Id,
    start_time: i64,
    artifact_uri: String,
    status: String,
}

impl From<Found> for Run {
    fn from(Found { info }: Found) -> Self {
        let finished = info.status == "FINISHED";
        Self { id: info.run_id, start: info.start_time, artifact_uri: info.artifact_uri, finished }
    }
}

impl Run {
    /// Finds the run by its tags, and makes it where there is none.
    ///
    /// Making is not tried again by itself, but only after another look: an answer that was lost may have been a success.
    pub(super) fn find_or_create(
        server: &Server,
        experiment: &Experiment,
        identity: &Identity<'_>,
    ) -> Result<Self, Fault> {
        server.again(|| match Self::find(server, experiment, identity)? {
            Some(run) => Ok(run),
            None => Self::create(server, experiment, identity),
        })
    }

    fn find(
        server: &Server,
        experiment: &Experiment,
        identity: &Identity<'_>,
    ) -> Result<Option<Self>, Fault> {
        let (key, value) = identity.tag;
        let mut filter = format!("tags.{key} = '{value}'");
        if let Some(parent) = identity.parent {
            filter += &format!(" and tags.`{PARENT}` = '{}'", parent.id);
        }
        let Search { runs } = server.post_once(
            "runs/search",
            &json!({
                "experiment_ids": [experiment.id.0], "filter": filter, "max_results": 1,
                "order_by": ["attributes.start_time ASC"],
            }),
        )?;
        Ok(runs.into_iter().next().map(Self::from))
    }

    fn create(server: &Server, experiment: &Experiment, identity: &Identity<'_>) -> Result<Self, Fault> {
        let (key, value) = identity.tag;
        let parent = identity.parent.map(|parent| json!({"key": PARENT, "value": parent.id.0}));
        let tags: Vec<Value> = [json!({"key": key, "value": value})].into_iter().chain(parent).collect();
        let Answer { run } = server.post_once(
            "runs/create",
            &json!({
                "experiment_id": experiment.id.0, "run_name": identity.name, "start_time": now(), "tags": tags,
            }),
        )?;
        Ok(run.into())
    }

    /// Logs hyperparameters, in as many batches as it takes.
    pub(super) fn log_parameters(
        &self,
        server: &Server,
        parameters: &BTreeMap<String, Parameter>,
    ) -> Result<(), Fault> {
        let entries = parameters.iter().map(entry).collect::<Result<Vec<Value>, Fault>>()?;
        entries.chunks(PARAMETERS_A_BATCH).try_for_each(|batch| self.log(server, json!({"params": batch})))
    }

    /// Logs figures, in as many batches as it takes.
    pub(super) fn log_metrics(&self, server: &Server, metrics: &[Metric]) -> Result<(), Fault> {
        if let Some(odd) = metrics.iter().find(|metric| !metric.value.is_finite()) {
            return Err(Fault::NotFinite { what: format!("metric {}", odd.name), found: odd.value });
        }
        metrics.chunks(METRICS_A_BATCH).try_for_each(|batch| {
            let entry = |Metric { name, value, step }: &Metric| json!({"key": name, "value": value, "timestamp": self.start, "step": step});
            self.log(server, json!({"metrics": batch.iter().map(entry).collect::<Vec<Value>>()}))
        })
    }

    /// Sets tags.
    pub(super) fn set_tags(&self, server: &Server, tags: &[(&str, &str)]) -> Result<(), Fault> {
        let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        self.log(server, json!({"tags": tags}))
    }

    fn log(&self, server: &Server, mut batch: Value) -> Result<(), Fault> {
        batch["run_id"] = self.id.0.clone().into();
        server.post::<Value>("runs/log-batch", &batch).map(drop)
    }

    /// Logs which data the run was trained on.
    pub(super) fn log_dataset(&self, server: &Server, data: &churn::DataFacts) -> Result<(), Fault> {
        let digest = &data.sha256[..DIGEST_LIMIT.min(data.sha256.len())];
        let dataset = json!({
            "name": data.file, "digest": digest, "source_type": "local",
            "source": json!({"uri": data.file}).to_string(),
            "profile": json!({"num_rows": data.rows, "churned": data.churned, "sha256": data.sha256}).to_string(),
        });
        let tags = [json!({"key": "mlflow.data.context", "value": "training"})];
        let inputs = json!({"run_id": self.id.0, "datasets": [{"tags": tags, "dataset": dataset}]});
        server.post::<Value>("runs/log-inputs", &inputs).map(drop)
    }

    /// Marks the run as finished, where it is not.
    pub(super) fn finish(&self, server: &Server) -> Result<(), Fault> {
        if self.finished {
            return Ok(());
        }
        let update = json!({"run_id": self.id.0, "status": "FINISHED", "end_time": now()});
        server.post::<Value>("runs/update", &update).map(drop)
    }
}

fn entry((name, value): (&String, &Parameter)) -> Result<Value, Fault> {
    let value = match value {
        Parameter::Count(count) => count.to_string(),
        Parameter::Number(number) => number.to_string(),
        Parameter::Name(name) => name.clone(),
    };
    let found = value.chars().count();
    if PARAMETER_LIMIT < found {
        return Err(Fault::TooLong { what: format!("parameter {name}"), limit: PARAMETER_LIMIT, found });
    }
    Ok(json!({"key": name, "value": value}))
}

/// Milliseconds since 1970.
fn now() -> i64 {
    (OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000) as i64
}
