//! The public contract as an OpenAPI 3.1 document, made from the routes, the types of the wire and the fields of the
//! customer.
//!
//! Tests alone make it. What the function serves is the file `openapi.json`, which a test here holds equal to what is
//! made; so the binary holds no code for it, and nothing is made at start.

mod about;
mod bigquery;
mod customer;
mod examples;
mod mlflow;
mod open_inference;
mod operation;
mod outcomes;
mod prediction;
mod problem;
mod shapes;

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, Paths, PathsBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{
    Components, ComponentsBuilder, Info, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder,
    Required, ServerBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::routes::{health, health_live, health_ready, home, open_inference as oip};

/// The tags of operations.
const PREDICTIONS: &str = "Predictions";
const PROTOCOLS: &str = "Protocols";
const MONITORING: &str = "Monitoring";
const HEALTH: &str = "Health";
const FUNCTION: &str = "The function";

/// What `traceparent` is.
const TRACE: &str = "The trace that the request belongs to (W3C), in its log lines and in the answer.";

/// The document.
fn document() -> OpenApi {
    OpenApiBuilder::new()
        .info(info())
        // Relative to the document itself: a stage of an API gateway stands before both.
        .servers(Some([ServerBuilder::new()
            .url(".")
            .description(Some("Where this document is served"))
            .build()]))
        .tags(Some(tags()))
        .paths(paths())
        .components(Some(components()))
        .build()
}

fn info() -> Info {
    InfoBuilder::new()
        .title("Churn predictions")
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .description(Some(
            "How likely a customer is to leave, why, and what would change it. The model is a part of the function; \
             `GET /model_info` says which one.\n\n\
             **Formats.** JSON is the default, also where `Content-Type` is missing; `/predict` and `/batch_predict` \
             also read and answer `application/msgpack`. A body may be sent with `Content-Encoding: gzip`, and answers \
             come in gzip to those who accept it.\n\n\
             **Refusals.** Every refusal is `application/problem+json` (RFC 9457). Further status codes than those of \
             an operation: 404 for an unknown path, 405 with `Allow` for a method that the path does not take, 431 \
             for a head that is too long. Every GET path answers HEAD; a trailing slash changes nothing.\n\n\
             **Keys.** Where keys are set, send one in `X-API-Key` or as a bearer token (the first wins); where none are, \
             the platform decides who may call. Where a rate limit is set, every answer to a caller says in `RateLimit` \
             and `RateLimit-Policy` what is left of it.",
        ))
        .build()
}

fn tags() -> [Tag; 5] {
    let tag =
        |name: &str, description: &str| TagBuilder::new().name(name).description(Some(description)).build();
    [
        tag(PREDICTIONS, "One customer or many, in our own formats."),
        tag(
            PROTOCOLS,
            "Doors for callers that exist: BigQuery, MLflow, SageMaker, Vertex AI, KServe, Triton's clients.",
        ),
        tag(MONITORING, "What monitoring is told, and what it may ask."),
        tag(HEALTH, "For probes and monitoring; open without a key."),
        tag(FUNCTION, "The function about itself."),
    ]
}

fn paths() -> Paths {
    let paths = PathsBuilder::new()
        .path("/predict", prediction::predict())
        .path("/batch_predict", prediction::batch_predict())
        .path("/bigquery", bigquery::path())
        .path("/invocations", mlflow::invocations())
        .path("/ping", mlflow::ping())
        .path("/version", mlflow::version());
    open_inference::paths()
        .into_iter()
        .fold(paths, |paths, (path, item)| paths.path(path, item))
        .path("/outcomes", outcomes::outcomes())
        .path("/metrics", outcomes::metrics())
        .path("/health", about::health())
        .path("/health/live", about::live())
        .path("/health/ready", about::ready())
        .path("/model_info", about::model_info())
        .path("/", about::home())
        .path("/openapi.json", about::document())
        .path("/docs", about::docs())
        .build()
}

fn components() -> Components {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let bearer =
        bearer.description(Some("The same key, where nothing before the function uses this header."));
    problem::responses()
        .fold(schemas(), |components, (name, response)| components.response(name, response))
        .parameter("X-Churn-Purpose", purpose())
        .parameter("traceparent", traceparent())
        .header("traceparent", HeaderBuilder::new().description(Some(TRACE)).schema(Some(text())).build())
        .security_scheme("key", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key"))))
        .security_scheme("bearer", SecurityScheme::Http(bearer.build()))
        .build()
}

fn schemas() -> ComponentsBuilder {
    let written = ComponentsBuilder::new()
        .schema("Customer", customer::customer())
        .schema("Batch", prediction::batch_schema())
        .schema("BigQueryCalls", bigquery::calls())
        .schema("BigQueryReplies", bigquery::replies())
        .schema("Invocation", mlflow::rows())
        .schema("Probabilities", mlflow::probabilities())
        .schema("InferRequest", open_inference::request());
    DERIVED.iter().fold(written, |components, named| named(components))
}

/// Schemas of types: of the wire where they hold nothing but their own, else of their likenesses here.
const DERIVED: [fn(ComponentsBuilder) -> ComponentsBuilder; 31] = [
    named::<prediction::Prediction>,
    named::<prediction::Predictions>,
    named::<prediction::RowErrors>,
    named::<prediction::Explanation>,
    named::<prediction::Contribution>,
    named::<prediction::Levers>,
    named::<prediction::Lever>,
    named::<prediction::Change>,
    named::<about::ModelInfo>,
    named::<about::ModelFeature>,
    named::<about::Importance>,
    named::<about::Challenger>,
    named::<about::Decision>,
    named::<about::Metrics>,
    named::<about::TrainingData>,
    named::<open_inference::InferResponse>,
    named::<open_inference::OutputTensor>,
    named::<oip::server::Response>,
    named::<oip::server_live::Response>,
    named::<oip::server_ready::Response>,
    named::<oip::model::Response>,
    named::<oip::model::Tensor>,
    named::<oip::model_ready::Response>,
    named::<outcomes::Outcome>,
    named::<outcomes::OutcomeAccepted>,
    named::<health::Response>,
    named::<health_live::Response>,
    named::<health_ready::Response>,
    named::<home::Response>,
    named::<problem::ProblemSchema>,
    named::<problem::ValueErrorSchema>,
];

/// Puts the schema of `T` among the components.
fn named<T: ToSchema + PartialSchema>(components: ComponentsBuilder) -> ComponentsBuilder {
    components.schema(T::name(), T::schema())
}

fn purpose() -> Parameter {
    ParameterBuilder::new()
        .name("X-Churn-Purpose")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "`what-if` marks a call that is no decision, such as a trial or a smoke check: it is counted apart, not \
             logged as a prediction or an outcome, and no part of a comparison of models. Empty is as good as absent; any other value is refused.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["what-if", ""]))))
        .example(Some("what-if".into()))
        .build()
}

fn traceparent() -> Parameter {
    ParameterBuilder::new()
        .name("traceparent")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(TRACE))
        .schema(Some(text()))
        .example(Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()))
        .build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/functions/predict/openapi.json");

    #[test]
    fn the_file_is_the_document_of_the_code() {
        let made = document().to_pretty_json().expect("the document has a JSON form") + "\n";
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(FILE, &made).expect("the document can be written");
        }
        let kept = std::fs::read_to_string(FILE).unwrap_or_default();
        let differs =
            made.lines().zip(kept.lines().chain(std::iter::repeat(""))).find(|(made, kept)| made != kept);
        assert!(
            made == kept,
            "functions/predict/openapi.json is not the document of the code, first at {differs:?}; write it anew with \
             `UPDATE_OPENAPI=1 cargo test --lib openapi` and read what changed"
        );
    }
}
