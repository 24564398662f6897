//! Publishing to an MLflow server, from outside: what it gets, and that no server whatever does harm.

mod server;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use churn::sha256_hex as sha256;
use serde_json::{Value, json};
use server::{Failure, Server};
use tempfile::TempDir;

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
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(TempDir::new().expect("a temporary folder"));
        bench.ok(&["sample", "--rows", "300", "--seed", "7", "-o", "c.csv"]);
        fs::write(bench.path("small.toml"), SMALL).expect("the folder can be written");
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_churn"));
        command.args(arguments).current_dir(self.0.path());
        for (name, _) in std::env::vars()
            .filter(|(name, _)| name.starts_with("MLFLOW") || name.to_lowercase().ends_with("_proxy"))
        {
            command.env_remove(name);
        }
        command.env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1").env("MLFLOW_HTTP_REQUEST_TIMEOUT", "2");
        command.envs(environment.iter().copied()).output().expect("the binary runs")
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run_with(&[], arguments);
        let said = text(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    fn train<'a>(&self, uri: &'a str) -> [&'a str; 9] {
        ["train", "--data", "c.csv", "--config", "small.toml", "--out", "m", "--mlflow", uri]
    }

    /// Expects this exit status and all of `expected` in the message; gives the message.
    fn fails(
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

    fn card(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("m/challenger.card.json")).expect("a card")).expect("JSON")
    }

    /// Card and artifact are there, and belong together.
    fn is_whole(&self) {
        let artifact = fs::read(self.path("m/challenger.msgpack")).expect("an artifact");
        assert_eq!(self.card()["artifact_sha256"], sha256(&artifact));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One experiment, a parent with its child, both finished, one version that is the challenger, and all files.
fn is_complete(server: &Server, bench: &Bench) {
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

#[test]
fn a_training_run_leaves_runs_files_a_version_and_an_alias() {
    let (bench, server) = (Bench::new(), Server::start());
    let said = bench.ok(&bench.train(&server.uri));
    assert!(said.contains("MLflow: run run0; version 1 of churn_classifier is the challenger"), "{said}");
    is_complete(&server, &bench);
    let (card, state) = (bench.card(), server.state());
    assert_eq!(state.experiments[0]["name"], "churn_prediction");

    let parent = state.run("artifact_sha256");
    assert_eq!(parent["info"]["run_name"], card["version"]);
    let tags = &parent["data"]["tags"];
    assert_eq!(
        (&tags["artifact_sha256"], &tags["model_version"]),
        (&card["artifact_sha256"], &card["version"])
    );
    assert_eq!((&tags["data_sha256"], &tags["command"]), (&card["data"]["sha256"], &card["command"]));
    assert_eq!(parent["data"]["params"]["trees"], "4");
    let dataset = &parent["inputs"][0]["dataset"];
    assert_eq!(
        (dataset["name"].as_str(), dataset["digest"].as_str().map(str::len)),
        (Some("c.csv"), Some(36))
    );
    let metric = |run: &Value, name: &str| -> Vec<(f64, u64)> {
        let metrics =
            run["metrics"].as_array().expect("metrics").iter().filter(|metric| metric["key"] == name);
        metrics
            .map(|metric| {
                (metric["value"].as_f64().expect("a value"), metric["step"].as_u64().expect("a step"))
            })
            .collect()
    };
    let auc = card["metrics"]["holdout"]["roc_auc"].as_f64().expect("a hold-out");
    assert_eq!(metric(parent, "holdout/roc_auc"), [(auc, 0)]);

    let child = state.run("mlflow.parentRunId");
    assert_eq!(child["data"]["tags"]["mlflow.parentRunId"], parent["info"]["run_id"]);
    assert_eq!(child["data"]["tags"]["selected"], "true");
    assert!(
        !metric(child, "fold/roc_auc").is_empty() && child["data"]["params"]["max_depth"] == "4",
        "{child}"
    );

    let version = &state.versions[0];
    assert_eq!(
        (&version["name"], &version["run_id"]),
        (&json!("churn_classifier"), &parent["info"]["run_id"])
    );
    assert_eq!(version["source"], "mlflow-artifacts:/1/run0/artifacts/model");
    let tags = [("artifact_sha256", &card["artifact_sha256"]), ("model_version", &card["version"])];
    assert_eq!(version["tags"], json!(tags.map(|(key, value)| json!({"key": key, "value": value}))));

    let mlmodel = text(&state.files["1/run0/artifacts/model/MLmodel"]);
    let doubles =
        mlmodel.lines().find(|line| line.contains("inputs: ")).expect("a signature").matches("\"double\"");
    assert_eq!(doubles.count(), 8, "{mlmodel}");
    let uploads: Vec<&String> =
        state.requests.iter().map(|(name, _)| name).filter(|name| name.starts_with("PUT")).collect();
    assert!(uploads.last().is_some_and(|name| name.ends_with("/MLmodel")), "{uploads:?}");
}

#[test]
fn the_same_command_again_makes_nothing_twice_and_sends_no_file_twice() {
    let (bench, server) = (Bench::new(), Server::start());
    bench.ok(&bench.train(&server.uri));
    let (uploads, metrics) = (server.count("PUT"), server.state().runs[0]["metrics"].clone());
    bench.ok(&bench.train(&server.uri));
    is_complete(&server, &bench);
    assert_eq!(server.count("PUT"), uploads + 2, "card and report alone are others: they tell the time");
    assert_eq!(server.state().runs[0]["metrics"], metrics);
}

/// A server that fails like this for ever: exit status 1, `expected` in the message, whole files, and after it is mended
/// the same command does the rest.
fn check(what: &str, failure: Failure, expected: &[&str]) {
    let (bench, server) = (Bench::new(), Server::start());
    server.fail(what, usize::MAX, failure);
    let rest =
        ["the files of the challenger are whole; the same command again does the rest", "error: MLflow: "];
    bench.fails(1, &[], &bench.train(&server.uri), &[expected, &rest].concat());
    bench.is_whole();
    server.mend();
    bench.ok(&bench.train(&server.uri));
    is_complete(&server, &bench);
}

#[test]
fn a_server_that_fails_at_any_step_is_named_by_the_step_and_the_same_command_does_the_rest() {
    for (what, step) in [
        ("GET /api/2.0/mlflow/experiments/get-by-name", "finding the experiment"),
        ("POST /api/2.0/mlflow/experiments/create", "finding the experiment"),
        ("POST /api/2.0/mlflow/runs/search", "creating the run"),
        ("POST /api/2.0/mlflow/runs/create", "creating the run"),
        ("POST /api/2.0/mlflow/runs/log-batch", "logging the run's parameters"),
        ("POST /api/2.0/mlflow/runs/log-inputs", "logging the data"),
        ("GET /api/2.0/mlflow/artifacts/list", "listing the run's artifacts"),
        ("model/model.onnx", "uploading model/model.onnx"),
        (
            "GET /api/2.0/mlflow-artifacts/artifacts/1/run0/artifacts/model/MLmodel",
            "reading model/MLmodel back",
        ),
        ("POST /api/2.0/mlflow/registered-models/create", "creating the registered model"),
        ("GET /api/2.0/mlflow/model-versions/search", "creating the model's version"),
        ("POST /api/2.0/mlflow/model-versions/create", "creating the model's version"),
        ("POST /api/2.0/mlflow/registered-models/alias", "moving the alias challenger"),
        ("POST /api/2.0/mlflow/runs/update", "finishing the run of candidate random_forest"),
    ] {
        let said = r#"{"error_code": "BAD_REQUEST", "message": "not today"}"#.to_owned();
        check(what, Failure::Answer(400, said), &[&format!("MLflow: {step}: status 400 (not today)")]);
    }
}

#[test]
fn answers_of_a_foreign_server_are_errors() {
    let (name, file) = ("get-by-name", "GET /api/2.0/mlflow-artifacts/");
    check(name, Failure::Answer(500, "{}".into()), &["finding the experiment: status 500"]);
    check(
        name,
        Failure::Answer(200, "<html>Log in</html>".into()),
        &["is not what an MLflow server says (expected value"],
    );
    check(
        name,
        Failure::Answer(200, "{}".into()),
        &["is not what an MLflow server says (missing field `experiment`"],
    );
    check(
        name,
        Failure::Answer(200, "{\"experiment\":".repeat(10_000)),
        &["is not what an MLflow server says ("],
    );
    check(name, Failure::Answer(200, " ".repeat(5_000_000)), &["the answer has more than 4194304 bytes"]);
    check(file, Failure::Answer(200, " ".repeat(5_000_000)), &["back: the answer has more than "]);
    check(
        file,
        Failure::Answer(200, "other".into()),
        &[
            "back: it reads back with SHA-256 d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa, expected ",
        ],
    );
    for status in [301, 302, 307, 308] {
        check(
            name,
            Failure::Answer(status, String::new()),
            &["redirects to \"http://elsewhere.example/\", which is not followed"],
        );
    }
    for status in [401, 403] {
        check(
            name,
            Failure::Answer(status, String::new()),
            &[&format!("(status {status}); set MLFLOW_TRACKING_TOKEN, or ")],
        );
    }
    let whole = "HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{";
    check(name, Failure::Raw(whole.into()), &["finding the experiment: the "]);
    check(name, Failure::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".into()), &["finding the experiment: the "]);
    check(name, Failure::Raw(Vec::new()), &["finding the experiment: the server cannot be reached"]);
    check("PUT", Failure::CutUpload, &[".msgpack: the server cannot be reached"]);
    check("PUT", Failure::Damage, &[".msgpack back: it reads back with SHA-256 "]);
    let experiment = r#"{"experiment": {"experiment_id": "1", "lifecycle_stage": "deleted"}}"#;
    check(
        name,
        Failure::Answer(200, experiment.into()),
        &["experiment churn_prediction is deleted; restore it"],
    );
    for id in ["../../1", "1' or 'a'='a", ""] {
        let experiment =
            json!({"experiment": {"experiment_id": id, "lifecycle_stage": "active"}}).to_string();
        check(name, Failure::Answer(200, experiment), &["an identifier of odd characters"]);
    }
    for root in
        ["s3://bucket/1", "file:///etc", "mlflow-artifacts:/../../etc", "mlflow-artifacts://host/1", ""]
    {
        let info = json!({"run_id": "run0", "start_time": 1, "artifact_uri": root, "status": "RUNNING"});
        let run = json!({"run": {"info": info}}).to_string();
        let (bench, server) = (Bench::new(), Server::start());
        bench.ok(&bench.train(&server.uri));
        let runs = json!({"runs": [{"info": info}]}).to_string();
        server.fail("runs/search", usize::MAX, Failure::Answer(200, runs));
        server.fail("runs/create", usize::MAX, Failure::Answer(200, run));
        bench.fails(
            1,
            &[],
            &bench.train(&server.uri),
            &["finding where artifacts go: the server keeps artifacts at "],
        );
    }
}

#[test]
fn a_server_that_is_down_or_never_answers_costs_no_more_than_the_limits() {
    let bench = Bench::new();
    bench.fails(
        1,
        &[],
        &bench.train("http://127.0.0.1:1"),
        &["finding the experiment: the server cannot be reached (Connection refused"],
    );
    bench.is_whole();
    bench.fails(
        1,
        &[],
        &bench.train("http://churn.invalid"),
        &["finding the experiment: the server cannot be reached"],
    );
    let start = Instant::now();
    check("get-by-name", Failure::Silence, &["finding the experiment: no whole answer within 2 s"]);
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
}

#[test]
fn failures_that_pass_are_waited_for_and_an_answer_that_is_lost_makes_nothing_twice() {
    for (what, failure) in [
        ("get-by-name", Failure::Answer(503, "busy".into())),
        ("experiments/create", Failure::LostAnswer),
        ("runs/create", Failure::LostAnswer),
        ("log-batch", Failure::LostAnswer),
        ("model.onnx", Failure::CutUpload),
        ("PUT", Failure::LostAnswer),
        ("registered-models/create", Failure::LostAnswer),
        ("model-versions/create", Failure::LostAnswer),
        ("registered-models/alias", Failure::Answer(500, String::new())),
    ] {
        let (bench, server) = (Bench::new(), Server::start());
        server.fail(what, 1, failure);
        bench.ok(&bench.train(&server.uri));
        is_complete(&server, &bench);
    }
}

#[test]
fn only_a_failure_that_may_pass_is_asked_again() {
    let (bench, server) = (Bench::new(), Server::start());
    for (status, expected) in [(500, 2), (400, 1), (401, 1), (404, 1), (301, 1)] {
        server.mend();
        server.fail("runs/search", usize::MAX, Failure::Answer(status, "{}".into()));
        let before = server.count("runs/search");
        bench.fails(
            1,
            &[("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")],
            &bench.train(&server.uri),
            &["creating the run: "],
        );
        assert_eq!(server.count("runs/search") - before, expected, "status {status}");
    }
}

#[test]
fn we_say_who_we_are_and_no_secret_stands_in_a_message() {
    let (bench, server) = (Bench::new(), Server::start());
    let echo = json!({"error_code": "hunter2", "message": "who is hunter2, or YW5uOmh1bnRlcjI=, or t0k3n?"})
        .to_string();
    server.fail("get-by-name", usize::MAX, Failure::Answer(400, echo));
    let token = [("MLFLOW_TRACKING_TOKEN", "t0k3n")];
    let account = [("MLFLOW_TRACKING_USERNAME", "ann"), ("MLFLOW_TRACKING_PASSWORD", "hunter2")];
    for (environment, header) in [(&token[..], "Bearer t0k3n"), (&account[..], "Basic YW5uOmh1bnRlcjI=")] {
        let said = bench.fails(1, environment, &bench.train(&server.uri), &["who is "]);
        let secrets = if header.starts_with("Basic") { &["hunter2", "YW5u"][..] } else { &["t0k3n"] };
        assert!(!secrets.iter().any(|secret| said.contains(secret)), "{said}");
        assert_eq!(server.state().requests.last().expect("a request").1.as_deref(), Some(header));
    }
    let said =
        bench.fails(2, &[], &bench.train("http://ann:hunter2@127.0.0.1"), &["set MLFLOW_TRACKING_USERNAME"]);
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn without_a_uri_nothing_is_tried_and_a_bad_one_stops_before_the_work() {
    let (bench, server) = (Bench::new(), Server::start());
    let train = &bench.train("")[..7];
    assert!(bench.run_with(&[("MLFLOW_TRACKING_URI", "")], train).status.success());
    assert!(bench.run_with(&[("MLFLOW_TRACKING_TOKEN", "half\nline")], train).status.success());
    assert_eq!(server.state().requests.len(), 0);
    assert!(bench.run_with(&[("MLFLOW_TRACKING_URI", &server.uri)], train).status.success());
    is_complete(&server, &bench);
    fs::remove_dir_all(bench.path("m")).unwrap();
    for (environment, uri, expected) in [
        (
            ("MLFLOW_TRACKING_URI", "x"),
            "sqlite:///m.db",
            "is given as \"sqlite:///m.db\", expected http://HOST",
        ),
        (
            ("MLFLOW_TRACKING_TOKEN", "half\nline"),
            server.uri.as_str(),
            "MLFLOW_TRACKING_TOKEN holds characters",
        ),
        (("MLFLOW_TRACKING_USERNAME", "ann"), &server.uri, "MLFLOW_TRACKING_PASSWORD is not set"),
        (("MLFLOW_HTTP_REQUEST_TIMEOUT", "soon"), &server.uri, "MLFLOW_HTTP_REQUEST_TIMEOUT is \"soon\""),
    ] {
        bench.fails(2, &[environment], &bench.train(uri), &[expected]);
    }
    assert!(!bench.path("m").exists(), "nothing was written");
}

#[test]
fn an_https_address_is_spoken_to_with_tls_alone() {
    let (bench, server) = (Bench::new(), Server::start());
    let uri = server.uri.replace("http:", "https:");
    bench.fails(1, &[], &bench.train(&uri), &["finding the experiment: the "]);
    assert_eq!(server.state().requests.len(), 0);
    bench.is_whole();
}

#[test]
fn aliases_follow_the_champion_and_can_be_moved_alone() {
    let (bench, server) = (Bench::new(), Server::start());
    let alias = |name: &str| server.state().aliases.get(name).cloned();
    let promote = ["promote", "--challenger", "m/challenger.msgpack", "--out", "p", "--mlflow", &server.uri];
    bench.ok(&bench.train(&server.uri));
    let first = bench.card()["version"].as_str().expect("a version").to_owned();
    assert!(bench.ok(&promote).contains("MLflow: version 1 of churn_classifier is the champion"));
    assert_eq!((alias("champion"), alias("challenger")), (Some("1".into()), None));

    bench.ok(&[&bench.train(&server.uri)[..], &["--seed", "2"]].concat());
    let second = bench.card()["version"].as_str().expect("a version").to_owned();
    server.fail("registered-models/alias", usize::MAX, Failure::Answer(500, String::new()));
    let alone = format!("churn rollback {second} --out p --mlflow {}", server.uri);
    bench.fails(
        1,
        &[],
        &promote,
        &["moving the alias champion: status 500", "the champion's files are in place", &alone],
    );
    assert_eq!(
        fs::read(bench.path("p/champion.msgpack")).unwrap(),
        fs::read(bench.path("m/challenger.msgpack")).unwrap()
    );
    let log = fs::read(bench.path("p/history/champions.log")).unwrap();
    server.mend();
    bench.ok(&alone.split(' ').skip(1).collect::<Vec<_>>());
    assert_eq!((alias("champion"), alias("challenger")), (Some("2".into()), None));
    assert_eq!(fs::read(bench.path("p/history/champions.log")).unwrap(), log, "no file changes");

    bench.ok(&["rollback", "--out", "p", "--mlflow", &server.uri]);
    assert_eq!(alias("champion"), Some("1".into()));
    assert_eq!(sha256(&fs::read(bench.path("p/champion.msgpack")).unwrap())[..12], first);

    let unknown = Server::start();
    bench.fails(
        1,
        &[],
        &[&promote[..6], &[&unknown.uri]].concat(),
        &["no version of churn_classifier has this artifact"],
    );
    assert_eq!(sha256(&fs::read(bench.path("p/champion.msgpack")).unwrap())[..12], second);
}

#[test]
fn a_challenger_alias_that_points_elsewhere_stays() {
    let (bench, server) = (Bench::new(), Server::start());
    bench.ok(&bench.train(&server.uri));
    fs::rename(bench.path("m"), bench.path("first")).unwrap();
    bench.ok(&[&bench.train(&server.uri)[..], &["--seed", "2"]].concat());
    bench.ok(&["promote", "--challenger", "first/challenger.msgpack", "--out", "p", "--mlflow", &server.uri]);
    let aliases = server.state().aliases.clone();
    assert_eq!(
        aliases,
        [("challenger", "2"), ("champion", "1")].map(|(a, b)| (a.to_owned(), b.to_owned())).into()
    );
}
