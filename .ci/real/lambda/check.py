"""Sends recorded events through the Lambda runtime emulator."""

import base64
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from suite import Client, Suite, free_port, function, process, wait_for

BINARY = os.environ["STATIC_BINARY"]
EVENTS = pathlib.Path("functions/predict/tests/events")
suite = Suite()
port = free_port()
emulator = [os.environ["CARGO_LAMBDA"], "lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1", "-P", str(port)]
runtime = {"AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{port}/.rt", "AWS_LAMBDA_FUNCTION_NAME": "_",
           "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"}


def invoke(name):
    status, body = Client(port).send("POST", "/2015-03-31/functions/_/invocations", (EVENTS / f"{name}.json").read_bytes())
    assert status == 200, (status, body)
    answer = json.loads(body)
    text = base64.b64decode(answer["body"]).decode() if answer.get("isBase64Encoded") else answer["body"]
    return answer["statusCode"], answer["headers"].get("content-type"), text


event = json.loads((EVENTS / "function_url_predict.json").read_text())
with function(BINARY) as (_, http):
    _, served = Client(http).post("/predict", json.loads(event["body"]))

with process(emulator, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
    wait_for(port)
    with process([BINARY], env=runtime, stdout=subprocess.PIPE) as child:
        for name in ["function_url_predict", "api_gateway_predict", "api_gateway_stage_predict"]:
            status, kind, text = invoke(name)
            suite.equal(f"{name} answers as JSON", (status, kind), (200, "application/json"))
            suite.equal(f"{name} gives the served bits", json.loads(text)["churn_probability"], served["churn_probability"])
        status, kind, text = invoke("function_url_bad_field")
        suite.equal("a bad field is a problem", (status, kind), (422, "application/problem+json"))
        suite.equal("with its suggestion", json.loads(text)["errors"][0]["suggestion"], "Credit card (automatic)")
        status, _, text = invoke("function_url_health")
        suite.equal("health answers", (status, json.loads(text)["status"]), (200, "healthy"))
        status, kind, text = invoke("api_gateway_stage_home")
        suite.equal("the page is served behind a stage", (status, kind), (200, "text/html; charset=utf-8"))
        lines = []
        # Of health there is no line at this level.
        while sum(line.get("event") == "request" for line in lines) < 5:
            lines.append(json.loads(child.stdout.readline()))
        suite.equal("every prediction has its log line", sum(line.get("event") == "prediction" for line in lines), 3)
        suite.equal("every request has its metrics", sum(line.get("Requests", 0) for line in lines), 6)
suite.finish()
