"""Models of other libraries, converted to ONNX by their own converters."""

import tempfile

import catboost
import lightgbm
import numpy as np
import onnx
import xgboost
from onnx import TensorProto, helper, numpy_helper
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import (AdaBoostClassifier, ExtraTreesClassifier, GradientBoostingClassifier, HistGradientBoostingClassifier,
                              RandomForestClassifier)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

INPUT = [("features", FloatTensorType([None, 8]))]
QUICK = {"random_state": 7}


def churn_column(model, x):
    return model.predict_proba(x)[:, 1].astype(float)


def sklearn(model, x, **options):
    """As skl2onnx writes it: by default with a ZipMap behind it."""
    return to_onnx(model, x[:1], options={id(model): options} if options else None)


def served_models(x, y):
    """Name -> ONNX model and the library's own probabilities of `x`."""
    labels = np.array(["No", "Yes"])[y]
    forest = RandomForestClassifier(n_estimators=100, max_depth=12, n_jobs=2, **QUICK).fit(x, y)
    named = RandomForestClassifier(n_estimators=20, min_samples_leaf=5, **QUICK).fit(x, labels)
    extra = ExtraTreesClassifier(n_estimators=50, min_samples_leaf=3, n_jobs=2, **QUICK).fit(x, y)
    tree = DecisionTreeClassifier(max_depth=6, **QUICK).fit(x, y)
    boosted = GradientBoostingClassifier(n_estimators=80, **QUICK).fit(x, y)
    histogram = HistGradientBoostingClassifier(max_iter=80, **QUICK).fit(x, y)
    light = lightgbm.LGBMClassifier(n_estimators=100, verbose=-1, n_jobs=2, **QUICK).fit(x, y)
    extreme = xgboost.XGBClassifier(n_estimators=100, max_depth=4, n_jobs=2, **QUICK).fit(x, y)
    one_rounded = xgboost.XGBRFClassifier(n_estimators=30, max_depth=6, n_jobs=2, **QUICK).fit(x, y)
    cat = catboost.CatBoostClassifier(iterations=80, depth=4, verbose=0, allow_writing_files=False, random_seed=7).fit(x, y)
    return {
        "forest": (sklearn(forest, x), churn_column(forest, x)),
        "forest-matrix": (sklearn(forest, x, zipmap=False), churn_column(forest, x)),
        "forest-double": (to_onnx(forest, x[:1].astype(np.float64), options={id(forest): {"zipmap": False}}), churn_column(forest, x)),
        "forest-old": (to_onnx(forest, x[:1], target_opset={"": 9, "ai.onnx.ml": 1}), churn_column(forest, x)),
        "forest-labels": (sklearn(named, x), churn_column(named, x)),
        "extra-trees": (sklearn(extra, x), churn_column(extra, x)),
        "one-tree": (sklearn(tree, x), churn_column(tree, x)),
        "gradient-boosting": (sklearn(boosted, x), churn_column(boosted, x)),
        "hist-gradient-boosting": (sklearn(histogram, x), churn_column(histogram, x)),
        "lightgbm": (convert_lightgbm(light, initial_types=INPUT, zipmap=False), churn_column(light, x)),
        "lightgbm-zipmap": (convert_lightgbm(light, initial_types=INPUT), churn_column(light, x)),
        "xgboost": (convert_xgboost(extreme, initial_types=INPUT), churn_column(extreme, x)),
        "xgboost-booster": (convert_xgboost(extreme.get_booster(), initial_types=INPUT), churn_column(extreme, x)),
        "xgboost-forest": (convert_xgboost(one_rounded, initial_types=INPUT), churn_column(one_rounded, x)),
        "catboost": (catboost_onnx(cat), churn_column(cat, x)),
        "version-5": (version_5(tree), churn_column(tree, x)),
        "regressor-sigmoid": (regressor_sigmoid(boosted, x), churn_column(boosted, x)),
    }


def catboost_onnx(model):
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        model.save_model(file.name, format="onnx")
        return onnx.load(file.name)


def model_of(nodes, outputs, initializers=(), ml=3):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, 8])], outputs, initializers)
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", ml)])


def version_5(model):
    """scikit-learn's tree as the operator of ai.onnx.ml 5, which no converter writes yet."""
    tree = model.tree_
    branches = [node for node in range(tree.node_count) if tree.children_left[node] != -1]
    leaves = [node for node in range(tree.node_count) if tree.children_left[node] == -1]
    place = {node: i for i, node in enumerate(branches)} | {node: i for i, node in enumerate(leaves)}

    def tensor(name, values, kind):
        return numpy_helper.from_array(np.array(values, dtype=kind), name)

    # The largest float that is not above the threshold.
    thresholds = tree.threshold[branches].astype(np.float32)
    thresholds = np.where(thresholds > tree.threshold[branches], np.nextafter(thresholds, np.float32(-np.inf)), thresholds)
    node = helper.make_node(
        "TreeEnsemble", ["features"], ["p"], domain="ai.onnx.ml", n_targets=1, aggregate_function=1, post_transform=0, tree_roots=[0],
        nodes_featureids=[int(tree.feature[node]) for node in branches], nodes_splits=tensor("splits", thresholds, np.float32),
        nodes_modes=tensor("modes", [0] * len(branches), np.uint8),
        nodes_truenodeids=[place[tree.children_left[node]] for node in branches],
        nodes_trueleafs=[int(tree.children_left[node] in leaves) for node in branches],
        nodes_falsenodeids=[place[tree.children_right[node]] for node in branches],
        nodes_falseleafs=[int(tree.children_right[node] in leaves) for node in branches],
        leaf_targetids=[0] * len(leaves),
        leaf_weights=tensor("weights", [tree.value[leaf][0, 1] / tree.value[leaf][0].sum() for leaf in leaves], np.float32))
    model = model_of([node], [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])], ml=5)
    onnx.checker.check_model(model)
    return model


