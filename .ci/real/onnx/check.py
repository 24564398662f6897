"""Exports are checked and scored by onnx and onnxruntime, imports by the libraries that trained them: check.py WORK_FOLDER"""

import csv
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco
from libraries import refused_models, served_models
from suite import Suite, telco_csv

warnings.filterwarnings("ignore")
CHURN = os.environ["CHURN"]
CHAMPION = pathlib.Path("model-artifacts/champion.msgpack")

suite = Suite()
work = pathlib.Path(sys.argv[1])
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
rows = telco.rows(telco_csv())
x = np.array([telco.features(row) for row in rows], dtype=np.float32)
y = np.array([int(telco.churned(row)) for row in rows])


def churn(*arguments):
    return subprocess.run([CHURN, *map(str, arguments)], capture_output=True, text=True)


def done(*arguments):
    result = churn(*arguments)
    assert result.returncode == 0, f"churn {' '.join(map(str, arguments))}: {result.stderr}"
    return result.stdout


def scored(model):
    """What `churn score` says of every customer."""
    done("score", "--model", model, "--data", telco_csv(), "-o", work / "scores.csv")
    with open(work / "scores.csv", newline="") as file:
        return np.array([float(row["churn_probability"]) for row in csv.DictReader(file)])


def near(name, found, expected):
    distance = np.abs(np.asarray(found, dtype=float) - expected).max()
    suite.check(f"{name}, to 1e-6 over {len(expected)} customers", found.shape == expected.shape and distance < 1e-6, f"largest distance {distance:.1e}")


def imported(name, *arguments):
    """Imports NAME.onnx, and gives the path of the artifact."""
    done("import", work / f"{name}.onnx", "--data", telco_csv(), "--out", work / f"{name}.msgpack", *arguments)
    return work / f"{name}.msgpack"


def metadata(model):
    return {entry.key: entry.value for entry in model.metadata_props}


def exported(name, artifact):
    """Both graphs of an artifact, through onnx and onnxruntime, and back."""
    expected = scored(artifact)
    sha256 = hashlib.sha256(artifact.read_bytes()).hexdigest()
    for graph, outputs in {"classifier": ["label", "probabilities"], "probability": ["churn_probability"]}.items():
        file = work / f"{name}-{graph}.onnx"
        done("export", "--model", artifact, "--onnx", file, "--graph", graph)
        model = onnx.load(file)
        onnx.checker.check_model(model, full_check=True)
        suite.check(f"{name}, {graph}: onnx.checker takes it", True)
        again = work / "again.onnx"
        done("export", "--model", artifact, "--onnx", again, "--graph", graph)
        suite.equal(f"{name}, {graph}: the same bytes again", again.read_bytes() == file.read_bytes(), True)
        said = metadata(model)
        suite.equal(f"{name}, {graph}: the file names its model", [said["model_version"], said["artifact_sha256"], said["features"].split(",")],
                    [sha256[:12], sha256, telco.FEATURES])
        session = onnxruntime.InferenceSession(file)
        [taken] = session.get_inputs()
        suite.equal(f"{name}, {graph}: one input and its outputs", [taken.name, taken.type, taken.shape[1], [o.name for o in session.get_outputs()]],
                    ["features", "tensor(float)", 8, outputs])
        found = session.run(None, {"features": x})
        near(f"{name}, {graph}: onnxruntime is churn score", found[1][:, 1] if graph == "classifier" else found[0], expected)
        one = session.run(None, {"features": x[:1]})
        near(f"{name}, {graph}: one row alone", one[1][:, 1] if graph == "classifier" else one[0], expected[:1])
        if graph == "classifier":
            near(f"{name}: the two probabilities add up to 1", found[1].sum(axis=1), np.ones(len(x)))
            clear = np.abs(expected - 0.5) > 1e-6
            suite.equal(f"{name}: the label is 1 where the probability is above 0.5", (found[0] == (expected > 0.5))[clear].all(), True)
        near(f"{name}, {graph}: exported and imported again", scored(imported(f"{name}-{graph}")), expected)


def imports():
    """The model of each library, served as the library serves it."""
    for name, (model, expected) in served_models(x, y).items():
        (work / f"{name}.onnx").write_bytes(model.SerializeToString())
        near(f"{name}: served as the library's predict_proba", scored(imported(name)), expected)


def import_facts():
    """What an import's artifact and card hold beside the trees."""
    artifact = work / "xgboost.msgpack"
    before = artifact.read_bytes()
    card = json.loads((work / "xgboost.card.json").read_text())
    suite.equal("an import's bytes are a function of its inputs", imported("xgboost").read_bytes() == before, True)
    suite.equal("its card holds no figure of quality", card["metrics"], {"holdout": None, "cross_validation": None})
    suite.check("its card says why", "not known" in card["note"])
    suite.equal("its card names the ONNX file", card["parameters"]["onnx_sha256"], hashlib.sha256((work / "xgboost.onnx").read_bytes()).hexdigest())
    suite.equal("its card is the artifact's", card["artifact_sha256"], hashlib.sha256(before).hexdigest())
    suite.equal("its kind is named", card["model_type"], "imported_gradient_boosting")
    shown = json.loads(done("inspect", artifact, "--json"))
    suite.equal("golden rows and reference come from the data", [len(shown["golden"]), sum(shown["reference"]["score"]["counts"])], [20, len(x)])
    threshold = json.loads(done("import", work / "xgboost.onnx", "--data", telco_csv(), "--out", work / "given.msgpack", "--threshold", 0.3, "--json"))
    suite.equal("a given threshold is taken", threshold["decision"]["threshold"], 0.3)
    suite.equal("an import can be promoted", churn("promote", "--challenger", artifact, "--out", work / "models").returncode, 0)


