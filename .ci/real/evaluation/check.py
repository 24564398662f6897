"""Compares every figure of crate `evaluation` with libraries that compute the same one."""

import json
import os
import pathlib
import subprocess
import sys
import warnings

import numpy as np
from empulse.metrics import empc_score, mpc_score
from MLstatkit.delong import Delong_test
from scipy.stats import chi2, norm
from sklearn import metrics
from sklearn.calibration import calibration_curve
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from suite import Suite

suite = Suite()
rng = np.random.default_rng(42)
BINS = 10


def population(rows, log_odds):
    """True probabilities, and outcomes of them with at least two rows of each."""
    while True:
        z = rng.normal(log_odds, 1.5, rows)
        truth = 1 / (1 + np.exp(-z))
        churned = rng.random(rows) < truth
        if 2 <= churned.sum() <= rows - 2:
            return z, truth, churned


def case(rows, log_odds, digits):
    """Scores of two models, rounded to so many digits (None: not at all), with everything else drawn at random."""
    z, _, churned = population(rows, log_odds)
    a, b = (1 / (1 + np.exp(-(z * scale + shift + rng.normal(0, noise, rows)))) for scale, shift, noise in [(1, 0, 0.5), (0.8, 0.3, 1)])
    if digits is not None:
        a, b = a.round(digits), b.round(digits)
    shares = rng.dirichlet(np.full(rng.integers(2, 12), 2))
    return {
        "a": a.tolist(), "b": b.tolist(), "churned": churned.tolist(),
        "group": rng.choice(["x", "y", "z"], rows, p=[0.6, 0.38, 0.02]).tolist(),
        "threshold": float(rng.uniform(0.2, 0.6)), "margin": float(rng.choice([0, 0.01, 0.05])), "seed": int(rng.integers(1000)), "bins": BINS,
        "campaign": {"alpha": float(rng.uniform(0.5, 12)), "beta": float(rng.uniform(0.5, 20)), "lifetime_value": float(rng.uniform(60, 900)),
                     "offer": float(rng.uniform(0, 50)), "contact": float(rng.uniform(0, 5))} if rng.random() < 0.7 else {},
        "expected": rng.multinomial(rng.integers(50, 5000), shares).tolist(),
        "found": rng.multinomial(rng.integers(20, 5000), rng.dirichlet(shares * 200)).tolist(),
        "false_alarms": float(rng.choice([0.05, 0.01, 0.001])),
        "p_values": np.where(rng.random(9) < 0.3, rng.random(9) * 1e-3, rng.random(9)).round(rng.integers(2, 17)).tolist(),
    }


