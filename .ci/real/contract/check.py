"""The document beside the running function, by schemathesis and by a browser: check.py WORK_FOLDER [--long]"""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import page
from suite import Suite, function

DOCUMENT = json.loads(pathlib.Path("functions/predict/openapi.json").read_text())
# Their values are valid only together, which a schema cannot say: a blank total and the tenure, the columns of a CSV
# file, the shape of a tensor and its data, the length of a row and its columns.
TOGETHER = ["predict", "batch_predict", "bigquery", "invocations", "oip_infer", "oip_infer_version", "outcomes"]
# Without what depends on other values these have no such rule left.
ALONE = ["predict", "batch_predict"]

suite = Suite()
work = pathlib.Path(sys.argv[1])
work.mkdir(parents=True, exist_ok=True)
LONG = "--long" in sys.argv


def narrowed():
    """The document without values that depend on others."""
    document = copy.deepcopy(DOCUMENT)
    total = document["components"]["schemas"]["Customer"]["properties"]["TotalCharges"]
    total["anyOf"] = [form for form in total["anyOf"] if form["title"] != "blank"]
    for path in document["paths"].values():
        for operation in path.values():
            operation.get("requestBody", {}).get("content", {}).pop("text/csv", None)
    return document


def schemathesis(name, port, document, *options):
    """One run; every failure is shown, none may be."""
    file = work / f"{re.sub('[^a-z]+', '-', name.lower())}.json"
    file.write_text(json.dumps(document))
    amount = ["--max-examples", "400"] if LONG else ["--max-examples", "60", "--seed", "1"]
    command = [pathlib.Path(sys.executable).parent / "schemathesis", "run", file, "--url", f"http://127.0.0.1:{port}",
               "--checks", "all", "--no-color", "--generation-database", "none", *amount, *options]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=work)
    cases = re.search(r"(\d+) generated", result.stdout)
    holds = result.returncode == 0 and cases is not None
    suite.check(name, holds, f"{cases[1]} requests" if holds else result.stdout[-6000:] + result.stderr[-2000:])


def only(operations, which="--include-operation-id"):
    return [option for operation in operations for option in (which, operation)]


with function(os.environ["FUNCTION"]) as (_, port):
    schemathesis("operations whose values are valid alone, all checks", port, DOCUMENT, *only(TOGETHER, "--exclude-operation-id"))
    schemathesis("operations whose values are valid only together, all checks but the acceptance of valid data", port, DOCUMENT,
                 *only(TOGETHER), "--exclude-checks", "positive_data_acceptance")
    schemathesis("the same without what depends on other values, valid data, all checks", port, narrowed(), *only(ALONE), "--mode", "positive")
    page.check(suite, port, DOCUMENT)
suite.finish()
