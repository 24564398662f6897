"""Trains, promotes and rolls back against a real MLflow server, and reads it by the official client: check.py WORK_FOLDER"""

import csv
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import mlflow
import numpy as np
import pandas as pd
import telco
import trustme
from mlflow import MlflowClient
from server import Server, door
from suite import Suite

CHURN = os.environ["CHURN"]
MODEL = "churn_classifier"
WHOLE = "the files of the challenger are whole; the same command again does the rest"

suite = Suite()
work = pathlib.Path(sys.argv[1])
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
server = Server(work / "server")


def churn(*arguments, before=(), **environment):
    return subprocess.run([*before, CHURN, *map(str, arguments)], capture_output=True, text=True, cwd=work,
                          env={**os.environ, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", **environment})


def done(*arguments, **environment):
    result = churn(*arguments, **environment)
    assert result.returncode == 0, result.stderr
    return result


def training(seed, uri):
    return ["train", "--data", "customers.csv", "--config", "small.toml", "--seed", seed, "--out", f"seed{seed}", "--mlflow", uri]


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def card(seed):
    return json.loads((work / f"seed{seed}/challenger.card.json").read_text())


def is_whole(seed):
    return card(seed)["artifact_sha256"] == sha256(work / f"seed{seed}/challenger.msgpack")


def versions(seed):
    return client.search_model_versions(f"name = '{MODEL}' and tag.artifact_sha256 = '{card(seed)['artifact_sha256']}'")


def aliases():
    return {alias: int(version) for alias, version in client.get_registered_model(MODEL).aliases.items()}


def runs(seed):
    """The parent of this training and its children."""
    experiment = client.get_experiment_by_name("churn_prediction").experiment_id
    parents = client.search_runs([experiment], f"tags.artifact_sha256 = '{card(seed)['artifact_sha256']}'")
    children = [run for parent in parents for run in client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")]
    return parents, children


def figures(value, path=""):
    """Every number of the card's metrics, by its path."""
    if isinstance(value, dict):
        return {name: number for key, part in value.items() for name, number in figures(part, f"{path}/{key}" if path else key).items()}
    return {path: float(value)} if isinstance(value, (int, float)) and not isinstance(value, bool) else {}


def files(run):
    """Path and SHA-256 of every file of the run."""
    folder = pathlib.Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id))
    return {str(path.relative_to(folder)): sha256(path) for path in folder.rglob("*") if path.is_file()}


def published():
    result = done(*training(1, server.uri))
    suite.check("training says which version it published", f"version 1 of {MODEL} is the challenger" in result.stderr, result.stderr.strip())
    told, (parents, children) = card(1), runs(1)
    suite.equal("there is one parent run", len(parents), 1)
    suite.equal("it has a child run for each candidate", sorted(run.info.run_name for run in children), ["gradient_boosting", "gradient_boosting", "logistic_regression", "random_forest"])
    parent = parents[0]
    suite.equal("all runs are finished", {run.info.status for run in [parent, *children]}, {"FINISHED"})
    suite.equal("one child is the selected candidate", [run.data.tags["selected"] for run in children].count("true"), 1)
    suite.check("children have parameters and metrics", all(run.data.params and run.data.metrics for run in children))
    suite.equal("the parent's parameters are the card's", parent.data.params, {name: str(value).removesuffix(".0") for name, value in told["parameters"].items()})
    suite.equal("the parent's metrics are the card's", parent.data.metrics, figures(told["metrics"]))
    steps = [[m.step for m in client.get_metric_history(run.info.run_id, name)] for run in children for name in run.data.metrics]
    suite.check("some metric of a candidate has steps", any(steps_of == list(range(len(steps_of))) and len(steps_of) > 1 for steps_of in steps), str(steps)[:80])
    expected = {"artifact_sha256": told["artifact_sha256"], "model_version": told["version"], "data_sha256": told["data"]["sha256"]}
    expected |= {"git_revision": told["git_revision"]} if told.get("git_revision") else {}
    suite.equal("tags name artifact, data and code", {name: parent.data.tags.get(name) for name in expected}, expected)
    inputs = [(i.dataset.name, i.dataset.digest) for i in parent.inputs.dataset_inputs]
    suite.equal("the dataset is an input", inputs, [("customers.csv", told["data"]["sha256"][:36])])
    kept, local = files(parent), work / "seed1"
    expected = {f"{told['version']}.msgpack": sha256(local / "challenger.msgpack"), f"{told['version']}.card.json": sha256(local / "challenger.card.json")}
    if (local / "report.html").exists():
        expected["report.html"] = sha256(local / "report.html")
    suite.equal("artifact, card and report have the local hashes", {name: kept.get(name) for name in expected}, expected)
    model = {f"model/{name}" for name in ["MLmodel", "model.onnx", "conda.yaml", "python_env.yaml", "requirements.txt"]}
    suite.equal("besides them there is the model's folder alone", set(kept) - set(expected), model)
    found = versions(1)
    suite.equal("one version has the artifact's hash", [(v.tags["artifact_sha256"], v.tags["model_version"], v.run_id) for v in found],
                [(told["artifact_sha256"], told["version"], parent.info.run_id)])
    suite.equal("it is the challenger", aliases(), {"challenger": int(found[0].version)})


def again():
    def everything():
        parents, children = runs(1)
        metrics = sorted((run.info.run_id, name, len(client.get_metric_history(run.info.run_id, name))) for run in parents + children for name in run.data.metrics)
        return len(parents), len(children), len(versions(1)), len(parents[0].inputs.dataset_inputs), metrics, aliases()

    before = everything()
    done(*training(1, server.uri))
    suite.equal("the same command again makes no second version, run, input or metric", everything(), before)


def rows():
    with open(work / "customers.csv", newline="") as file:
        return [telco.features(row) for row in csv.DictReader(file)]


def offline(seed):
    done("score", "--model", f"seed{seed}/challenger.msgpack", "--data", "customers.csv", "-o", "scores.csv")
    with open(work / "scores.csv", newline="") as file:
        return np.array([float(row["churn_probability"]) for row in csv.DictReader(file)])


def loaded():
    done("promote", "--challenger", "seed1/challenger.msgpack", "--out", "models", "--mlflow", server.uri)
    suite.equal("promotion moves the aliases", aliases(), {"champion": 1})
    model = mlflow.pyfunc.load_model(f"models:/{MODEL}@champion")
    frame = pd.DataFrame(rows(), columns=telco.FEATURES).astype(float)
    expected = offline(1)
    for name, columns in [("in order", telco.FEATURES), ("shuffled", telco.FEATURES[::-1])]:
        ours = np.asarray(model.predict(frame[columns])).reshape(-1)
        distance = np.abs(ours - expected).max()
        suite.check(f"pyfunc predicts the numbers of `churn score` to 1e-6, columns {name}", len(ours) == len(expected) and distance <= 1e-6, f"largest distance {distance:.1e} of {len(ours)}")
    try:
        model.predict(frame[telco.FEATURES[1:]])
        refused = "not refused"
    except mlflow.exceptions.MlflowException as error:
        refused = str(error)
    suite.check("a missing column is refused", "tenure" in refused, refused[:90])


def aliases_follow():
    done(*training(2, server.uri))
    suite.equal("a second training is another version", aliases(), {"champion": 1, "challenger": 2})
    done("promote", "--challenger", "seed2/challenger.msgpack", "--out", "models", "--mlflow", server.uri)
    suite.equal("its promotion moves both aliases", aliases(), {"champion": 2})
    done("rollback", "--out", "models", "--mlflow", server.uri)
    suite.equal("rolling back moves the alias back", aliases(), {"champion": 1})
    suite.equal("and the file", sha256(work / "models/champion.msgpack"), card(1)["artifact_sha256"])


def cut_off():
    """The server dies at some moment of a training, and is started again."""
    for seed, (what, moment, step) in enumerate([
        ("POST /api/2.0/mlflow/runs/create", "after", "creating the run"),
        ("model/model.onnx", "amid", "uploading model/model.onnx"),
        ("model/MLmodel", "before", "uploading model/MLmodel"),
        ("POST /api/2.0/mlflow/model-versions/create", "after", "creating the model's version"),
        ("POST /api/2.0/mlflow/registered-models/alias", "before", "moving the alias challenger"),
    ], start=3):
        with door(server, (what, moment)) as uri:
            result = churn(*training(seed, uri))
        name = f"the server killed {moment} {'/'.join(what.split('/')[-2:])}"
        suite.check(f"{name}: exit status 1, the step named", result.returncode == 1 and f"MLflow: {step}: " in result.stderr and WHOLE in result.stderr, result.stderr.strip())
        suite.check(f"{name}: the local files are whole", is_whole(seed))
        server.start()
        done(*training(seed, server.uri))
        parents, children = runs(seed)
        found = versions(seed)
        suite.equal(f"{name}: the same command does the rest, and nothing twice",
                    (len(parents), len(found), {run.info.status for run in parents + children}, aliases().get("challenger"),
                     files(parents[0])[f"{card(seed)['version']}.msgpack"]),
                    (1, 1, {"FINISHED"}, int(found[0].version), card(seed)["artifact_sha256"]))
        suite.equal(f"{name}: no candidate twice", len({run.data.tags["candidate_sha256"] for run in children}), len(children))


def encrypted():
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(work / "authority.pem"))
    with door(server, certificate=authority.issue_cert("127.0.0.1")) as uri:
        result = churn(*training(1, uri), SSL_CERT_FILE=str(work / "authority.pem"))
        suite.check("https with an authority that the machine trusts", result.returncode == 0, result.stderr.strip())
        result = churn(*training(1, uri))
        suite.check("an unknown authority is refused", result.returncode == 1 and "cannot be used (invalid peer certificate: UnknownIssuer)" in result.stderr and is_whole(1), result.stderr.strip())


