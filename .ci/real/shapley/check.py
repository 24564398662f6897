"""Compares Shapley values with PyPI shap on models that scikit-learn trained on the Telco file."""

import itertools
import json
import math
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import shap
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco
from suite import Suite, telco_csv

suite = Suite()
LEAF = 255
rows = telco.rows(telco_csv())
x = np.array([telco.features(row) for row in rows], dtype=np.float32)
y = np.array([telco.churned(row) for row in rows])


def columns(trees, value):
    """The trees as columns; thresholds rounded down to f32, so that no f32 changes its side."""
    names = ["root", "feature", "threshold", "left", "right", "value", "cover"]
    of = {name: [] for name in names}
    for tree in trees:
        offset, leaf = len(of["feature"]), tree.children_left < 0
        threshold = tree.threshold.astype(np.float32)
        threshold = np.where(threshold > tree.threshold, np.nextafter(threshold, np.float32(-np.inf)), threshold)
        of["root"].append(offset)
        of["feature"] += np.where(leaf, LEAF, tree.feature).tolist()
        of["threshold"] += np.where(leaf, 0, threshold).astype(float).tolist()
        of["left"] += np.where(leaf, 0, tree.children_left + offset).tolist()
        of["right"] += np.where(leaf, 0, tree.children_right + offset).tolist()
        of["value"] += np.where(leaf, value(tree), 0).tolist()
        of["cover"] += tree.weighted_n_node_samples.tolist()
    return of


def ours(trees, link, chosen):
    result = subprocess.run([os.environ["SHAPLEY"]], input=json.dumps({"columns": trees, "link": link, "rows": x[chosen].astype(float).tolist()}),
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    values = np.array([[row["base"], *row["contributions"]] for row in found["rows"]])
    return values, np.array([row["probability"] for row in found["rows"]]), found["microseconds"]


def timed(work, rounds=10):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return result, min(times)


def forest():
    model = RandomForestClassifier(n_estimators=100, max_depth=10, random_state=42, n_jobs=2).fit(x, y)
    trees = [tree.tree_ for tree in model.estimators_]
    chosen = np.arange(0, len(x), 50)
    found, probability, microseconds = ours(columns(trees, lambda tree: tree.value[:, 0, 1]), "mean", chosen)
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    expected, seconds = timed(lambda: explainer.shap_values(x[chosen], check_additivity=False))
    expected = np.column_stack([np.full(len(chosen), explainer.expected_value[1]), expected[:, :, 1]])
    distance = np.abs(found - expected).max()
    nodes = sum(tree.node_count for tree in trees)
    suite.check(f"a forest of {nodes} nodes: base and contributions are shap's to 1e-12", distance < 1e-12, f"{distance:.1e}")
    distance = np.abs(found.sum(axis=1) - probability).max()
    suite.check("they add up to the probability to 1e-12", distance < 1e-12, f"{distance:.1e}")
    theirs = seconds / len(chosen) * 1e6
    print(f"figure  a row beside shap, one core each: {microseconds:.0f} us, shap {theirs:.0f} us; ratio {microseconds / theirs:.2f}")


def boosting(trees, depth):
    model = GradientBoostingClassifier(n_estimators=trees, max_depth=depth, learning_rate=0.05, subsample=0.7, random_state=42).fit(x, y)
    grown = [tree.tree_ for tree in model.estimators_[:, 0]]
    chosen = np.arange(0, len(x), 50)
    odds = y.mean() / (1 - y.mean())
    link = {"logistic": {"bias": math.log(odds)}}
    scaled = columns(grown, lambda tree: 0.05 * tree.value[:, 0, 0])
    found, probability, microseconds = ours(scaled, link, chosen)
    name = f"boosting, {trees} trees of depth {depth}"
    distance = np.abs(probability - model.predict_proba(x[chosen])[:, 1]).max()
    suite.check(f"{name}: probabilities are scikit-learn's to 1e-12", distance < 1e-12, f"{distance:.1e}")
    distance = np.abs(found.sum(axis=1) - probability).max()
    suite.check(f"{name}: contributions add up in probability to 1e-12", distance < 1e-12, f"{distance:.1e}")
    few = chosen[:6]
    distance = np.abs(found[:6] - [by_coalitions(scaled, math.log(odds), x[row]) for row in few]).max()
    suite.check(f"{name}: contributions are those of all coalitions to 1e-12", distance < 1e-12, f"{distance:.1e}")
    print(f"figure  {name}: a row takes {microseconds:.0f} us on one core")


def by_coalitions(of, bias, row):
    """Shapley's formula over the probabilities of all 256 coalitions, all of them walked at once."""
    holds = np.array([[coalition >> feature & 1 for coalition in range(256)] for feature in range(8)], bool)

    def answer(node):
        feature, left, right = of["feature"][node], of["left"][node], of["right"][node]
        if feature == LEAF:
            return np.full(256, of["value"][node])
        below, share = (answer(left), answer(right)), of["cover"][left] / (of["cover"][left] + of["cover"][right])
        own = below[0] if row[feature] <= of["threshold"][node] else below[1]
        return np.where(holds[feature], own, share * below[0] + (1 - share) * below[1])

    worth = 1 / (1 + np.exp(-(bias + sum(answer(root) for root in of["root"]))))
    values = [worth[0]]
    for feature in range(8):
        others = [other for other in range(8) if other != feature]
        value = 0
        for size in range(8):
            for coalition in itertools.combinations(others, size):
                index = sum(1 << other for other in coalition)
                value += (worth[index | 1 << feature] - worth[index]) / (8 * math.comb(7, size))
        values.append(value)
    return values


forest()
boosting(150, 3)
boosting(400, 3)
boosting(400, 4)
suite.finish()
