//! Publishing to an MLflow server, from outside: what it gets, and that no server whatever does harm.

mod bench;
mod failures;
mod server;

use std::fs;

use churn::sha256_hex as sha256;
use serde_json::{Value, json};

use bench::{Bench, is_complete, text};
use server::{Failure, Server};

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

#[test]
fn a_champion_that_is_trained_again_does_not_challenge_itself() {
    let (bench, server) = (Bench::new(), Server::start());
    bench.ok(&bench.train(&server.uri));
    bench.ok(&["promote", "--challenger", "m/challenger.msgpack", "--out", "p", "--mlflow", &server.uri]);
    let said = bench.ok(&bench.train(&server.uri));
    assert!(said.contains("version 1 of churn_classifier is the champion"), "{said}");
    assert_eq!(server.state().aliases, [("champion".to_owned(), "1".to_owned())].into());
}

#[test]
fn boosting_leaves_its_learning_curve() {
    let (bench, server) = (Bench::new(), Server::start());
    let small = fs::read_to_string(bench.path("small.toml")).expect("a configuration");
    let boosting = small.replace("random_forest", "gradient_boosting").replace("[forest]", "[boosting]");
    let boosting = boosting.replace("min_samples_leaf = 20\n", "subsample = 1\ncolumn_sample_by_node = 1\n");
    fs::write(bench.path("small.toml"), boosting).expect("the folder can be written");
    bench.ok(&bench.train(&server.uri));
    let state = server.state();
    let metrics = state.run("mlflow.parentRunId")["metrics"].as_array().expect("metrics");
    for curve in ["fitted/log_loss", "validation/log_loss"] {
        let steps = metrics.iter().filter(|metric| metric["key"] == curve);
        assert_eq!(steps.map(|metric| metric["step"].as_u64()).collect::<Vec<_>>(), [1, 2, 3, 4].map(Some));
    }
}