def figures(cases):
    result = subprocess.run([os.environ["FIGURES"]], input=json.dumps(cases), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def far(found, expected):
    """The largest distance of two lists; infinite where they differ in length."""
    found, expected = np.atleast_1d(np.array(found, float)), np.atleast_1d(np.array(expected, float))
    if found.shape != expected.shape:
        return np.inf
    return float(np.abs(found - expected).max(initial=0))


class Distances:
    """The largest distance of each figure over all cases."""

    def __init__(self):
        self.largest = {}

    def add(self, name, found, expected, places=1.0):
        distance = far(found, expected) / places
        self.largest[name] = max(self.largest.get(name, 0), np.inf if np.isnan(distance) else distance)

    def check(self, library, limit, *names):
        worst = {name: self.largest[name] for name in names}
        detail = ", ".join(f"{name} {distance:.0e}" for name, distance in worst.items())
        suite.check(f"{', '.join(names)}: as {library} to {limit:g}", max(worst.values()) <= limit, f"{detail}")


def columns(points, *names):
    return [np.array([np.inf if value is None else value for value in points[name]]) for name in names]


def ranking(of, case, found):
    y, p = np.array(case["churned"]), np.array(case["a"])
    label = p >= case["threshold"]
    scores = found["metrics"]
    of.add("roc_auc", scores["roc_auc"], metrics.roc_auc_score(y, p))
    of.add("pr_auc", scores["pr_auc"], metrics.average_precision_score(y, p))
    of.add("log_loss", scores["log_loss"], metrics.log_loss(y, p))
    of.add("brier", scores["brier"], metrics.brier_score_loss(y, p))
    of.add("accuracy", scores["accuracy"], metrics.accuracy_score(y, label))
    if label.any():
        of.add("precision", scores["precision"], metrics.precision_score(y, label))
        of.add("f1", scores["f1"], metrics.f1_score(y, label))
    of.add("recall", scores["recall"], metrics.recall_score(y, label))
    fpr, tpr, thresholds = metrics.roc_curve(y, p, drop_intermediate=False)
    x, height, at = columns(found["roc"], "false_positive_rate", "true_positive_rate", "threshold")
    of.add("roc", [*x, *height, *at[1:]], [*fpr, *tpr, *thresholds[1:]])
    precision, recall, thresholds = metrics.precision_recall_curve(y, p)
    x, height, at = columns(found["pr"], "recall", "precision", "threshold")
    of.add("pr", [*x, *height, *at[1:]], [*recall[::-1], *precision[::-1], *thresholds[::-1]])
    order = np.argsort(-p, kind="stable")
    ends = np.flatnonzero(np.diff(p[order], append=-1))
    fraction, gain = (ends + 1) / len(y), np.cumsum(y[order])[ends] / y.sum()
    of.add("gains", [*found["gains"]["fraction"][1:], *found["gains"]["gain"][1:], *found["gains"]["lift"][1:]], [*fraction, *gain, *gain / fraction])


def calibration(of, case, found, continuous):
    y, p = np.array(case["churned"]), np.array(case["a"])
    rate, mean = calibration_curve(y, p, n_bins=BINS, strategy="quantile")
    curve = found["calibration_quantiles"]
    of.add("quantile bins", [*curve["mean_probability"], *curve["churn_rate"]], [*mean, *rate])
    curve = found["calibration_equal_width"]
    if continuous:  # a probability on an edge belongs to the bin above it here, and to the bin below it there
        rate, mean = calibration_curve(y, p, n_bins=BINS, strategy="uniform")
        of.add("bins of equal width", [*curve["mean_probability"], *curve["churn_rate"]], [*mean, *rate])
    gap = np.abs(np.subtract(curve["mean_probability"], curve["churn_rate"]))
    of.add("ECE", found["metrics"]["ece"], np.average(gap, weights=curve["rows"]))
    churned = np.round(np.multiply(curve["rows"], curve["churn_rate"]))
    low, high = proportion_confint(churned, curve["rows"], method="wilson")
    of.add("Wilson", [*[i["low"] for i in curve["interval"]], *[i["high"] for i in curve["interval"]]], [*np.maximum(low, 0), *np.minimum(high, 1)])


def delong(of, case, found):
    y, a, b = np.array(case["churned"]), np.array(case["a"]), np.array(case["b"])
    _, _, interval, _, of_a, of_b, info = Delong_test(y.astype(int), a, b)
    pair = found["paired"]
    of.add("AUCs", [pair["a"], pair["b"]], [of_a, of_b])
    of.add("interval", [found["metrics"]["roc_auc_interval"]["low"], found["metrics"]["roc_auc_interval"]["high"]], interval)
    if info["method"] == "delong":  # else it had no variance, and drew samples
        error, difference = np.sqrt(info["var_diff"]), of_b - of_a
        of.add("standard error", pair["standard_error"], error)
        of.add("difference", pair["difference"], difference)
        of.add("interval of the difference", [found["paired_interval"]["low"], found["paired_interval"]["high"]],
               np.clip(difference + np.array([-1, 1]) * norm.ppf(0.975) * error, -1, 1))
        of.add("lower bound", found["paired_lower_95"], max(difference - norm.ppf(0.95) * error, -1))
        of.add("p value", found["paired_p_worse"], norm.cdf((difference + case["margin"]) / error))
    if len(y) <= 2000:
        v10, v01 = zip(*(placements(y, p) for p in (a, b)))
        variance = np.var(v10[1] - v10[0], ddof=1) / y.sum() + np.var(v01[1] - v01[0], ddof=1) / (~y).sum()
        of.add("standard error over all pairs", pair["standard_error"], np.sqrt(variance))


def placements(y, p):
    """Components V10 and V01 of DeLong, DeLong and Clarke-Pearson (1988), over all pairs."""
    right = (p[y][:, None] > p[~y]) + 0.5 * (p[y][:, None] == p[~y])
    return right.mean(axis=1), right.mean(axis=0)


def profit(of, case, found):
    y, p = np.array(case["churned"]).astype(int), np.array(case["a"])
    campaign = {"alpha": 6.0, "beta": 14.0, "lifetime_value": 200.0, "offer": 10.0, "contact": 1.0, **case["campaign"]}
    costs = {"clv": campaign["lifetime_value"], "incentive_cost": campaign["offer"], "contact_cost": campaign["contact"]}
    shape = {"alpha": campaign["alpha"], "beta": campaign["beta"]}
    of.add("EMPC", found["empc"]["profit"], empc_score(y, p, **costs, **shape))
    of.add("fraction to target", found["empc"]["fraction"], empc_score.optimal_rate(y, p, **costs, **shape))
    accept = campaign["alpha"] / (campaign["alpha"] + campaign["beta"])
    of.add("maximum profit", found["profit"]["profit"], mpc_score(y, p, **costs, accept_rate=accept))
    of.add("its fraction", found["profit"]["fraction"], mpc_score.optimal_rate(y, p, **costs, accept_rate=accept))


def drift(of, case, found):
    expected, counts = np.array(case["expected"]), np.array(case["found"])
    used = (expected + counts) > 0
    p, q = ((c[used] + 0.5) / (c[used] + 0.5).sum() for c in (expected, counts))
    value, scale, freedom = ((q - p) * np.log(q / p)).sum(), 1 / expected.sum() + 1 / counts.sum(), used.sum() - 1
    of.add("PSI", found["psi"]["value"], value)
    of.add("its threshold", found["psi_threshold"], scale * chi2.isf(case["false_alarms"], freedom))
    of.add("its p value", found["psi_p_value"], chi2.sf(value / scale, freedom))
    of.add("Benjamini-Hochberg", found["benjamini_hochberg"], multipletests(case["p_values"], method="fdr_bh")[1])
    of.add("Holm", found["holm"], multipletests(case["p_values"], method="holm")[1])


def slices(of, case, found):
    y, p, group = np.array(case["churned"]), np.array(case["a"]), np.array(case["group"])
    if [found["value"] for found in found["slices"]] != sorted(set(case["group"])):
        of.add("slices", np.inf, 0)
    for each in found["slices"]:
        rows = group == each["value"]
        of.add("slices", [each["rows"], each["churned"], each["mean_probability"]], [rows.sum(), y[rows].sum(), p[rows].mean()])
        one_class = y[rows].all() or not y[rows].any()
        if one_class != (each["roc_auc"] is None):
            of.add("slices", np.inf, 0)
        elif not one_class:
            of.add("slices", each["roc_auc"], metrics.roc_auc_score(y[rows], p[rows]))
            of.add("slices", each["recall"], metrics.recall_score(y[rows], p[rows] >= case["threshold"]))


def ece(y, p, counts):
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    return np.abs(np.bincount(bins, counts * (p - y), BINS)).sum() / counts.sum()


def bootstrap(case, found):
    """The ends beside those of a bootstrap of numpy and scikit-learn, in widths of the interval."""
    y, p = np.array(case["churned"]), np.array(case["a"])
    samples = []
    while len(samples) < 1000:
        counts = np.bincount(rng.integers(len(y), size=len(y)), minlength=len(y))
        if 0 < counts[y].sum() < len(y):
            samples.append([metrics.average_precision_score(y, p, sample_weight=counts), metrics.log_loss(y, p, sample_weight=counts),
                            np.average((p - y) ** 2, weights=counts), ece(y, p, counts)])
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    estimate = ece(y, p, np.ones(len(y)))
    low[3], high[3] = max(2 * estimate - high[3], 0), max(2 * estimate - low[3], 0)
    ours = [found["metrics"][f"{name}_interval"] for name in ["pr_auc", "log_loss", "brier", "ece"]]
    return max(max(abs(o["low"] - l), abs(o["high"] - h)) / (h - l) for o, l, h in zip(ours, low, high))


def coverage(trials=400, rows=1000):
    """How often 95 % intervals hold the figure of the population that the rows came from."""
    z, _, y = population(2_000_000, -1.2)
    p = 1 / (1 + np.exp(-(1.1 * z + 0.3)))
    true = {"roc_auc": metrics.roc_auc_score(y, p), "pr_auc": metrics.average_precision_score(y, p), "log_loss": metrics.log_loss(y, p),
            "brier": metrics.brier_score_loss(y, p), "ece": ece(y, p, np.ones(len(y)))}
    cases = []
    for start in range(trials):
        chosen = slice(start * rows, (start + 1) * rows)
        cases.append({**case(30, 0, None), "a": p[chosen].tolist(), "b": p[chosen].tolist(), "churned": y[chosen].tolist(), "group": ["x"] * rows})
    held = {name: 0 for name in true}
    for found in figures(cases):
        for name, figure in true.items():
            interval = found["metrics"][f"{name}_interval"]
            held[name] += interval["low"] <= figure <= interval["high"]
    shares = {name: count / trials for name, count in held.items()}
    detail = ", ".join(f"{name} {share:.3f}" for name, share in shares.items())
    suite.check("95 % intervals of AUC, PR-AUC, log loss and Brier hold the population's figure in 92 to 98 of 100 trials, that of ECE in 80 or more",
                all(0.92 <= share <= 0.98 for name, share in shares.items() if name != "ece") and shares["ece"] >= 0.8, detail)


def refusals():
    one_class = {**case(30, 0, None), "churned": [True] * 30}
    for name, bad in [("one outcome", one_class), ("a probability of 1.5", {**case(30, 0, None), "a": [1.5] * 30})]:
        result = subprocess.run([os.environ["FIGURES"]], input=json.dumps([bad]), capture_output=True, text=True)
        suite.check(f"{name} is refused", result.returncode != 0 and result.stdout == "", result.stderr.strip())


warnings.simplefilter("error")
shapes = [(rows, log_odds, digits) for rows in (12, 60, 300, 2000) for log_odds in (-3, -1.2, 0, 2.5) for digits in (None, 2, 1) for _ in range(3)]
shapes += [(50_000, log_odds, digits) for log_odds in (-4, -1.2) for digits in (None, 2)]
cases = [case(*shape) for shape in shapes]
distances = Distances()
for shape, each, found in zip(shapes, cases, figures(cases), strict=True):
    ranking(distances, each, found)
    calibration(distances, each, found, continuous=shape[2] is None)
    delong(distances, each, found)
    profit(distances, each, found)
    drift(distances, each, found)
    slices(distances, each, found)
print(f"{len(cases)} score sets of {shapes[0][0]} to {shapes[-1][0]} rows")
distances.check("scikit-learn", 1e-9, "roc_auc", "pr_auc", "log_loss", "brier")
distances.check("scikit-learn", 1e-12, "accuracy", "precision", "recall", "f1")
distances.check("scikit-learn", 1e-12, "roc", "pr")
distances.check("scikit-learn", 1e-12, "quantile bins", "bins of equal width")
distances.check("numpy", 1e-12, "gains", "ECE", "slices")
distances.check("statsmodels", 1e-12, "Wilson", "Benjamini-Hochberg", "Holm")
distances.check("MLstatkit", 1e-9, "AUCs", "interval", "standard error", "difference", "interval of the difference", "lower bound", "p value")
distances.check("the paper's formula", 1e-12, "standard error over all pairs")
distances.check("empulse", 1e-6, "EMPC", "fraction to target")
distances.check("empulse", 1e-9, "maximum profit", "its fraction")
distances.check("scipy", 1e-9, "PSI", "its threshold", "its p value")
few = [case(rows, -1.2, digits) for rows in (60, 500, 2000) for digits in (None, 2)]
widths = [bootstrap(*pair) for pair in zip(few, figures(few))]
suite.check("ends of bootstrap intervals are within 0.15 widths of those of numpy and scikit-learn", max(widths) < 0.15, f"at most {max(widths):.3f}")
coverage()
refusals()
suite.finish()
