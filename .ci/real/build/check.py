"""Builds a copy of the project in another folder, and breaks its model in every way: check.py COPY_FOLDER"""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from suite import Client, Suite, free_port, process, wait_for

FUNCTION = pathlib.Path(os.environ["FUNCTION"])
# What may not be a part of the function: our training side, and what it brings.
FORBIDDEN = re.compile(r"^(learner|onnx|prost(-.*)?|churn-jobs|csv|parquet|arrow(-.*)?|ureq|reqwest|clap|indicatif|rayon|kuva|plotters)$")
TOP = {"Cargo.toml", "Cargo.lock", "LICENSE", "README.md", "build.rs", "functions", "shared", "model-artifacts",
       "cloudbuild.yaml", "terraform"}

CUSTOMER = {"SeniorCitizen": 0, "tenure": 2, "MonthlyCharges": 70.7, "TotalCharges": 151.65, "InternetService": "Fiber optic",
            "OnlineSecurity": "No", "TechSupport": "No", "StreamingTV": "No", "Contract": "Month-to-month",
            "PaymentMethod": "Electronic check", "PaperlessBilling": "Yes"}

suite = Suite()
copy = pathlib.Path(sys.argv[1])
target = copy.parent / "elsewhere-target"
champion = copy / "model-artifacts/champion.msgpack"


def files():
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=True)
    return [pathlib.Path(name) for name in listed.stdout.decode().split("\0") if name and pathlib.Path(name).exists()]


def fresh_copy():
    shutil.rmtree(copy, ignore_errors=True)
    for name in files():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(name, copy / name)


def cargo(*arguments, **environment):
    return subprocess.run(["cargo", *arguments], cwd=copy, capture_output=True, text=True,
                          env={**os.environ, "CARGO_TARGET_DIR": str(target), **environment})


def layout():
    visible = {name.parts[0] for name in files() if not name.parts[0].startswith(".")}
    suite.equal("nothing else is visible at the top", visible - TOP, set())
    tree = subprocess.run(["cargo", "tree", "-p", "churn-predict", "-e", "normal,build", "--prefix", "none"],
                          capture_output=True, text=True, check=True).stdout
    names = {line.split()[0] for line in tree.splitlines() if line}
    suite.check("the function depends on none of the forbidden crates", len(names) > 20 and not any(map(FORBIDDEN.match, names)),
                f"{len(names)} crates" if not any(map(FORBIDDEN.match, names)) else str(sorted(filter(FORBIDDEN.match, names))))
    for crate, allowed in {"forest": set(), "evaluation": set(), "learner": {"forest", "evaluation"}, "churn": {"forest", "evaluation"},
                           "onnx": {"forest"}}.items():
        tree = subprocess.run(["cargo", "tree", "-p", crate, "-e", "normal,build", "--prefix", "none"], capture_output=True, text=True, check=True)
        ours = {line.split()[0] for line in tree.stdout.splitlines() if "(/" in line} - {crate}
        suite.equal(f"{crate} depends on no more of ours than it may", ours - allowed, set())


def reproducible():
    result = cargo("build", "--release", "--quiet")
    suite.check("a copy in another folder builds", result.returncode == 0, result.stderr[-300:])
    ours, theirs = (hashlib.sha256(path.read_bytes()).hexdigest() for path in [FUNCTION, target / "release/churn-predict"])
    suite.equal("two folders give one SHA-256", theirs, ours)


def refused(name, *expected):
    result = cargo("build", "--release", "--quiet")
    says = all(text in result.stderr for text in expected) and "cargo churn train" in result.stderr
    suite.check(f"the build refuses {name}", result.returncode != 0 and says, "" if says else result.stderr[-600:])


def sealed(content):
    """The same with the seal of its content: what is wrong then is the content, not damage on the way."""
    return content[:-64] + hashlib.sha256(content[:-64]).hexdigest().encode()


