"""Trains and serves on the Telco file, and compares with scikit-learn and between doors: check.py WORK_FOLDER"""

import csv
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys

import msgpack
import numpy as np
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import RepeatedStratifiedKFold

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco
from suite import Client, Suite, function, telco_csv

CHURN, FUNCTION, STATIC_BINARY = (os.environ[name] for name in ["CHURN", "FUNCTION", "STATIC_BINARY"])
CHAMPION = pathlib.Path("model-artifacts/champion.msgpack")
PARAMETERS = {"n_estimators": 300, "max_depth": 10, "min_samples_leaf": 20, "n_jobs": 2}
FOREST = """
[selection]
candidates = ["random_forest"]
[forest]
trees = 300
max_depth = 10
min_samples_leaf = 20
"""

suite = Suite()
work = pathlib.Path(sys.argv[1])
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
(work / "forest.toml").write_text(FOREST)
forest = ["--config", work / "forest.toml"]
rows = telco.rows(telco_csv())
x = np.array([telco.features(row) for row in rows], dtype=np.float32)
y = np.array([telco.churned(row) for row in rows])
held_out = np.array([telco.held_out(row) for row in rows])


def churn(*arguments):
    return subprocess.run([CHURN, *map(str, arguments)], capture_output=True, text=True)


def train(out, *arguments):
    result = churn("train", "--data", telco_csv(), "--out", work / out, "--json", *arguments)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout), hashlib.sha256((work / out / "challenger.msgpack").read_bytes()).hexdigest()


def same_bytes():
    for name, config in [("the default search", []), ("a forest alone", forest)]:
        _, one = train("one", "--threads", 1, *config)
        _, two = train("two", "--threads", 2, *config)
        suite.equal(f"{name}: 1 and 2 threads give the same SHA-256", two, one)
    champion = hashlib.sha256(CHAMPION.read_bytes()).hexdigest()
    card = json.loads(next(pathlib.Path("model-artifacts/history").glob(f"{champion[:12]}.card.json")).read_text())
    arguments = card["command"].split()[2:]
    arguments[arguments.index("--data") + 1] = telco_csv()
    result = churn("train", *arguments, "--out", work / "again")
    assert result.returncode == 0, result.stderr
    again = hashlib.sha256((work / "again/challenger.msgpack").read_bytes()).hexdigest()
    suite.equal("the command in the champion's card gives the champion's bytes", again, champion)


def cross_validation():
    folds = list(RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=42).split(x, y))
    (work / "folds.json").write_text(json.dumps([test.tolist() for _, test in folds]))
    card, _ = train("folds", "--holdout", 0, "--folds", work / "folds.json", *forest)
    ours = card["metrics"]["cross_validation"]["roc_auc_mean"]

    def auc(fitted, test):
        model = RandomForestClassifier(**PARAMETERS, random_state=42).fit(x[fitted], y[fitted])
        return metrics.roc_auc_score(y[test], model.predict_proba(x[test])[:, 1])

    theirs = np.mean([auc(fitted, test) for fitted, test in folds])
    near = abs(ours - theirs) <= 0.002
    suite.check("5 x 2 cross-validated AUC is scikit-learn's to 0.002", near, f"{ours:.4f}, scikit-learn {theirs:.4f}")


def hold_out():
    card, _ = train("holdout", *forest)
    ours = card["metrics"]["holdout"]
    suite.equal("the hold-out has the rows of its rule", [ours["rows"], ours["churned"]], [held_out.sum(), y[held_out].sum()])
    model = RandomForestClassifier(**PARAMETERS, random_state=42).fit(x[~held_out], y[~held_out])
    theirs = metrics.roc_auc_score(y[held_out], model.predict_proba(x[held_out])[:, 1])
    near = abs(ours["roc_auc"] - theirs) <= 0.002
    suite.check("hold-out AUC is scikit-learn's to 0.002", near, f"{ours['roc_auc']:.4f}, scikit-learn {theirs:.4f}")
    p = np.array([float(score["churn_probability"]) for score in scored(work / "holdout/challenger.msgpack", "holdout.csv")])
    truth, p = y[held_out], p[held_out]
    label = p >= ours["threshold"]
    expected = {
        "roc_auc": metrics.roc_auc_score(truth, p), "pr_auc": metrics.average_precision_score(truth, p),
        "log_loss": metrics.log_loss(truth, p), "brier": metrics.brier_score_loss(truth, p),
        "accuracy": metrics.accuracy_score(truth, label), "precision": metrics.precision_score(truth, label),
        "recall": metrics.recall_score(truth, label), "f1": metrics.f1_score(truth, label),
    }
    low, high = delong(truth, p)
    expected |= {"low": low, "high": high}
    ours |= ours["roc_auc_interval"]
    distance = max(abs(ours[name] - figure) for name, figure in expected.items())
    suite.check("the card's hold-out figures are scikit-learn's, and DeLong's interval, to 1e-9", distance < 1e-9, f"largest distance {distance:.1e}")


