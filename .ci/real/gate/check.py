"""How often the gate refuses bad challengers, and honest ones: check.py WORK_FOLDER [--long]"""

import collections
import concurrent.futures
import csv
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco
from suite import Suite, telco_csv

CHURN = os.environ["CHURN"]
LONG = "--long" in sys.argv[2:]
BAD_TRIALS, HONEST_TRIALS = (50 if LONG else 10), 200
# What the default search selects on the Telco file, without the search.
SHIPPED = """
[selection]
candidates = ["gradient_boosting"]
[boosting]
max_depth = 3
subsample = 0.4
column_sample_by_node = 1
"""

suite = Suite()
work = pathlib.Path(sys.argv[1])
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
(work / "shipped.toml").write_text(SHIPPED)


def churn(*arguments, expected=(0,)):
    result = subprocess.run([CHURN, *map(str, arguments)], capture_output=True, text=True)
    assert result.returncode in expected, (arguments, result.returncode, result.stderr)
    return result.stdout


def train(data, out, seed=42, whole_search=False):
    config = [] if whole_search else ["--config", work / "shipped.toml"]
    churn("train", "--data", data, "--out", out, "--seed", seed, "--threads", 1, *config)
    return out / "challenger.msgpack"


def gate(champion, challenger, data):
    """The names of the rules that refuse."""
    verdict = json.loads(churn("gate", "--champion", champion, "--challenger", challenger, "--data", data, "--json", expected=(0, 3)))
    refused = [rule["name"] for rule in verdict["rules"] if not rule["holds"]]
    assert verdict["promote"] == (not refused)
    return refused


def write(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def flipped(row):
    return {**row, "Churn": "No" if telco.churned(row) else "Yes"}


def shuffled(rows, draws):
    labels = [row["Churn"] for row in rows]
    draws.shuffle(labels)
    return [{**row, "Churn": label} for row, label in zip(rows, labels)]


def leaked(rows, draws):
    """The charge tells the outcome, but for one row in fifty."""
    def charge(row):
        return round(draws.uniform(70, 100) if telco.churned(row) != (draws.random() < 0.02) else draws.uniform(20, 69), 2)
    return [{**row, "MonthlyCharges": charge(row)} for row in rows]


def dropped(rows, draws):
    """A column that the export lost and filled."""
    return [{**row, "Contract": "Month-to-month"} for row in rows]


def reversed_classes(rows, draws):
    return [flipped(row) for row in rows]


def partly_flipped(rows, draws):
    return [flipped(row) if draws.random() < 0.15 else row for row in rows]


def bad_trial(data, champion, damage, trial):
    """Rules that refuse a challenger of damaged rows: on the rows that it came with, and on clean ones."""
    folder = work / f"{data.stem}-{damage.__name__}-{trial}"
    folder.mkdir()
    file = folder / "damaged.csv"
    write(file, damage(telco.rows(data), random.Random(trial)))
    challenger = train(file, folder, seed=trial)
    result = gate(champion, challenger, file), gate(champion, challenger, data)
    shutil.rmtree(folder)
    return result


def honest_trial(champion, trial):
    folder = work / f"honest-{trial}"
    folder.mkdir()
    file = folder / "fresh.csv"
    churn("sample", "--rows", 7000, "--seed", 10_000 + trial, "-o", file)
    refused = gate(champion, train(file, folder, seed=trial, whole_search=LONG), file)
    shutil.rmtree(folder)
    return refused


def told(trials):
    counts = collections.Counter(rule for refused in trials for rule in refused)
    return ", ".join(f"{rule} {count}" for rule, count in counts.most_common())


def bad(pool, name, data):
    (work / name).mkdir()
    champion = train(data, work / name)
    for damage, least in [(shuffled, 1), (leaked, 1), (dropped, 1), (reversed_classes, 1), (partly_flipped, 0.8)]:
        trials = list(pool.map(lambda trial: bad_trial(data, champion, damage, trial), range(BAD_TRIALS)))
        for where, found in zip(["its own rows", "clean rows"], zip(*trials)):
            share = sum(bool(refused) for refused in found) / len(found)
            suite.check(f"{name}, {damage.__name__}: judged on {where}, at least {least:.0%} refused", least <= share,
                        f"{share:.0%} of {len(found)}: {told(found)}")
    lost = work / "lost.csv"
    write(lost, [{key: value for key, value in row.items() if key != "Contract"} for row in telco.rows(data)])
    result = subprocess.run([CHURN, "train", "--data", lost, "--out", work / "lost"], capture_output=True, text=True)
    suite.check(f"{name}: a column that is not there at all is bad input", result.returncode == 2 and "Contract" in result.stderr, result.stderr.strip())


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    process = work / "process.csv"
    churn("sample", "--rows", 7000, "--seed", 1, "-o", process)
    bad(pool, "telco", pathlib.Path(telco_csv()))
    bad(pool, "process", process)
    champion = train(process, work / "champion")
    trials = list(pool.map(lambda trial: honest_trial(champion, trial), range(HONEST_TRIALS)))
    share = sum(bool(refused) for refused in trials) / len(trials)
    suite.check(f"honest retrainings on fresh customers of the same process: at most 15% of {len(trials)} refused", share <= 0.15, f"{share:.1%}: {told(trials)}")
suite.finish()