def breaks():
    whole = champion.read_bytes()
    history = copy / "model-artifacts/history"
    card = history / f"{hashlib.sha256(whole).hexdigest()[:12]}.card.json"
    text = card.read_text()

    champion.write_bytes(whole[:len(whole) // 2])
    refused("a champion cut in half", "champion.msgpack cannot be served", "not a churn model, or damaged")
    champion.unlink()
    refused("a missing champion", "champion.msgpack cannot be read")
    champion.write_bytes(b"\x81\xa6format\xa5other")
    refused("a foreign file", "not a churn model, or damaged")
    champion.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    refused("one flipped bit", "champion.msgpack cannot be served")
    champion.write_bytes(sealed(whole.replace(b"MonthlyCharges", b"MonthlyChargez", 1)))
    refused("another schema", "foreign schema", "MonthlyChargez, expected MonthlyCharges")
    leaf = whole.rindex(b"\xabprobability") + len(b"\xabprobability") + 8
    champion.write_bytes(sealed(whole[:leaf] + bytes([whole[leaf] ^ 1]) + whole[leaf + 1:]))
    refused("golden rows that do not come out", "the model does not give the answers that it promises", "golden row 19 scores")
    champion.write_bytes(whole)
    card.unlink()
    refused("a champion without its card", "has no card", card.name)
    card.write_text(text.replace(json.loads(text)["artifact_sha256"], "0" * 64))
    refused("the card of another model", "has no card of its own")
    card.write_text(text)
    result = cargo("build", "--release", "--quiet")
    suite.check("the mended copy builds again", result.returncode == 0, result.stderr[-300:])


def challenger():
    """A challenger beside the champion is served with it, a damaged one stops the build, a promoted one is none."""
    churn, artifacts = os.environ["CHURN"], copy / "model-artifacts"
    customers, settings = copy.parent / "challenger.csv", copy.parent / "challenger.toml"
    settings.write_text("[selection]\ncandidates = [\"random_forest\"]\nfolds = 2\nrepeats = 1\n[forest]\ntrees = 20\nmax_depth = 5\n")
    subprocess.run([churn, "sample", "--rows", "2000", "--seed", "7", "-o", customers], check=True, capture_output=True)
    subprocess.run([churn, "train", "--data", customers, "--config", settings, "--out", artifacts], check=True, capture_output=True)
    path = artifacts / "challenger.msgpack"
    whole = path.read_bytes()
    version = hashlib.sha256(whole).hexdigest()[:12]
    result = cargo("build", "--release", "--quiet")
    suite.check("a copy with a trained challenger builds", result.returncode == 0, result.stderr[-300:])
    with serving(CHALLENGER_PERCENT="50", SHADOW="on") as client:
        _, info = client.send("GET", "/model_info")
        info = json.loads(info)
        suite.equal("/model_info names the challenger", info["challenger"]["model_version"], version)
        suite.equal("both models give their golden answers", client.send("GET", "/health/ready")[0], 200)
        counts = {}
        for number in range(400):
            answer = client.post("/predict", {**CUSTOMER, "customerID": f"C-{number}"})[1]
            side = answer["variant"], answer["model_version"]
            counts[side] = counts.get(side, 0) + 1
        expected = {("champion", info["model_version"]), ("challenger", version)}
        suite.check("each model answers half of the customers, under its own version",
                    set(counts) == expected and all(160 <= count <= 240 for count in counts.values()), str(counts))
    path.write_bytes(whole[:len(whole) // 2])
    refused("a challenger cut in half", "challenger.msgpack cannot be served", "not a churn model, or damaged", "or delete")
    path.write_bytes(whole)
    subprocess.run([churn, "promote", "--challenger", path, "--out", artifacts], check=True, capture_output=True)
    result = cargo("build", "--release", "--quiet")
    suite.check("a copy whose challenger was promoted builds", result.returncode == 0, result.stderr[-300:])
    with serving() as client:
        info = json.loads(client.send("GET", "/model_info")[1])
        suite.equal("what was promoted is the champion alone", (info["model_version"], info["challenger"]), (version, None))
    for variable, value in [("CHALLENGER_PERCENT", "50"), ("SHADOW", "on")]:
        result = subprocess.run([target / "release/churn-predict"], env={variable: value}, capture_output=True, text=True, timeout=60)
        suite.check(f"without a challenger {variable} stops the start", result.returncode == 2 and variable in result.stderr, result.stderr)


@contextlib.contextmanager
def serving(**environment):
    """A connection to the copy's function."""
    port = free_port()
    with process([target / "release/churn-predict"], env={"PORT": str(port), **environment}, stdout=subprocess.DEVNULL):
        wait_for(port)
        yield Client(port)


def readme():
    """Runs the README's first command and its curl, and compares the answer that it shows."""
    text = (copy / "README.md").read_text()
    curl = re.search(r"```sh\n(curl [^`]*?/predict[^`]*?)```", text)
    shown = re.search(r"```json\n(\{[^`]*?\"churn_probability\"[^`]*?)```", text)
    suite.check("the README shows a curl and its answer", bool(curl and shown))
    if not (curl and shown):
        return
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    with process([str(target / "release/churn-predict")], cwd=copy, env=environment, stdout=subprocess.DEVNULL):
        wait_for(8080)
        result = subprocess.run(["bash", "-c", curl[1]], capture_output=True, text=True)
    found, expected = json.loads(result.stdout), json.loads(shown[1])
    for name in ["prediction_id", "prediction_timestamp"]:
        suite.check(f"the answer has a {name}", bool(found.pop(name, None)) and bool(expected.pop(name, None)))
    suite.equal("the README's curl gets the answer that it shows", found, expected)


fresh_copy()
layout()
reproducible()
readme()
breaks()
challenger()
suite.finish()
