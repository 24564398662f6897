"""Scores of every kind of file beside CSV, reasons and call lists beside numpy: check.py WORK_FOLDER"""

import csv
import decimal
import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco
from forest import Model
from suite import Suite, telco_csv

CHAMPION = pathlib.Path("model-artifacts/champion.msgpack")
EXPLAINED = 600
WORDS = {
    "tenure": lambda text: f"{text} month{'' if text == '1' else 's'} with us",
    "MonthlyCharges": lambda text: f"Pays ${float(text):,.2f} a month",
    "TotalCharges": lambda text: f"Paid ${float(text.strip() or 0):,.2f} so far",
    "SeniorCitizen": {"0": "Not a senior citizen", "1": "Senior citizen"}.get,
    "InternetService": {"DSL": "DSL internet", "Fiber optic": "Fiber optic internet", "No": "No internet"}.get,
    "Contract": {"Month-to-month": "Month-to-month contract", "One year": "One-year contract", "Two year": "Two-year contract"}.get,
    "PaymentMethod": {"Bank transfer (automatic)": "Pays by automatic bank transfer", "Credit card (automatic)": "Pays by automatic credit card",
                      "Electronic check": "Pays by electronic check", "Mailed check": "Pays by mailed check"}.get,
    "PaperlessBilling": {"Yes": "Paperless billing", "No": "Paper bills"}.get,
}

suite = Suite()
work = pathlib.Path(sys.argv[1])
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
rows = telco.rows(telco_csv())
table = pd.read_csv(telco_csv(), dtype={"TotalCharges": str})
totals = pd.to_numeric(table.TotalCharges.str.strip().replace("", None))
TEXTS = [name for name in table.columns if table[name].dtype == object or pd.api.types.is_string_dtype(table[name])]


def churn(*arguments):
    return subprocess.run([os.environ["CHURN"], *map(str, arguments)], capture_output=True, text=True)


def score(data, *more):
    """The scores as bytes, and what was said."""
    result = churn("score", "--model", CHAMPION, "--data", data, "-o", work / "scores.csv", *more)
    assert result.returncode == 0, result.stderr
    return (work / "scores.csv").read_bytes(), result.stdout


def read(scores):
    return list(csv.DictReader(scores.decode().splitlines()))


def arrow(frame, **types):
    """The frame as an Arrow table, with these types of columns."""
    whole = pa.Table.from_pandas(frame, preserve_index=False)
    for name, kind in types.items():
        whole = whole.set_column(whole.schema.get_field_index(name), name, pa.array(frame[name], kind, from_pandas=True))
    return whole


def files():
    """Every way in which the same customers are written, by name."""
    table.to_parquet(work / "pandas.parquet")
    yield "pandas' own Parquet, totals as text with blanks", "pandas.parquet"
    numbers = table.assign(TotalCharges=totals)
    numbers.to_parquet(work / "float.parquet", compression="gzip", index=True)
    yield "totals as float64 with nulls, an index, gzip", "float.parquet"
    numbers.astype({name: "category" for name in TEXTS if name not in ("customerID", "TotalCharges")}).to_parquet(work / "category.parquet")
    yield "pandas' categories", "category.parquet"
    numbers.astype({"SeniorCitizen": "Int8", "tenure": "Int64"}).to_parquet(work / "nullable.parquet", compression=None)
    yield "pandas' nullable integers, not compressed", "nullable.parquet"
    for name, types in {
        "narrow": {"SeniorCitizen": pa.uint8(), "tenure": pa.int16(), "MonthlyCharges": pa.float32(), "TotalCharges": pa.float32()},
        "wide": {"SeniorCitizen": pa.uint64(), "tenure": pa.float64()},
        "strings": {name: pa.large_string() if at % 2 else pa.string_view() for at, name in enumerate(TEXTS) if name != "TotalCharges"},
        "dictionary": {name: pa.dictionary(pa.int8(), pa.string()) for name in TEXTS if name not in ("customerID", "TotalCharges")},
    }.items():
        pq.write_table(arrow(numbers, **types), work / f"{name}.parquet", compression="lz4")
        yield f"{name} types, lz4", f"{name}.parquet"
    cents = [decimal.Decimal(row["MonthlyCharges"]) for row in rows]
    whole = arrow(numbers).set_column(table.columns.get_loc("MonthlyCharges"), "MonthlyCharges", pa.array(cents, pa.decimal128(9, 2)))
    whole = whole.append_column("visits", pa.array([[1, 2]] * len(rows))).append_column("since", pa.array([pd.Timestamp("2020-01-01")] * len(rows)))
    pq.write_table(whole, work / "decimal.parquet", row_group_size=1000, data_page_version="2.0", use_dictionary=False)
    yield "decimal charges, lists and dates beside them, small row groups", "decimal.parquet"
    pq.write_table(arrow(numbers), work / "encodings.parquet", use_dictionary=False, compression="snappy", column_encoding={
        "tenure": "DELTA_BINARY_PACKED", "MonthlyCharges": "BYTE_STREAM_SPLIT", "Contract": "DELTA_BYTE_ARRAY", "PaymentMethod": "DELTA_LENGTH_BYTE_ARRAY"})
    yield "other encodings", "encodings.parquet"
    table.to_json(work / "pandas.ndjson", orient="records", lines=True)
    yield "pandas' NDJSON, totals as text", "pandas.ndjson"
    (work / "json.jsonl").write_text("\n".join(json.dumps({**telco.customer(row), "nested": {"a": [None]}}) for row in rows))
    yield "json's lines with more fields", "json.jsonl"


def formats():
    expected, _ = score(telco_csv())
    suite.equal("CSV: a score for each customer", len(read(expected)), len(rows))
    for name, file in files():
        found, _ = score(work / file)
        suite.check(f"{name}: the bytes of CSV", found == expected)
    return read(expected)