def crashes():
    """A promotion is killed at each fsync: of a file before its rename, and of the folder after it."""
    done("promote", "--challenger", "seed1/challenger.msgpack", "--out", "crash")
    old, new = card(1)["artifact_sha256"], card(2)["artifact_sha256"]
    promote = ["promote", "--challenger", "seed2/challenger.msgpack", "--out", "trial"]
    outcomes, champions = set(), []
    for when in range(1, 9):
        shutil.rmtree(work / "trial", ignore_errors=True)
        shutil.copytree(work / "crash", work / "trial")
        result = churn(*promote, before=["strace", "-f", "-qq", "-o", "trace", "-e", "trace=fsync", "-e", f"inject=fsync:signal=KILL:when={when}"])
        champion = sha256(work / "trial/champion.msgpack")
        kept = work / f"trial/history/{champion[:12]}.msgpack"
        has_card = json.loads(kept.with_suffix(".card.json").read_text())["artifact_sha256"] == champion == sha256(kept)
        done(*promote)
        done("rollback", "--out", "trial")
        back = sha256(work / "trial/champion.msgpack") == old
        champions.append(champion)
        outcomes.add((result.returncode == -signal.SIGKILL, has_card, back))
    suite.equal("a promotion killed before and after each rename leaves a champion with its card, and the way back", outcomes, {(True, True, True)})
    suite.equal("it is the old one until the last rename", champions, [old] * 7 + [new])


done("sample", "--rows", 3000, "--seed", 7, "-o", "customers.csv")
(work / "small.toml").write_text("""
[selection]
folds = 3
repeats = 1
[forest]
trees = 40
max_depth = 6
min_samples_leaf = 20
[boosting]
trees = 60
max_depth = [2, 3]
learning_rate = 0.1
subsample = 0.6
column_sample_by_node = 1
""")
try:
    server.start()
    mlflow.set_tracking_uri(server.uri)
    client = MlflowClient()
    published()
    again()
    loaded()
    aliases_follow()
    cut_off()
    encrypted()
    crashes()
finally:
    server.kill()
suite.finish()
