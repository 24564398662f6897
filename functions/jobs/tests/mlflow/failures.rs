//! No server whatever does harm: it is down, slow, foreign or hostile, and the same command does the rest afterwards.

use std::fs;

use serde_json::json;

use crate::bench::{Bench, is_complete};
use crate::server::{Failure, Server};

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
        ("GET /api/2.0/mlflow/registered-models/get", "asking for the champion"),
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
    let server = Server::start();
    server.fail("get-by-name", usize::MAX, Failure::Silence);
    let limit = [("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")];
    let expected = ["finding the experiment: no whole answer within 2 s"];
    bench.fails(1, &limit, &bench.train(&server.uri), &expected);
    bench.is_whole();
    assert_eq!(server.count("get-by-name"), 2, "one try, and one more");
    server.mend();
    bench.ok(&bench.train(&server.uri));
    is_complete(&server, &bench);
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
    for (status, expected) in [(500, 2), (408, 2), (429, 2), (400, 1), (401, 1), (404, 1), (301, 1)] {
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
fn a_run_that_starts_in_no_era_is_an_error() {
    let (bench, server) = (Bench::new(), Server::start());
    bench.ok(&bench.train(&server.uri));
    let info = json!({
        "run_id": "run0", "start_time": i64::MAX, "artifact_uri": "mlflow-artifacts:/1/run0/artifacts", "status": "RUNNING"
    });
    server.fail(
        "runs/search",
        usize::MAX,
        Failure::Answer(200, json!({"runs": [{"info": info}]}).to_string()),
    );
    let expected = ["describing the model: the run starts 9223372036854775807 ms after 1970"];
    bench.fails(1, &[], &bench.train(&server.uri), &expected);
}