def refused(name, file, *expected):
    (work / "none.csv").unlink(missing_ok=True)
    result = churn("score", "--model", CHAMPION, "--data", work / file, "-o", work / "none.csv")
    holds = result.returncode == 2 and all(text in result.stderr for text in expected) and not (work / "none.csv").exists()
    suite.check(f"{name} is refused and nothing is written", holds, "" if holds else result.stderr)


def refusals():
    for compression in ["zstd", "brotli"]:
        table.to_parquet(work / f"{compression}.parquet", compression=compression)
        refused(compression, f"{compression}.parquet", f"compressed with {compression.upper()}", "snappy, gzip, lz4 or none")
    table.to_parquet(work / "feather.txt")
    refused("an extension that is not known", "feather.txt", ".csv, .ndjson, .jsonl or .parquet")
    table.astype({"SeniorCitizen": bool}).to_parquet(work / "bool.parquet")
    refused("a boolean where 0 or 1 belongs", "bool.parquet", "row 1, column SeniorCitizen", "found: boolean")
    table.drop(columns="Contract").to_parquet(work / "less.parquet")
    refused("a file without a column", "less.parquet", "no column Contract")
    holes = table.astype({"tenure": "Int64"})
    holes.loc[16, "tenure"] = None
    holes.loc[99, "PaymentMethod"] = "Credit card"
    holes.to_parquet(work / "holes.parquet")
    refused("a file with two bad rows", "holes.parquet", "2 of the rows", "row 17, column tenure", "row 100, column PaymentMethod", "Credit card (automatic)")
    scores, _ = score(work / "holes.parquet", "--skip-bad-rows")
    with open(work / "scores.csv.rejected.csv", newline="") as file:
        rejected = list(csv.DictReader(file))
    found = [(row["row"], row["customerID"], row["tenure"]) for row in rejected]
    suite.equal("--skip-bad-rows puts them beside the scores", found, [("17", rows[16]["customerID"], ""), ("100", rows[99]["customerID"], rows[99]["tenure"])])
    suite.equal("and scores the others", len(read(scores)), len(rows) - 2)


def reasons(plain):
    model = Model(CHAMPION)
    x = np.array([telco.features(row) for row in rows[:EXPLAINED]], dtype=np.float32)
    base, parts = model.shapley(x)
    probability = np.array([float(row["churn_probability"]) for row in plain[:EXPLAINED]])
    distance = np.abs(base + parts.sum(axis=1) - probability).max()
    suite.check("numpy's parts add up to the scores", distance < 1e-12, f"largest distance {distance:.1e}")
    explained, _ = score(telco_csv(), "--explain")
    wrong, filled = [], 0
    for row, found, part in zip(rows, read(explained), parts):
        points = [(feature, int(np.sign(size) * np.floor(abs(100 * size) + 0.5))) for feature, size in zip(telco.FEATURES, part)]
        order = np.argsort(-np.abs(part), kind="stable")
        sentences = [f"{WORDS[feature](row[feature])}: {size:+d} point{'' if abs(size) == 1 else 's'}" for feature, size in (points[at] for at in order) if size]
        expected = (sentences + ["", "", ""])[:3]
        filled += sum(map(bool, expected))
        ours = [found[f"reason_{place}"] for place in (1, 2, 3)]
        wrong += [(ours, expected)] if ours != expected else []
    suite.check(f"reasons of {EXPLAINED} customers are numpy's", not wrong and filled > 2 * EXPLAINED, wrong[:2] or f"{filled} sentences")
    same = all({**found, **old} == found for old, found in zip(plain, read(explained)))
    suite.check("--explain changes no score", same)


def check_list(name, plain, budget, campaign, *more):
    alpha, beta, value, offer, contact = campaign
    p = np.array([float(row["churn_probability"]) for row in plain])
    profit = p * alpha / (alpha + beta) * (value - offer) - (1 - p) * offer - contact
    order = [at for at in np.argsort(-profit, kind="stable") if profit[at] > 0][:budget]
    scores, said = score(telco_csv(), "--budget", budget, "--json", *more)
    listed, calls = read(scores), json.loads(said)["calls"]
    suite.equal(f"{name}: who is called, in which order", [row["customer_id"] for row in listed], [rows[at]["customerID"] for at in order])
    suite.equal(f"{name}: ranks", [row["rank"] for row in listed], [str(rank + 1) for rank in range(len(order))])
    distance = np.abs(np.array([float(row["expected_profit"]) for row in listed]) - profit[order]).max(initial=0)
    suite.check(f"{name}: expected profits", distance < 1e-9, f"largest distance {distance:.1e}")
    suite.equal(f"{name}: how many are worth a call", (calls["listed"], calls["profitable"]), (len(order), int((profit > 0).sum())))
    suite.check(f"{name}: what the list is worth", abs(calls["expected_profit"] - profit[order].sum()) < 1e-6)


def budgets(plain):
    check_list("500 calls", plain, 500, (6, 14, 200, 10, 1))
    check_list("more calls than pay", plain, 7000, (6, 14, 200, 10, 1), "--explain")
    (work / "dear.toml").write_text("[campaign]\nalpha = 2\nbeta = 8\nlifetime_value = 150\noffer = 40\ncontact = 3\n")
    check_list("a dearer campaign", plain, 300, (2, 8, 150, 40, 3), "--config", work / "dear.toml")
    (work / "loss.toml").write_text("[campaign]\ncontact = 100\n")
    check_list("a campaign that cannot pay", plain, 10, (6, 14, 200, 10, 100), "--config", work / "loss.toml")


plain = formats()
refusals()
reasons(plain)
budgets(plain)
suite.finish()
