//! The routes that tell of the function itself: health, model, page and document.

use utoipa::ToSchema;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::schema::{AnyOfBuilder, SchemaType};
use utoipa::openapi::{Object, ObjectBuilder, Type};

use super::operation::{JSON, answer, content, get, guarded, open, refused, schema, text};
use super::shapes::{either, of};
use super::{FUNCTION, HEALTH, problem};

const HTML: &str = "text/html; charset=utf-8";

/// Which model this is, what it reads, how good it is, and where it comes from.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::model_info` writes the answer")]
pub(super) struct ModelInfo {
    /// The model's name wherever it is registered.
    name: String,
    /// The first 12 hex digits of `artifact_sha256`.
    #[schema(pattern = "^[0-9a-f]{12}$")]
    model_version: String,
    /// SHA-256 of the artifact that was compiled in.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    artifact_sha256: String,
    /// `random_forest`, `gradient_boosting` or another kind of model.
    model_type: String,
    /// How many trees it has.
    trees: u64,
    /// How many nodes they have.
    nodes: u64,
    /// The eight features, in the order in which the model reads them.
    features: Vec<ModelFeature>,
    decision: Decision,
    metrics: Metrics,
    /// The rows of `metrics` in curves and groups.
    #[schema(schema_with = judged)]
    judged: String,
    /// What each feature is worth to the model, in the order of the features.
    importance: Vec<Importance>,
    /// Features whose rise may move the probability one way only, by name: `rising` or `falling`.
    #[schema(schema_with = constraints)]
    constraints: String,
    data: TrainingData,
    /// The parameters of training.
    #[schema(schema_with = parameters)]
    parameters: String,
    /// When it was trained, in UTC.
    #[schema(format = DateTime)]
    trained_at: String,
    /// The revision of the code that trained it, where it is known.
    git_revision: Option<String>,
    /// The model that it is compared with; null where none was compiled in.
    #[schema(schema_with = challenger)]
    challenger: String,
}

/// A model beside the champion.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::model_info` writes the answer")]
pub(super) struct Challenger {
    /// The first 12 hex digits of `artifact_sha256`.
    #[schema(pattern = "^[0-9a-f]{12}$")]
    model_version: String,
    /// SHA-256 of the artifact that was compiled in.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    artifact_sha256: String,
    /// The kind of model.
    model_type: String,
    decision: Decision,
    metrics: Metrics,
    /// The share of customers that it answers (`CHALLENGER_PERCENT`).
    #[schema(minimum = 0, maximum = 100)]
    percent: f64,
    /// `on` where both models score every customer, the other one for the log alone (`SHADOW`).
    shadow: String,
}

/// One feature of the model.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::model_info` writes the answer")]
pub(super) struct ModelFeature {
    /// The field's name.
    name: String,
    /// The labels of a category; the code of a label is its index.
    #[schema(nullable = false)]
    categories: Option<Vec<String>>,
}

/// What one feature is worth to the model.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; crate `churn` writes the answer")]
pub(super) struct Importance {
    /// The feature's name.
    feature: String,
    /// Its share of what all splits gained.
    #[schema(minimum = 0, maximum = 1)]
    gain: f64,
    /// Mean fall of the ROC-AUC where its values are shuffled among customers.
    permutation_mean: f64,
    /// Standard deviation of that fall over the repetitions.
    permutation_sd: f64,
}

/// Where the lines are drawn, in probabilities.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; crate `churn` writes the answer")]
pub(super) struct Decision {
    /// From here on `churn_prediction` is `Yes`.
    threshold: f64,
    /// From here on `risk_level` is `MEDIUM`.
    medium: f64,
    /// From here on `risk_level` is `HIGH`.
    high: f64,
}

/// How good the model is, on customers that it was not fitted on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; crate `churn` writes the answer")]
pub(super) struct Metrics {
    /// On the hold-out, with 95 % intervals; null where nothing was held out.
    #[schema(schema_with = holdout)]
    holdout: String,
    /// By cross-validation.
    #[schema(schema_with = cross_validation)]
    cross_validation: String,
    /// Of a forest, on the customers that a tree was not fitted on.
    out_of_bag_roc_auc: Option<f64>,
}

