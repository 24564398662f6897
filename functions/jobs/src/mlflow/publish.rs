//! After a training run: experiment, runs, files, a version of the registered model, and the alias `challenger`.
//!
//! Each step first looks for what is there already, so that the same command again, after whatever stopped the first,
//! does the rest and makes nothing twice.

use std::borrow::Cow;
use std::collections::BTreeMap;

use churn::{Card, Parameter, sha256_hex};
use learner::LearnerError;
use serde_json::{Value, json};

use super::artifacts::File;
use super::client::Server;
use super::error::{During, Fault, MlflowError};
use super::experiment::{self, Experiment};
use super::run::{Id, Identity, Metric, Run};
use super::{ARTIFACT_SHA256, artifacts, model, registry};

/// Tag by which a child run is found: the hash of its name and parameters.
const CANDIDATE: &str = "candidate_sha256";

/// What a training run leaves on the server.
pub(crate) struct Publication<'a> {
    /// The artifact's bytes, and their SHA-256 in hex.
    pub(crate) artifact: &'a [u8],
    pub(crate) sha256: &'a str,
    /// The card, and the same as it stands in its file.
    pub(crate) card: &'a Card,
    pub(crate) card_json: &'a str,
    /// `report.html`.
    pub(crate) report: &'a [u8],
    /// ONNX graph with one input of eight f32 and one output, `churn_probability` of shape `[rows]`.
    pub(crate) onnx: &'a [u8],
    /// Asked for every model that was tried, after the server has answered: their curves take as long as a fit.
    pub(crate) candidates: &'a Candidates<'a>,
}

/// Gives every model that was tried.
pub(crate) type Candidates<'a> = dyn Fn() -> Result<Vec<CandidateRun>, LearnerError> + 'a;

/// A model that was tried: a child run.
pub(crate) struct CandidateRun {
    pub(crate) name: String,
    pub(crate) parameters: BTreeMap<String, Parameter>,
    pub(crate) metrics: Vec<Metric>,
    /// Whether the artifact was made of it.
    pub(crate) selected: bool,
}

/// What stands on the server now.
pub(crate) struct Published {
    pub(crate) run_id: String,
    /// The version's number in the registry.
    pub(crate) model_version: String,
    /// The alias that points to it: `challenger`, or `champion` where these bytes are the champion's.
    pub(crate) alias: &'static str,
}

/// Brings everything of `publication` to the server, or the rest of it where a part is there.
pub(crate) fn publish(server: &Server, publication: &Publication<'_>) -> Result<Published, MlflowError> {
    let Publication { sha256, card, .. } = publication;
    let experiment = experiment::find_or_create(server).during("finding the experiment")?;
    let identity = Identity { name: &card.version, parent: None, tag: (ARTIFACT_SHA256, sha256) };
    let run = Run::find_or_create(server, &experiment, &identity).during("creating the run")?;
    describe(server, &run, card)?;
    let candidates = (publication.candidates)().map_err(Fault::from);
    for candidate in &candidates.during("computing the candidates' learning curves")? {
        child(server, &experiment, &run, candidate)?;
    }
    let files = files(publication, &run).during("describing the model")?;
    artifacts::upload(server, &run, &files)?;
    registry::ensure_model(server).during("creating the registered model")?;
    let version = registry::find_or_create(server, &run, sha256, &card.version)
        .during("creating the model's version")?;
    let alias = stand(server, &version)?;
    run.finish(server).during("finishing the run")?;
    Ok(Published { run_id: run.id.to_string(), model_version: version.to_string(), alias })
}

/// Makes `version` the challenger, unless it is the champion: a model does not challenge itself. Gives its alias.
fn stand(server: &Server, version: &Id) -> Result<&'static str, MlflowError> {
    if registry::points(server, "champion", version).during("asking for the champion")? {
        return Ok("champion");
    }
    registry::point(server, "challenger", version).during("moving the alias challenger")?;
    Ok("challenger")
}

/// Parameters, figures, tags and data of the whole training run.
fn describe(server: &Server, run: &Run, card: &Card) -> Result<(), MlflowError> {
    run.log_parameters(server, &card.parameters).during("logging the run's parameters")?;
    run.log_metrics(server, &figures(&json!(card.metrics))).during("logging the run's metrics")?;
    let mut tags = vec![
        ("command", card.command.as_str()),
        ("data_sha256", &card.data.sha256),
        ("machine", &card.machine),
        ("mlflow.source.name", "churn train"),
        ("model_type", &card.model_type),
        ("model_version", &card.version),
        ("trained_at", &card.trained_at),
    ];
    if let Some(revision) = &card.git_revision {
        let commit = revision.strip_suffix("-dirty").unwrap_or(revision);
        tags.extend([("git_revision", revision.as_str()), ("mlflow.source.git.commit", commit)]);
    }
    run.set_tags(server, &tags).during("setting the run's tags")?;
    run.log_dataset(server, &card.data).during("logging the data")
}

/// The run of one candidate, from beginning to end.
fn child(
    server: &Server,
    experiment: &Experiment,
    parent: &Run,
    candidate: &CandidateRun,
) -> Result<(), MlflowError> {
    let CandidateRun { name, parameters, metrics, selected } = candidate;
    let sha256 = sha256_hex(json!([name, parameters]).to_string().as_bytes());
    let identity = Identity { name, parent: Some(parent), tag: (CANDIDATE, &sha256) };
    let step = |what: &str| format!("{what} of candidate {name}");
    let run = Run::find_or_create(server, experiment, &identity).during(step("creating the run"))?;
    run.log_parameters(server, parameters).during(step("logging the parameters"))?;
    run.log_metrics(server, metrics).during(step("logging the metrics"))?;
    let selected = if *selected { "true" } else { "false" };
    run.set_tags(server, &[("selected", selected)]).during(step("setting the tags"))?;
    run.finish(server).during(step("finishing the run"))
}

/// All files of the run, the model's folder last.
fn files<'a>(publication: &Publication<'a>, run: &Run) -> Result<Vec<File<'a>>, Fault> {
    let version = &publication.card.version;
    let file = |path: String, bytes: &'a [u8]| File { path, bytes: Cow::Borrowed(bytes) };
    let mut files = vec![
        file(format!("{version}.msgpack"), publication.artifact),
        file(format!("{version}.card.json"), publication.card_json.as_bytes()),
        file("report.html".into(), publication.report),
    ];
    files.extend(model::files(run, publication.sha256, publication.onnx)?);
    Ok(files)
}

/// Every number of the card's metrics, by its path: `holdout/roc_auc_interval/low`. Lists stand in the card alone.
fn figures(metrics: &Value) -> Vec<Metric> {
    fn walk(path: &str, value: &Value, found: &mut Vec<Metric>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                    walk(&path, value, found);
                }
            }
            Value::Number(number) => {
                let value = number.as_f64().unwrap_or(f64::NAN);
                found.push(Metric { name: path.to_owned(), value, step: 0 });
            }
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) => {}
        }
    }
    let mut found = Vec::new();
    walk("", metrics, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_metrics_is_a_figure_named_by_its_path() {
        let metrics = json!({"holdout": {"rows": 5, "interval": {"low": 0.25}, "none": null, "slices": [1]}, "cv": {"mean": 0.5}});
        let found: Vec<(String, f64)> =
            figures(&metrics).into_iter().map(|metric| (metric.name, metric.value)).collect();
        let expected = [("cv/mean", 0.5), ("holdout/interval/low", 0.25), ("holdout/rows", 5.0)];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value)));
    }
}
