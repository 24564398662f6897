"""Trains the reference forest with scikit-learn and writes it as crate `forest` reads it: make.py FOLDER"""

import csv
import json
import os
import pathlib
import sys

import numpy as np
from sklearn.ensemble import RandomForestClassifier

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco

rows = telco.rows(os.environ["CHURN_TELCO_CSV"])
x = np.array([telco.features(row) for row in rows])
y = np.array([telco.churned(row) for row in rows])
model = RandomForestClassifier(n_estimators=100, max_depth=10, random_state=42).fit(x.astype(np.float32), y)
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def column(numbers, leaf, at_leaf):
    return [at_leaf if is_leaf else number for number, is_leaf in zip(numbers.tolist(), leaf)]


def tree(estimator):
    t = estimator.tree_
    leaf = (t.children_left == -1).tolist()
    return {
        "feature": column(t.feature, leaf, -2),
        "threshold": column(t.threshold, leaf, 0.0),
        "left": t.children_left.tolist(),
        "right": t.children_right.tolist(),
        "value": t.value[:, 0, 1].tolist(),
    }


(folder / "rf100_d10.json").write_text(json.dumps({"trees": [tree(e) for e in model.estimators_]}))
probability = model.predict_proba(x.astype(np.float32))[:, 1]
with open(folder / "rf100_d10_expected.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*telco.FEATURES, "p_churn"])
    for row, p in zip(x, probability):
        writer.writerow([format(number, ".17g") for number in [*row, p]])
