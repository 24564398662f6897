//! A folder to train in, and what a server must hold afterwards.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use churn::sha256_hex as sha256;
use serde_json::Value;
use tempfile::TempDir;

use crate::server::Server;

/// A configuration that trains in no time: one forest of four trees.
const SMALL: &str = "[selection]
candidates = [\"random_forest\"]
folds = 3
repeats = 1
[forest]
trees = 4
max_depth = 4
min_samples_leaf = 20
";

/// A folder with a sample of 300 customers.
pub(crate) struct Bench(TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self(TempDir::new().expect("a temporary folder"));
        bench.ok(&["sample", "--rows", "300", "--seed", "7", "-o", "c.csv"]);
        fs::write(bench.path("small.toml"), SMALL).expect("the folder can be written");
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_churn"));
        command.args(arguments).current_dir(self.0.path());
        for (name, _) in std::env::vars()
            .filter(|(name, _)| name.starts_with("MLFLOW") || name.to_lowercase().ends_with("_proxy"))
        {
            command.env_remove(name);
        }
        // Longer than any machine is too busy to answer itself.
        command.env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1").env("MLFLOW_HTTP_REQUEST_TIMEOUT", "60");
        command.envs(environment.iter().copied()).output().expect("the binary runs")
    }

    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run_with(&[], arguments);
        let said = text(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    pub(crate) fn train<'a>(&self, uri: &'a str) -> [&'a str; 9] {
        ["train", "--data", "c.csv", "--config", "small.toml", "--out", "m", "--mlflow", uri]
    }

    /// Expects this exit status and all of `expected` in the message; gives the message.
    pub(crate) fn fails(
        &self,
        status: i32,
        environment: &[(&str, &str)],
        arguments: &[&str],
        expected: &[&str],
    ) -> String {
        let output = self.run_with(environment, arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        for expected in expected {
            assert!(said.contains(expected), "{arguments:?}: {said:?} says nothing of {expected:?}");
        }
        said
    }

    pub(crate) fn card(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("m/challenger.card.json")).expect("a card")).expect("JSON")
    }

    /// Card and artifact are there, and belong together.
    pub(crate) fn is_whole(&self) {
        let artifact = fs::read(self.path("m/challenger.msgpack")).expect("an artifact");
        assert_eq!(self.card()["artifact_sha256"], sha256(&artifact));
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One experiment, a parent with its child, both finished, one version that is the challenger, and all files.
pub(crate) fn is_complete(server: &Server, bench: &Bench) {
    let state = server.state();
    assert_eq!((state.experiments.len(), state.runs.len(), state.versions.len()), (1, 2, 1));
    assert!(state.runs.iter().all(|run| run["info"]["status"] == "FINISHED"));
    assert_eq!(state.aliases.get("challenger").map(String::as_str), Some("1"));
    let artifact = fs::read(bench.path("m/challenger.msgpack")).expect("an artifact");
    let card = bench.card();
    let version = card["version"].as_str().expect("a version");
    let run = state.run("artifact_sha256")["info"]["run_id"].as_str().expect("an id").to_owned();
    let names = [
        &format!("{version}.card.json"),
        &format!("{version}.msgpack"),
        "model/MLmodel",
        "model/conda.yaml",
        "model/model.onnx",
        "model/python_env.yaml",
        "model/requirements.txt",
        "report.html",
    ];
    let expected: Vec<String> = names.iter().map(|name| format!("1/{run}/artifacts/{name}")).collect();
    assert_eq!(state.files.keys().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    assert_eq!(state.files[&expected[1]], artifact);
    assert_eq!(state.files[&expected[0]], fs::read(bench.path("m/challenger.card.json")).expect("a card"));
    assert_eq!(state.files[&expected[7]], fs::read(bench.path("m/report.html")).expect("a report"));
}