def delong(truth, p):
    """95 % interval of the AUC by the formula of DeLong, DeLong and Clarke-Pearson (1988), over all pairs."""
    right = (p[truth][:, None] > p[~truth]) + 0.5 * (p[truth][:, None] == p[~truth])
    v10, v01 = right.mean(axis=1), right.mean(axis=0)
    error = 1.959963984540054 * np.sqrt(v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01))
    return right.mean() - error, right.mean() + error


def scored(model, name):
    result = churn("score", "--model", model, "--data", telco_csv(), "-o", work / name)
    assert result.returncode == 0, result.stderr
    with open(work / name, newline="") as file:
        return list(csv.DictReader(file))


def doors():
    offline = [(s["customer_id"], float(s["churn_probability"]), s["churn_prediction"], s["risk_level"]) for s in scored(CHAMPION, "scores.csv")]
    customers = [telco.customer(row) for row in rows]
    suite.equal("every customer was scored offline", [score[0] for score in offline], [c["customerID"] for c in customers])

    def of(p):
        return p["customer_id"], p["churn_probability"], p["churn_prediction"], p["risk_level"]

    for name, binary in [("glibc", FUNCTION), ("musl", STATIC_BINARY)]:
        with function(binary) as (_, port):
            client = Client(port)
            single = [client.post("/predict", customer) for customer in customers]
            status, batch = client.post("/batch_predict", {"customers": customers})
            streams = {kind: stream(client, kind, customers) for kind in ["application/x-ndjson", "text/csv", "application/msgpack"]}
        suite.equal(f"{name}: 7,043 customers through /predict give the offline bits",
                    sum(status == 200 and of(p) == score for (status, p), score in zip(single, offline)), 7043)
        suite.equal(f"{name}: /batch_predict gives the offline bits", (status, [of(p) for p in batch["predictions"]]), (200, offline))
        for kind, found in streams.items():
            suite.equal(f"{name}: {kind} through /batch_predict gives the offline bits", sum(of(p) == score for p, score in zip(found, offline)), 7043)
    high = sum(score[3] == "HIGH" for score in offline)
    suite.equal("the batch counts its high risks", batch["high_risk_count"], high)


def stream(client, kind, customers):
    """The same customers in another format, as predictions with numbers; for CSV the Telco file as it is, in gzip."""
    headers = {"content-type": kind}
    if kind == "text/csv":
        body, headers["content-encoding"] = gzip.compress(pathlib.Path(telco_csv()).read_bytes()), "gzip"
    elif kind == "application/msgpack":
        body = msgpack.packb({"customers": customers})
    else:
        body = b"".join(json.dumps(customer).encode() + b"\n" for customer in customers)
    status, answer = client.send("POST", "/batch_predict", body, headers)
    assert status == 200, (kind, status, answer[:500])
    if kind == "text/csv":
        return [{**row, "churn_probability": float(row["churn_probability"])} for row in csv.DictReader(io.StringIO(answer.decode()))]
    if kind == "application/msgpack":
        return msgpack.unpackb(answer)["predictions"]
    return [json.loads(line) for line in answer.splitlines()]


def bad_rows():
    lines = pathlib.Path(telco_csv()).read_text().splitlines()
    lines[100] = lines[100].replace("Month-to-month", "monthly").replace("One year", "monthly").replace("Two year", "monthly")
    (work / "bad.csv").write_text("\n".join(lines) + "\n")
    for verb, output, arguments in [("train", "bad", ["--out", work / "bad"]),
                                    ("score", "bad.out", ["--model", CHAMPION, "-o", work / "bad.out"])]:
        result = churn(verb, "--data", work / "bad.csv", *arguments)
        named = "line 101, column Contract" in result.stderr
        suite.check(f"{verb} names a bad row, exits with 2 and leaves nothing", named and result.returncode == 2
                    and not (work / output).exists(), result.stderr.strip().splitlines()[-1])


same_bytes()
cross_validation()
hold_out()
doors()
bad_rows()
suite.finish()
