//! The registered model: its versions, found by the artifact that they hold, and its aliases.

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Server;
use super::error::Fault;
use super::run::{Id, Run};
use super::{ARTIFACT_SHA256, MODEL};

#[derive(Deserialize)]
struct Created {
    model_version: Found,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    model_versions: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    version: Id,
    status: String,
}

#[derive(Deserialize)]
struct Registered {
    registered_model: Aliases,
}

#[derive(Deserialize)]
struct Aliases {
    #[serde(default)]
    aliases: Vec<Alias>,
}

#[derive(Deserialize)]
struct Alias {
    alias: String,
    version: Id,
}

/// Makes the registered model where there is none.
pub(super) fn ensure_model(server: &Server) -> Result<(), Fault> {
    match server.post::<Value>("registered-models/create", &json!({"name": MODEL})) {
        Err(fault) if !fault.is_duplicate() => Err(fault),
        _ => Ok(()),
    }
}

/// The version that holds the artifact with this hash; made of `run`'s model folder where there is none.
pub(super) fn find_or_create(
    server: &Server,
    run: &Run,
    sha256: &str,
    model_version: &str,
) -> Result<Id, Fault> {
    server.again(|| match find(server, sha256)? {
        Some(version) => Ok(version),
        None => create(server, run, sha256, model_version),
    })
}

/// The version that holds the artifact with this hash; asked once.
pub(super) fn find(server: &Server, sha256: &str) -> Result<Option<Id>, Fault> {
    let filter = format!("name = '{MODEL}' and tag.{ARTIFACT_SHA256} = '{sha256}'");
    let query = [("filter", filter.as_str()), ("max_results", "1")];
    let Search { model_versions } = server.get_once("model-versions/search", &query)?;
    model_versions.into_iter().next().map(|found| ready(server, found)).transpose()
}

fn create(server: &Server, run: &Run, sha256: &str, model_version: &str) -> Result<Id, Fault> {
    let tag = |key: &str, value: &str| json!({"key": key, "value": value});
    let Created { model_version } = server.post_once(
        "model-versions/create",
        &json!({
            "name": MODEL, "run_id": run.id.to_string(),
            "source": format!("{}/{}", run.artifact_uri, super::model::FOLDER),
            "tags": [tag(ARTIFACT_SHA256, sha256), tag("model_version", model_version)],
        }),
    )?;
    ready(server, model_version)
}

fn ready(server: &Server, Found { version, status }: Found) -> Result<Id, Fault> {
    if status == "READY" {
        Ok(version)
    } else {
        Err(Fault::NotReady { version: version.to_string(), found: server.said(&status) })
    }
}

/// Makes `alias` point to `version`.
pub(super) fn point(server: &Server, alias: &str, version: &Id) -> Result<(), Fault> {
    let target = json!({"name": MODEL, "alias": alias, "version": version.to_string()});
    server.post::<Value>("registered-models/alias", &target).map(drop)
}

/// Whether `alias` points to `version`.
pub(super) fn points(server: &Server, alias: &str, version: &Id) -> Result<bool, Fault> {
    let Registered { registered_model } = server.get("registered-models/get", &[("name", MODEL)])?;
    Ok(registered_model.aliases.iter().any(|found| found.alias == alias && found.version == *version))
}

/// Removes `alias` where it points to `version`.
pub(super) fn withdraw(server: &Server, alias: &str, version: &Id) -> Result<(), Fault> {
    if points(server, alias, version)? {
        server.delete("registered-models/alias", &json!({"name": MODEL, "alias": alias}))?;
    }
    Ok(())
}
