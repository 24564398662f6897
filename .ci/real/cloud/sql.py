"""The SQL of `terraform/sql/`: read as BigQuery's dialect, and run by DuckDB on lines that the function itself has written."""

import hashlib
import hmac
import json
import os
import pathlib
import re
import subprocess
import sys

import duckdb
import sqlglot
from sqlglot import exp

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
from suite import Client, Suite, free_port, process, wait_for  # noqa: E402

ROOT = HERE.parents[2]
SOURCES = ROOT / "terraform/sql"
KEY = "a key of the company's own"
CUSTOMER = {"SeniorCitizen": 0, "tenure": 2, "MonthlyCharges": 70.7, "TotalCharges": 151.65, "InternetService": "Fiber optic", "OnlineSecurity": "No",
            "TechSupport": "No", "StreamingTV": "No", "Contract": "Month-to-month", "PaymentMethod": "Electronic check", "PaperlessBilling": "Yes"}
SAFE = {"Contract": "Two year", "tenure": 60, "MonthlyCharges": 20.0, "TotalCharges": 1200.0, "InternetService": "DSL", "PaymentMethod": "Mailed check"}
COLUMNS = """event VARCHAR, prediction_id VARCHAR, customer VARCHAR, model_version VARCHAR, variant VARCHAR, probability DOUBLE, risk_level VARCHAR,
             "key" VARCHAR, churned BOOLEAN, contacted BOOLEAN, accepted BOOLEAN, "value" DOUBLE, observed_at VARCHAR"""


def lines(folder):
    """What the function logs of three customers and what became of them: answers and log lines."""
    port, log = free_port(), folder / "function.log"
    with log.open("w") as written, process([os.environ["FUNCTION"]], env={"PORT": str(port), "CUSTOMER_ID_KEY": KEY}, stdout=written, stderr=written):
        wait_for(port)
        client = Client(port)
        answers = [client.post("/predict", {**CUSTOMER, **change, "customerID": name})[1] for name, change in [("anna", {}), ("bert", SAFE), ("anna", {"tenure": 3})]]
        first, second, third = (answer["prediction_id"] for answer in answers)
        for outcome in [{"prediction_id": second, "churned": False}, {"prediction_id": second, "churned": False}, {"customer_id": "anna", "churned": True},
                        {"prediction_id": first, "churned": True}]:
            status, _ = client.post("/outcomes", outcome)
            assert status in (200, 202), status
        # A trial, and an outcome of a prediction that is in nobody's log.
        client.send("POST", "/predict", json.dumps(CUSTOMER).encode(), {"X-Churn-Purpose": "what-if"})
        client.post("/outcomes", {"prediction_id": "01a21122-9b36-7635-b615-aec441b96a64", "churned": True})
        client.post("/predict", CUSTOMER)
    found = [json.loads(line) for line in log.read_text().splitlines()]
    return (first, second, third), [line for line in found if line.get("event") in ("prediction", "outcome")], found


def table(found):
    """The table that the sink makes of these lines, in a database of its own."""
    base = duckdb.connect()
    base.execute("CREATE SCHEMA churn_predictions; CREATE SCHEMA crm; CREATE SCHEMA churn")
    base.execute(f"CREATE TABLE churn_predictions.run_googleapis_com_stdout (timestamp TIMESTAMP, jsonPayload STRUCT({COLUMNS}))")
    names = re.findall(r'"?(\w+)"? (?:VARCHAR|DOUBLE|BOOLEAN)', COLUMNS)
    for line in found:
        base.execute("INSERT INTO churn_predictions.run_googleapis_com_stdout VALUES (?, ?)", [line["time"].rstrip("Z"), {name: line.get(name) for name in names}])
    return base


def run(base, text, **parameters):
    """Runs BigQuery's SQL in DuckDB; rows by name of column."""
    translated = sqlglot.transpile(text, read="bigquery", write="duckdb")
    assert len(translated) == 1
    cursor = base.execute(translated[0].replace("@", "$"), parameters or None)
    return [dict(zip([column[0] for column in cursor.description], row)) for row in cursor.fetchall()] if cursor.description else []


