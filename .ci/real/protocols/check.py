"""Official clients and foreign requests beside offline scores: check.py WORK_FOLDER"""

import contextlib
import csv
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pandas as pd
import tritonclient.http as triton
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco
from suite import Client, Suite, free_port, function, process, telco_csv, wait_for

FUNCTION, CHURN = os.environ["FUNCTION"], os.environ["CHURN"]
MODEL = "churn_classifier"
INFER = f"/v2/models/{MODEL}/infer"

suite = Suite()
work = pathlib.Path(sys.argv[1])
rows = telco.rows(telco_csv())
customers = [telco.customer(row) for row in rows]
codes = np.array([telco.features(row) for row in rows])


def offline():
    result = subprocess.run([CHURN, "score", "--model", "model-artifacts/champion.msgpack", "--data", telco_csv(),
                             "-o", work / "scores.csv"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    with open(work / "scores.csv", newline="") as file:
        return [float(score["churn_probability"]) for score in csv.DictReader(file)]


scores = offline()


def same(name, found):
    """Every probability is the offline one, to the last bit."""
    equal = sum(float(a) == b for a, b in zip(found, scores))
    suite.equal(f"{name} gives the offline bits", (equal, len(found)), (7043, 7043))


def bigquery(client):
    envelope = {"requestId": "124ab1c", "caller": "//bigquery.googleapis.com/projects/p/jobs/p:US.j", "sessionUser": "a@example.com"}

    def ask(calls, **context):
        return client.post("/bigquery", {**envelope, "userDefinedContext": context, "calls": calls})

    def arguments(spell):
        return [[spell(customer[name]) for name in telco.FIELDS] for customer in customers]

    same("BigQuery, fields by position", ask(arguments(lambda value: value))[1]["replies"])
    same("BigQuery, numbers as texts", ask(arguments(str))[1]["replies"])
    same("BigQuery, one JSON object a call", ask([[customer] for customer in customers])[1]["replies"])
    full = ask([[json.dumps(customer)] for customer in customers], output="full")[1]["replies"]
    same("BigQuery, full answers of TO_JSON_STRING", [reply["churn_probability"] for reply in full])
    suite.equal("and they name the customers", [reply["customer_id"] for reply in full], [c["customerID"] for c in customers])
    status, problem = ask([["x"] * 11])
    suite.check("a bad call is 400 in less than 1 KB", status == 400 and len(problem["errorMessage"].encode()) < 1024
                and "row 0" in problem["errorMessage"], problem["errorMessage"][:100])


def mlflow(port):
    client = ScoringServerClient("127.0.0.1", port)
    client.wait_server_ready(timeout=10)
    suite.check("MLflow's client gets a version", client.get_version()[:1].isdigit(), client.get_version())
    frame = pd.DataFrame(customers)
    same("MLflow's client, a dataframe of customers", client.invoke(frame).get_predictions().iloc[:, 0])
    coded = pd.DataFrame(codes, columns=telco.FEATURES)
    shuffled = coded[sorted(telco.FEATURES)]
    same("MLflow's client, coded features in another order", client.invoke(shuffled).get_predictions().iloc[:, 0])
    frame["TotalCharges"] = pd.to_numeric(frame["TotalCharges"], errors="coerce")
    try:
        client.invoke(frame)
        suite.check("a NaN is refused in words", False, "it was taken")
    except Exception as error:  # the client raises no class of its own
        suite.check("a NaN is refused in words", "NaN is not JSON" in str(error), str(error)[:200])


def invocations(client):
    """What SageMaker's and Vertex AI's callers send, and MLflow's forms that its client does not use."""
    def ask(body):
        return client.post("/invocations", body)[1]["predictions"]

    same("dataframe_records", ask({"dataframe_records": customers}))
    same("instances", ask({"instances": customers, "parameters": {}}))
    same("inputs, columns", ask({"inputs": {name: [customer[name] for customer in customers] for name in telco.FIELDS}}))
    same("inputs, [n][8] codes", ask({"inputs": codes.tolist()}))
    status, body = client.send("POST", "/invocations", pathlib.Path(telco_csv()).read_bytes(), {"content-type": "text/csv"})
    same("the Telco file itself as CSV", json.loads(body)["predictions"])


def vertex_and_sagemaker():
    """Vertex AI chooses the paths; SageMaker starts the container with `serve`."""
    port = free_port()
    environment = {"AIP_HTTP_PORT": str(port), "AIP_HEALTH_ROUTE": "/predict", "AIP_PREDICT_ROUTE": "/predict"}
    with process([FUNCTION, "serve"], env=environment, stdout=subprocess.DEVNULL):
        wait_for(port)
        client = Client(port)
        suite.equal("Vertex AI's health route", client.send("GET", "/predict"), (200, b"{}"))
        same("Vertex AI's predict route", client.post("/predict", {"instances": customers, "parameters": {}})[1]["predictions"])
        suite.equal("SageMaker's ping", client.send("GET", "/ping")[0], 200)
        same("SageMaker's invocations", client.post("/invocations", {"instances": customers})[1]["predictions"])


def tensor(name, values, kind, binary):
    values = values.reshape(-1, 8) if name == "features" else values.reshape(-1, 1)
    tensor = triton.InferInput(name, list(values.shape), kind)
    tensor.set_data_from_numpy(values, binary_data=binary)
    return tensor


def fields(binary):
    kinds = {"SeniorCitizen": ("INT32", np.int32), "tenure": ("INT64", np.int64), "MonthlyCharges": ("FP64", np.float64)}
    for name in telco.FIELDS:
        kind, dtype = kinds.get(name, ("BYTES", np.object_))
        yield tensor(name, np.array([customer[name] for customer in customers], dtype=dtype), kind, binary)


def open_inference(port):
    with contextlib.closing(triton.InferenceServerClient(f"127.0.0.1:{port}")) as client:
        metadata = client.get_model_metadata(MODEL)
        version = metadata["versions"][0]
        suite.check("Triton's client finds server and model", client.is_server_live() and client.is_server_ready()
                    and client.is_model_ready(MODEL) and client.is_model_ready(MODEL, version), metadata)
        suite.equal("another version is not ready", client.is_model_ready(MODEL, "1"), False)
        for binary in [False, True]:
            how = "in binary" if binary else "in JSON"
            outputs = [triton.InferRequestedOutput("churn_probability", binary_data=binary)]
            features = [tensor("features", codes.astype(np.float32), "FP32", binary)]
            result = client.infer(MODEL, features, model_version=version, request_id="7", outputs=outputs)
            same(f"Triton's client, features {how}", result.as_numpy("churn_probability"))
            suite.equal("the id comes back", result.get_response()["id"], "7")
            result = client.infer(MODEL, list(fields(binary)), request_compression_algorithm="gzip")
            same(f"Triton's client, a tensor a field {how}, in gzip", result.as_numpy("churn_probability"))
        try:
            client.infer(MODEL, [tensor("features", -codes.astype(np.float32), "FP32", True)])
            suite.check("bad rows are refused in words", False, "they were taken")
        except triton.InferenceServerException as error:
            suite.check("bad rows are refused in words", "tenure: must be" in str(error), str(error)[:200])


with function(FUNCTION) as (_, port):
    bigquery(Client(port))
    mlflow(port)
    invocations(Client(port))
    open_inference(port)
vertex_and_sagemaker()
suite.finish()