def refusals():
    """What cannot be represented is refused by name, and nothing is written."""
    for name, (content, expected) in refused_models(x, y).items():
        file, out = work / "refused.onnx", work / "refused.msgpack"
        file.write_bytes(content if isinstance(content, bytes) else content.SerializeToString())
        result = churn("import", file, "--data", telco_csv(), "--out", out)
        holds = result.returncode == 2 and expected in result.stderr and not out.exists()
        suite.check(f"refused: {name}", holds, "" if holds else f"status {result.returncode}, {result.stderr!r}")


def meanings(trials=300):
    """Small random models, said in every way that the standard has: what is read scores as onnxruntime scores it."""
    draw = np.random.default_rng(7)
    read = refused = 0
    farthest = 0.0
    folder = work / "meanings"
    folder.mkdir()
    header = ",".join(["customerID", *telco.FIELDS])
    sample = [next(row for row in rows if row["tenure"] == tenure) for tenure in ["1", "12", "24", "48", "72"]]
    lines = [",".join([row["customerID"], *(row[field] for field in telco.FIELDS)]) for row in sample]
    (folder / "few.csv").write_text("\n".join([header, *lines]) + "\n")
    few = np.array([telco.features(row) for row in sample], dtype=np.float32)
    for trial in range(trials):
        model = random_model(draw)
        file, out = folder / f"{trial}.onnx", folder / "m.msgpack"
        file.write_bytes(model.SerializeToString())
        result = churn("import", file, "--data", folder / "few.csv", "--out", out, "--threshold", 0.5)
        if result.returncode != 0:
            refused += result.returncode == 2
            continue
        done("score", "--model", out, "--data", folder / "few.csv", "-o", folder / "s.csv")
        with open(folder / "s.csv", newline="") as scores:
            found = np.array([float(row["churn_probability"]) for row in csv.DictReader(scores)])
        expected = onnxruntime.InferenceSession(file).run(["p"], {"features": few})[0]
        expected = expected[:, -1]
        farthest = max(farthest, np.abs(found - expected).max())
        read += 1
    suite.equal("random models: each is read or refused", read + refused, trials)
    suite.check("random models: most are read, and some refused", read > trials / 3 and refused > trials / 20, f"{read} read, {refused} refused")
    suite.check("random models: what is read scores as onnxruntime scores it, to 1e-6", farthest < 1e-6, f"largest distance {farthest:.1e}")


def random_model(draw):
    """Trees of up to three levels under a random operator, comparison, transform, classes and base values."""
    nodes, weights = [], []
    classes = [[0], [1], [0, 1]][draw.integers(3)]
    regressor = draw.random() < 0.3
    transform = str(draw.choice(["NONE", "LOGISTIC", "SOFTMAX"], p=[0.4, 0.4, 0.2]))
    trees = int(draw.integers(1, 4))
    for tree in range(trees):
        size = int(draw.integers(0, 4))
        for node in range(size):
            mode = str(draw.choice(["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"]))
            # The values of tenure themselves, so that the two sides of equality matter.
            nodes.append((tree, node, 0, float(draw.choice([1, 12, 24, 48, 72])), mode, *draw.permutation([node + 1, size + 1 + node])))
        for leaf in range(size, 2 * size + 1):
            nodes.append((tree, leaf, 0, 0.0, "LEAF", 0, 0))
            low = 0 if transform == "NONE" else -2
            weights += [(tree, leaf, 0 if regressor else c, draw.uniform(low, 0.9 / trees)) for c in ([0] if regressor else classes)]
    base = list(draw.uniform(0, 0.05, [0, 1, 2][draw.choice(3, p=[0.5, 0.4, 0.1])]))
    prefix = "target" if regressor else "class"
    columns = dict(zip(["treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids"], map(list, zip(*nodes))))
    attributes = {f"nodes_{name}": values if name in ["values", "modes"] else [int(value) for value in values] for name, values in columns.items()}
    attributes |= {f"{prefix}_{name}": values for name, values in zip(["treeids", "nodeids", "ids", "weights"], map(list, zip(*weights)))}
    attributes |= {"n_targets": 1} if regressor else {"classlabels_int64s": [0, 1]}
    attributes |= {"base_values": base} if base else {}
    trees = helper.make_node("TreeEnsembleRegressor" if regressor else "TreeEnsembleClassifier", ["features"], ["p"] if regressor else ["l", "p"],
                             domain="ai.onnx.ml", post_transform=transform, **attributes)
    outputs = [helper.make_tensor_value_info("p", TensorProto.FLOAT, None)]
    graph = helper.make_graph([trees], "g", [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, 8])], outputs)
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 3)])


exported("champion", CHAMPION)
imports()
import_facts()
exported("log-odds", work / "lightgbm.msgpack")
refusals()
meanings()
suite.finish()