def contract(files):
    """What is wrong with the SQL as it stands: what it reads, and of what it reads it."""
    known = set(re.findall(r'"?(\w+)"? (?:VARCHAR|DOUBLE|BOOLEAN)', COLUMNS))
    faults = []
    for name, text in files.items():
        try:
            [tree] = sqlglot.parse(text, read="bigquery", error_level=sqlglot.ErrorLevel.RAISE)
        except (sqlglot.errors.ParseError, sqlglot.errors.TokenError, ValueError) as error:
            faults.append(f"{name}: {str(error)[:200]}")
            continue
        for fields in re.findall(r"jsonPayload\.(\w+)", text):
            if fields not in known:
                faults.append(f"{name}: the function logs no {fields}")
        common = {cte.alias for cte in tree.find_all(exp.CTE)}
        for found in tree.find_all(exp.Table):
            if found.name not in common and f"{found.db}.{found.name}" not in {"churn_predictions.run_googleapis_com_stdout", "churn_predictions.outcomes", "crm.customers"}:
                faults.append(f"{name}: there is no {found.sql()}")
    return faults


def figures(files, ids, found):
    """Every query on the table; what is not as it should be."""
    first, second, third = ids
    faults = []

    def equal(name, value, expected):
        if value != expected:
            faults.append(f"{name}: {value!r} instead of {expected!r}")

    base = table(found)
    predictions = [line for line in found if line["event"] == "prediction"]
    days = {line["time"][:10] for line in predictions}
    rows = run(base, files["daily.sql"], first_day="2000-01-01", last_day="2999-12-31")
    equal("predictions of all days", sum(row["predictions"] for row in rows), 4)
    for row in rows:
        equal("shares add up", round(row["share_low"] + row["share_medium"] + row["share_high"], 9), 1)
    if len(days) == 1:  # It may be midnight.
        equal("low risk of the day", rows[0]["share_low"], sum(line["risk_level"] == "LOW" for line in predictions) / 4)
        equal("mean probability", round(rows[0]["mean_probability"], 12), round(sum(line["probability"] for line in predictions) / 4, 12))
    equal("days outside", run(base, files["daily.sql"], first_day="2000-01-01", last_day="2000-12-31"), [])

    rows = run(base, files["outcomes.sql"])
    # Bert once though he was reported twice, Anna's first prediction by its id, her latest one by her pseudonym.
    equal("joined", sorted((row["prediction_id"], row["churned"]) for row in rows), sorted([(second, False), (first, True), (third, True)]))
    translated = sqlglot.transpile(files["outcomes.sql"], read="bigquery", write="duckdb")[0]
    base.execute(f"CREATE VIEW churn_predictions.outcomes AS {translated}")
    rows = run(base, files["quality.sql"])
    equal("customers with an outcome", sum(row["customers"] for row in rows), 3)
    said = {line["prediction_id"]: line["probability"] for line in predictions}
    errors = [(said[name] - churned) ** 2 for name, churned in [(second, 0), (first, 1), (third, 1)]]
    equal("Brier score", round(sum(row["brier_score"] * row["customers"] for row in rows), 12), round(sum(errors), 12))

    # A function of the same name stands in for the remote one.
    base.execute("CREATE MACRO churn.churn_probability(a, b, c, d, e, f, g, h, i, j, k) AS c / 100")
    base.execute("CREATE TABLE crm.customers AS SELECT 'x' || n AS customerID, 0 AS SeniorCitizen, n AS tenure, n::DOUBLE AS MonthlyCharges, 1.0 AS TotalCharges, 'No' AS InternetService,"
                 " 'No' AS OnlineSecurity, 'No' AS TechSupport, 'No' AS StreamingTV, 'Two year' AS Contract, 'Mailed check' AS PaymentMethod, 'No' AS PaperlessBilling FROM range(1, 4) AS t(n)")
    equal("call list", [row["customerID"] for row in run(base, files["call_list.sql"])], ["x3", "x2", "x1"])

    pseudonym = hmac.new(KEY.encode(), b"anna", hashlib.sha256).hexdigest()[:32]
    before = base.execute("SELECT count(*) FROM churn_predictions.run_googleapis_com_stdout").fetchone()[0]
    run(base, files["forget.sql"], customer=pseudonym)
    rest = base.execute("SELECT jsonPayload.prediction_id, jsonPayload.customer FROM churn_predictions.run_googleapis_com_stdout").fetchall()
    equal("nothing of Anna is left", [row for row in rest if row[0] in (first, third) or row[1] == pseudonym], [])
    # Two predictions and two outcomes, one of which names only her prediction.
    equal("and nothing of others is gone", before - len(rest), 4)
    return faults