def regressor_sigmoid(model, x):
    """Boosted trees as a regressor of log-odds with a Sigmoid behind it."""
    [trees] = [node for node in sklearn(model, x, zipmap=False).graph.node if node.op_type == "TreeEnsembleClassifier"]
    attributes = {a.name.replace("class_", "target_"): helper.get_attribute_value(a) for a in trees.attribute if not a.name.startswith("classlabels")}
    attributes |= {"post_transform": "NONE", "n_targets": 1}
    nodes = [helper.make_node("TreeEnsembleRegressor", ["features"], ["log_odds"], domain="ai.onnx.ml", **attributes),
             helper.make_node("Sigmoid", ["log_odds"], ["p"])]
    return model_of(nodes, [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])])


def refused_models(x, y):
    """Name -> ONNX model or bytes, and what the refusal says."""
    small = {"n_estimators": 3, "max_depth": 3, **QUICK}
    forest = RandomForestClassifier(**small).fit(x, y)
    three = RandomForestClassifier(**small).fit(x, np.digitize(x[:, 0], [12, 36]))
    turned = RandomForestClassifier(**small).fit(x, np.array(["stays", "leaves"])[y])
    narrow = RandomForestClassifier(**small).fit(x[:, :5], y)
    boosted = GradientBoostingClassifier(**small).fit(x, y)
    scaled = make_pipeline(StandardScaler(), forest).fit(x, y)
    categorical = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(x, y, categorical_feature=[4, 6])
    averaged = lightgbm.LGBMClassifier(boosting_type="rf", n_estimators=5, bagging_fraction=0.7, bagging_freq=1, verbose=-1).fit(x, y)
    whole = sklearn(forest, x, zipmap=False)

    def changed(change):
        model = onnx.ModelProto()
        model.CopyFrom(whole)
        change(model, {attribute.name: attribute for attribute in model.graph.node[0].attribute})
        return model

    def opset(model, _):
        next(o for o in model.opset_import if o.domain == "ai.onnx.ml").version = 6

    def probit(_, attributes):
        attributes["post_transform"].s = b"PROBIT"

    def cycle(_, attributes):
        attributes["nodes_truenodeids"].ints[0] = 0

    def external(model, _):
        model.graph.node.append(helper.make_node("Mul", ["probabilities", "one"], ["p"]))
        model.graph.output[1].name = "p"
        far = TensorProto(name="one", data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
        far.external_data.add(key="location", value="elsewhere.bin")
        model.graph.initializer.append(far)

    def function(model, _):
        model.functions.append(helper.make_function("mine", "f", [], [], [], [helper.make_opsetid("", 13)]))

    def other_features(model, _):
        model.metadata_props.add(key="features", value="a,b,c,d,e,f,g,h")

    bytes_of_whole = whole.SerializeToString()
    return {
        "three classes": (sklearn(three, x), "the classes are 3 in number"),
        "classes in unknown words": (sklearn(turned, x), '["leaves", "stays"]'),
        "five features": (sklearn(narrow, x[:, :5]), "5 features wide"),
        "raw scores": (sklearn(boosted, x, zipmap=False, raw_scores=True), "these are raw scores"),
        "a scaler before the trees": (to_onnx(scaled, x[:1]), "ai.onnx.ml.Scaler"),
        "categorical splits": (convert_lightgbm(categorical, initial_types=INPUT, zipmap=False), "BRANCH_EQ"),
        "LightGBM's forest mode, whose graph averages": (convert_lightgbm(averaged, initial_types=INPUT, zipmap=False), "operator Concat"),
        "a logistic regression": (to_onnx(LogisticRegression(max_iter=50).fit(x, y), x[:1]), "operator "),
        "AdaBoost": (to_onnx(AdaBoostClassifier(n_estimators=3).fit(x, y), x[:1]), "operator "),
        "a later operator set": (changed(opset), "ai.onnx.ml version 6"),
        "a probit": (changed(probit), "post_transform PROBIT"),
        "a circle of nodes": (changed(cycle), "is reached more than once"),
        "external data": (changed(external), "tensor one lies in another file"),
        "functions of its own": (changed(function), "functions of its own"),
        "other features by name": (changed(other_features), "is a model of the features a,b,c"),
        "half a file": (bytes_of_whole[: len(bytes_of_whole) // 2], "not an ONNX model, or damaged"),
        "no ONNX file": (b"customerID,tenure\n", "cannot be imported"),
        "an empty file": (b"", "holds no graph"),
    }
