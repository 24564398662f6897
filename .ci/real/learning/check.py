"""Candidates and selection beside other libraries, and beside the known process: check.py WORK_FOLDER"""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import warnings

import numpy as np
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco
from suite import Suite, telco_csv

warnings.filterwarnings("ignore")
CHURN, FIT = os.environ["CHURN"], os.environ["FIT"]
BEST_OF_ANY_LIBRARY = dict(iterations=400, depth=4, learning_rate=0.03, l2_leaf_reg=6, grow_policy="SymmetricTree")
LIKE = dict(n_estimators=200, max_depth=3, num_leaves=8, learning_rate=0.05, reg_lambda=5.0, min_child_weight=5.0, min_child_samples=1)
OURS_ALIKE = """
[selection]
candidates = ["gradient_boosting"]
[boosting]
trees = 200
max_depth = 3
learning_rate = 0.05
subsample = 1
column_sample = 1
column_sample_by_node = 1
l2 = 5
min_child_weight = 5
monotone = false
"""

suite = Suite()
work = pathlib.Path(sys.argv[1])
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
rows = telco.rows(telco_csv())
x = np.array([telco.features(row) for row in rows], dtype=np.float32)
y = np.array([telco.churned(row) for row in rows])
folds = list(RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=42).split(x, y))
(work / "folds.json").write_text(json.dumps([test.tolist() for _, test in folds]))
np.savetxt(work / "features.csv", np.c_[x, y], delimiter=",", fmt="%.9g")


def churn(*arguments):
    result = subprocess.run([CHURN, *map(str, arguments)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def train(data, out, *arguments):
    return json.loads(churn("train", "--data", data, "--out", work / out, "--json", *arguments))


def cross_validated(make):
    """Mean ROC-AUC of a library over the same folds."""
    def auc(fitted, test):
        return roc_auc_score(y[test], make().fit(x[fitted], y[fitted]).predict_proba(x[test])[:, 1])
    return np.mean([auc(fitted, test) for fitted, test in folds])


def candidates():
    start = time.perf_counter()
    card = train(telco_csv(), "folds", "--holdout", 0, "--folds", work / "folds.json")
    taken = time.perf_counter() - start
    best = {}
    for candidate in card["candidates"]:
        best.setdefault(candidate["model_type"], candidate["cross_validation"]["roc_auc_mean"])
    suite.check("forest: cross-validated ROC-AUC of at least 0.844", best["random_forest"] >= 0.844, f"{best['random_forest']:.4f}")
    suite.check("boosting: at least 0.8455", best["gradient_boosting"] >= 0.8455, f"{best['gradient_boosting']:.4f}")
    selected = card["metrics"]["cross_validation"]["roc_auc_mean"]
    suite.check("the selected model: at least 0.8455", selected >= 0.8455, f"{selected:.4f}")
    suite.check("the yardstick is not better", not card["yardstick"]["is_better"], f"{card['yardstick']['roc_auc_mean']:.4f}")
    print(f"figure  the default search: {taken:.1f} s on two threads, {len(card['candidates'])} candidates on 10 folds")
    catboost = cross_validated(lambda: CatBoostClassifier(**BEST_OF_ANY_LIBRARY, random_seed=42, thread_count=2, verbose=False, allow_writing_files=False))
    print(f"figure  cross-validated ROC-AUC on scikit-learn's folds: ours {selected:.4f}; CatBoost, the best of any library, {catboost:.4f}")


def like_parameters():
    (work / "alike.toml").write_text(OURS_ALIKE)
    card = train(telco_csv(), "alike", "--holdout", 0, "--folds", work / "folds.json", "--config", work / "alike.toml")
    ours = card["metrics"]["cross_validation"]["roc_auc_mean"]
    theirs = cross_validated(lambda: LGBMClassifier(**LIKE, random_state=42, n_jobs=2, verbose=-1))
    suite.check("boosting is within 0.002 of LightGBM with like parameters", abs(ours - theirs) <= 0.002, f"{ours:.4f}, LightGBM {theirs:.4f}")


def logistic_regression():
    codes = [len(telco.CODES.get(name, [])) for name in telco.FEATURES]
    for l2 in [0.01, 1.0, 30.0]:
        result = subprocess.run([FIT, work / "features.csv", "logistic", f"l2={l2}", "categories=" + ",".join(map(str, codes))],
                                capture_output=True, text=True, check=True)
        ours = json.loads(result.stdout)
        columns = [(name, OneHotEncoder() if count else StandardScaler(), [i]) for i, (name, count) in enumerate(zip(telco.FEATURES, codes))]
        model = make_pipeline(ColumnTransformer(columns), LogisticRegression(C=1 / l2, tol=1e-10, max_iter=10_000)).fit(x.astype(float), y)
        theirs = [model[-1].intercept_[0], *model[-1].coef_[0]]
        found = [ours["intercept"], *ours["coefficients"]]
        distance = np.abs(np.array(found) - theirs).max()
        suite.check(f"logistic regression, lambda {l2}: coefficients are scikit-learn's to 1e-4", len(found) == len(theirs) and distance < 1e-4, f"{distance:.1e}")


def known_process():
    """The selected model beside the true probabilities, both on 50,000 fresh customers."""
    churn("sample", "--rows", 50_000, "--seed", 1001, "--truth", "-o", work / "fresh.csv")
    with open(work / "fresh.csv", newline="") as file:
        fresh = list(csv.DictReader(file))
    truth = np.array([float(row["true_probability"]) for row in fresh])
    churned = np.array([row["Churn"] == "Yes" for row in fresh])
    best = roc_auc_score(churned, truth)
    for count, limit in [(50_000, 0.004), (7_000, 0.012)]:
        data = work / f"sample{count}.csv"
        churn("sample", "--rows", count, "--seed", count, "-o", data)
        card = train(data, f"m{count}")
        churn("score", "--model", work / f"m{count}/challenger.msgpack", "--data", work / "fresh.csv", "-o", work / "scores.csv")
        with open(work / "scores.csv", newline="") as file:
            p = np.array([float(row["churn_probability"]) for row in csv.DictReader(file)])
        auc = roc_auc_score(churned, p)
        suite.check(f"{count} rows of the process: within {limit} of the best possible ROC-AUC", best - auc <= limit,
                    f"{auc:.4f} of {best:.4f} ({card['model_type']})")


candidates()
like_parameters()
logistic_regression()
known_process()
suite.finish()
