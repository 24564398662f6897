//! Files of a run, put behind the server and read back.

use std::collections::BTreeSet;

use churn::sha256_hex;
use serde::Deserialize;

use super::client::Server;
use super::error::{During, Fault, MlflowError};
use super::run::Run;

/// A file of a run.
pub(super) struct File<'a> {
    /// Path below the run's artifacts, with `/`.
    pub(super) path: String,
    pub(super) bytes: std::borrow::Cow<'a, [u8]>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    path: String,
}

/// Puts every file that is not there with these bytes, in this order, and reads each back.
pub(super) fn upload(server: &Server, run: &Run, files: &[File<'_>]) -> Result<(), MlflowError> {
    let folder = folder(server, run).during("finding where artifacts go")?;
    let mut there = BTreeSet::new();
    for path in ["", super::model::FOLDER] {
        there.extend(list(server, run, path).during("listing the run's artifacts")?);
    }
    for file in files {
        let (path, target) = (&file.path, format!("{folder}/{}", file.path));
        if there.contains(path) && read_back(server, &target, &file.bytes).is_ok() {
            continue;
        }
        server.upload(&target, &file.bytes).during(format!("uploading {path}"))?;
        read_back(server, &target, &file.bytes).during(format!("reading {path} back"))?;
    }
    Ok(())
}

/// The run's folder as the server's artifact store knows it.
fn folder<'a>(server: &Server, run: &'a Run) -> Result<&'a str, Fault> {
    let path = run.artifact_uri.strip_prefix("mlflow-artifacts:/").unwrap_or_default();
    let sound = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && !matches!(part, "" | "." | "..")
    };
    if path.split('/').all(sound) {
        Ok(path)
    } else {
        Err(Fault::NotProxied { found: server.said(&run.artifact_uri) })
    }
}

/// Paths of the files of one folder.
fn list(server: &Server, run: &Run, path: &str) -> Result<impl Iterator<Item = String>, Fault> {
    let run = run.id.to_string();
    let Listing { files } = server.get("artifacts/list", &[("run_id", &run), ("path", path)])?;
    Ok(files.into_iter().map(|file| file.path))
}

/// Downloads `target` and compares it with what it should hold.
fn read_back(server: &Server, target: &str, bytes: &[u8]) -> Result<(), Fault> {
    let (expected, found) = (sha256_hex(bytes), sha256_hex(&server.download(target, bytes.len() as u64)?));
    if found == expected { Ok(()) } else { Err(Fault::Hash { expected, found }) }
}