def fields_of_the_readme():
    """The eleven fields in the order of the public contract; the id of the customer is none of them."""
    text = (ROOT / "README.md").read_text().split("## The fields")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?`) \|", text, re.M)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row) if name != "customerID"]


def arguments(call_list):
    return [part.name for part in sqlglot.parse_one(call_list, read="bigquery").find(exp.Anonymous).expressions]


MISTAKES = [
    ("a misspelt keyword", "daily.sql", "GROUP BY", "GRUOP BY"),
    ("a bracket that is not closed", "outcomes.sql", "(PARTITION BY o.key", "((PARTITION BY o.key"),
    ("a field that nobody logs", "daily.sql", "jsonPayload.risk_level = 'LOW'", "jsonPayload.risk = 'LOW'"),
    ("another table", "forget.sql", "run_googleapis_com_stdout", "run_googleapis_com_stderr"),
    ("a wrong risk level", "daily.sql", "'LOW'", "'low'"),
    ("repeats count", "outcomes.sql", "PARTITION BY jsonPayload.key", "PARTITION BY timestamp"),
    ("an earlier prediction", "outcomes.sql", "ORDER BY p.predicted_at DESC) = 1", "ORDER BY p.predicted_at) = 1"),
    ("outcomes are forgotten to be forgotten", "forget.sql", "WHERE p.jsonPayload.customer = @customer", "WHERE p.jsonPayload.customer = 'x'"),
    ("everybody is forgotten", "forget.sql", "jsonPayload.customer = @customer\n  OR", "jsonPayload.customer <> ''\n  OR"),
    ("arguments in another order", "call_list.sql", "tenure, MonthlyCharges", "MonthlyCharges, tenure"),
]


def main(folder):
    suite = Suite()
    folder.mkdir(parents=True, exist_ok=True)
    files = {file.name: file.read_text() for file in sorted(SOURCES.glob("*.sql"))}
    suite.equal("the queries", sorted(files), ["call_list.sql", "daily.sql", "forget.sql", "outcomes.sql", "quality.sql"])
    for name, text in files.items():
        found = contract({name: text})
        suite.check(f"{name} is BigQuery's SQL, of what there is", not found, str(found) if found else "")

    ids, found, everything = lines(folder)
    suite.equal("lines of predictions, and no trial", sum(line["event"] == "prediction" for line in found), 4)
    suite.equal("lines of outcomes, repeats too", sum(line["event"] == "outcome" for line in found), 5)
    written = {name for line in found for name in line}
    wanted = set(re.findall(r'"?(\w+)"? (?:VARCHAR|DOUBLE|BOOLEAN)', COLUMNS)) - {"contacted", "accepted", "value", "observed_at"}
    suite.equal("the function logs every field that the queries may read", wanted - written, set())
    suite.check("no line has an id of a customer", not any("anna" in json.dumps(line) or "bert" in json.dumps(line) for line in everything))
    wrong = figures(files, ids, found)
    suite.check("all queries give the right figures", not wrong, str(wrong) if wrong else "")

    # The guide's own line gives the pseudonym that the log has.
    made = subprocess.run(["bash", "-c", "printf %s anna | openssl dgst -sha256 -hmac \"$KEY\" | sed 's/.*= *//' | cut -c1-32"],
                          env={**os.environ, "KEY": KEY}, capture_output=True, text=True).stdout.strip()
    suite.equal("the pseudonym by openssl is the one in the log", made, next(line["customer"] for line in found if line.get("prediction_id") == ids[0] and "customer" in line))

    terraform = (ROOT / "terraform/bigquery.tf").read_text()
    listed = re.findall(r'"(\w+)"', re.search(r"names = \[(.*?)\]", terraform, re.S).group(1))
    suite.equal("the remote function's arguments are the fields in their order", listed, fields_of_the_readme())
    suite.equal("the call list hands them over so", arguments(files["call_list.sql"]), listed)
    events = set(re.findall(r'"(prediction|outcome|prediction_counts)"', (ROOT / "terraform/logging.tf").read_text()))
    suite.equal("the sinks take the events that the function writes", events, {"prediction", "outcome", "prediction_counts"})

    for name, file, old, new in MISTAKES:
        assert old in files[file], name
        broken = {**files, file: files[file].replace(old, new)}
        caught = contract(broken)
        if not caught:
            caught = arguments(broken["call_list.sql"]) != listed
        if not caught:
            try:
                caught = figures(broken, ids, found)
            except (duckdb.Error, AssertionError) as error:
                caught = str(error)
        suite.check(f"caught: {name}", caught)
    suite.finish()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