/// What the model was trained on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; crate `churn` writes the answer")]
pub(super) struct TrainingData {
    /// The file's name.
    file: String,
    /// SHA-256 of the file.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// Its rows.
    rows: u64,
    /// Those that churned.
    churned: u64,
    /// Those that the model was fitted on.
    fitted_rows: u64,
    /// Those that were held out.
    holdout_rows: u64,
}

fn challenger() -> AnyOfBuilder {
    let description = "The model that it is compared with; null where none was compiled in.";
    either(schema("Challenger"), of(Type::Null, "None."), description)
}

fn parameters() -> ObjectBuilder {
    let any = AnyOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Number))
        .item(ObjectBuilder::new().schema_type(Type::String));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("The parameters of training, by name."))
        .additional_properties(Some(utoipa::openapi::RefOr::T(any.build().into())))
}

/// Figures whose names are metrics: new ones come without a new version of this document.
fn figures(description: &str) -> Object {
    let kind = SchemaType::from_iter([Type::Object, Type::Null]);
    ObjectBuilder::new().schema_type(kind).description(Some(description)).build()
}

fn holdout() -> Object {
    figures(
        "On the hold-out: ranking, calibration and decisions, with 95 % intervals where they are known; null where \
         nothing was held out.",
    )
}

fn judged() -> Object {
    figures(
        "The rows of `metrics` (`rows`: `hold_out` or `cross_validation`) in curves and groups: `roc`, `calibration`, \
         `slices`; null where the card has none.",
    )
}

fn constraints() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(
            "Features whose rise may move the probability one way only, by name: `rising` or `falling`.",
        ))
        .additional_properties(Some(utoipa::openapi::RefOr::T(
            ObjectBuilder::new().schema_type(Type::String).build().into(),
        )))
}

fn cross_validation() -> Object {
    figures("By cross-validation: folds, mean and standard deviation of the ROC-AUC.")
}

/// `GET /health`.
pub(super) fn health() -> PathItem {
    let operation = open(
        HEALTH,
        "health",
        "State and version",
        "Healthy wherever it answers: the model is a part of the binary.",
    );
    get(operation.response("200", answer("Healthy.", [(JSON, content(schema("Health"), []))])))
}

/// `GET /health/live`.
pub(super) fn live() -> PathItem {
    let operation = open(
        HEALTH,
        "live",
        "Does the process answer?",
        "For liveness probes; nothing is asked of the model.",
    );
    get(operation.response("200", answer("It does.", [(JSON, content(schema("Live"), []))])))
}

/// `GET /health/ready`.
pub(super) fn ready() -> PathItem {
    let operation = open(
        HEALTH,
        "ready",
        "Does the model give its promised answers?",
        "For readiness probes: scores rows again whose probabilities are known since training. 503 where one differs by \
         a bit.",
    );
    let operation = operation.response("200", answer("It does.", [(JSON, content(schema("Ready"), []))]));
    get(refused(operation, &[503]))
}

/// `GET /model_info`.
pub(super) fn model_info() -> PathItem {
    let operation = guarded(
        FUNCTION,
        "model_info",
        "Which model this is",
        "Version, features, thresholds, metrics with intervals, hashes of data and code, time of training.",
    );
    get(operation.response("200", answer("The model.", [(JSON, content(schema("ModelInfo"), []))])))
}

/// `GET /`.
pub(super) fn home() -> PathItem {
    let operation = open(
        FUNCTION,
        "home",
        "The page, or three lines of JSON",
        "A browser gets the page; `Accept: application/json` gets the state.",
    );
    let answers = [(HTML, text("The page.", [])), (JSON, content(schema("Home"), []))];
    let operation = operation.response("200", answer("The page or the state.", answers));
    get(refused(operation, &problem::OF_GUESTS))
}

/// `GET /openapi.json`.
pub(super) fn document() -> PathItem {
    let operation = open(
        FUNCTION,
        "openapi",
        "This document",
        "OpenAPI 3.1, as it stands in the source of the function.",
    );
    let object = ObjectBuilder::new().schema_type(Type::Object);
    let operation = operation.response("200", answer("The document.", [(JSON, content(object, []))]));
    get(refused(operation, &problem::OF_GUESTS))
}

/// `GET /docs`.
pub(super) fn docs() -> PathItem {
    let operation =
        open(FUNCTION, "docs", "A page that shows this document", "Nothing is fetched from another host.");
    let operation = operation.response("200", answer("The page.", [(HTML, text("The page.", []))]));
    get(refused(operation, &problem::OF_GUESTS))
}
