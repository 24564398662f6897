//! `/v2/...`: the Open Inference Protocol, version 2 of KServe and Triton.

use churn::{CUSTOMER_ID, FEATURES, Field};
use utoipa::ToSchema;
use utoipa::openapi::path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::AnyOfBuilder;
use utoipa::openapi::{Object, ObjectBuilder, Required, Type};

use super::operation::{JSON, answer, body, call, content, get, guarded, open, post, refused, schema};
use super::shapes::{any, either, list, of, one_of, or_null};
use super::{PROTOCOLS, examples, problem};
use crate::routes::open_inference::{model, model_ready, server, server_live, server_ready};

/// Paths of the model, without a version and with one.
const MODEL: &str = "/v2/models/churn_classifier";
const VERSION: &str = "/v2/models/churn_classifier/versions/{version}";

/// All paths.
pub(super) fn paths() -> Vec<(String, PathItem)> {
    let server = answering::<server::Response>(guarded(
        PROTOCOLS,
        "oip_server",
        "The server",
        "Name and version of the function.",
    ));
    let live = answering::<server_live::Response>(open(
        PROTOCOLS,
        "oip_live",
        "Does the server answer?",
        "Nothing is asked of the model.",
    ));
    let ready = answering::<server_ready::Response>(open(
        PROTOCOLS,
        "oip_ready",
        "Is the server ready?",
        "It is where the model gives its promised answers.",
    ));
    let mut paths = vec![
        ("/v2".to_owned(), get(server)),
        ("/v2/health/live".to_owned(), get(live)),
        ("/v2/health/ready".to_owned(), get(refused(ready, &[503]))),
    ];
    for (path, suffix) in [(MODEL, ""), (VERSION, "_version")] {
        paths.extend(of_model(path, suffix));
    }
    paths
}

/// The paths of the model, or of one version of it.
fn of_model(path: &str, suffix: &str) -> [(String, PathItem); 3] {
    let versioned = |operation: OperationBuilder| match suffix {
        "" => operation,
        _ => refused(operation.parameter(version()), &[404]),
    };
    let described = answering::<model::Response>(guarded(
        PROTOCOLS,
        &format!("oip_model{suffix}"),
        "The model's tensors",
        "Instead of `features` a request may have one tensor a field, which this form cannot say.",
    ));
    let ready = answering::<model_ready::Response>(guarded(
        PROTOCOLS,
        &format!("oip_model_ready{suffix}"),
        "Is the model ready?",
        "It is where it gives its promised answers.",
    ));
    [
        (path.to_owned(), get(versioned(described))),
        (format!("{path}/ready"), get(versioned(refused(ready, &[503])))),
        (format!("{path}/infer"), post(versioned(infer(suffix)))),
    ]
}

fn version() -> Parameter {
    ParameterBuilder::new()
        .name("version")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The version that is served (`model_version`); another is 404."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

/// The operation with its answer. A parameter that is not known is a bad request here.
fn answering<T: ToSchema>(operation: OperationBuilder) -> OperationBuilder {
    let answers = [(JSON, content(schema(&T::name()), []))];
    refused(operation.response("200", answer("The answer.", answers)), &[400])
}

fn infer(suffix: &str) -> OperationBuilder {
    let features = FEATURES.map(Field::name).join("`, `");
    let operation = guarded(
        PROTOCOLS,
        &format!("oip_infer{suffix}"),
        "Tensors in, probabilities out",
        &format!(
            "Either one tensor `features` of shape [n, 8], coded, in the order `{features}`; or one tensor a field, of shape \
             [n] or [n, 1]. The answer is JSON whatever is asked for: its numbers read back to the same bits. Numbers may \
             also stand behind the JSON as little-endian bytes: `Content-Type: application/octet-stream`, the length of the \
             JSON in `Inference-Header-Content-Length`. Bad rows refuse the request with status 400."
        ),
    );
    let length = ParameterBuilder::new()
        .name("Inference-Header-Content-Length")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Bytes of JSON before binary tensors; the whole body where it is left out."))
        .schema(Some(of(Type::Integer, "Bytes.").minimum(Some(0))));
    let octets = ObjectBuilder::new()
        .schema_type(Type::String)
        .content_media_type("application/octet-stream")
        .description(Some("The JSON, and the bytes of its tensors in their order."));
    let reads = [
        (JSON, content(schema("InferRequest"), examples::tensors())),
        (crate::body::Format::Octets.media_type(), content(octets, [])),
    ];
    let operation = call(operation.parameter(length))
        .request_body(Some(body("The tensors.", reads)))
        .response("200", answer("The probabilities.", [(JSON, content(schema("InferResponse"), []))]));
    refused(operation, &problem::OF_PROTOCOLS)
}

/// The tensors of a request.
pub(super) fn request() -> Object {
    let names = ["features", CUSTOMER_ID].into_iter().chain(Field::ALL.map(Field::name));
    let size = of(Type::Integer, "Bytes behind the JSON.").minimum(Some(0));
    let parameters = or_null(Type::Object, "Of a tensor without `data`.").property("binary_data_size", size);
    let tensor = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("name", one_of(names, "`features`, or a field."))
        .required("name")
        .property("shape", list(of(Type::Integer, "A size.").minimum(Some(0)), "Rows, then values a row."))
        .required("shape")
        .property("datatype", one_of(["FP32", "FP64", "INT32", "INT64", "BYTES"], "Text is `BYTES`."))
        .required("datatype")
        .property("data", list(any("A value."), "The values, flat or a row an array."))
        .property("parameters", parameters);
    let name = one_of(["churn_probability"], "The one output.");
    let output = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("name", name)
        .required("name")
        .property("parameters", any("Not looked at."));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("Tensors; further members, such as `parameters`, are not looked at."))
        .property("id", or_null(Type::String, "Your name for the request, sent back."))
        .property("inputs", list(tensor, "The tensors.").min_items(Some(1)).max_items(Some(16)))
        .required("inputs")
        .property("outputs", outputs(output))
        .property("parameters", any("Not looked at, such as `binary_data_output`."))
        .build()
}

fn outputs(output: ObjectBuilder) -> AnyOfBuilder {
    let wanted = list(output, "Outputs that are wanted.").max_items(Some(1));
    either(wanted, of(Type::Null, "All."), "Which outputs are wanted; there is one.")
}

/// The probabilities.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::open_inference` writes the answer")]
pub(super) struct InferResponse {
    /// `churn_classifier`.
    model_name: String,
    /// The version that is served.
    model_version: String,
    /// The request's `id`.
    #[schema(nullable = false)]
    id: Option<String>,
    /// One tensor, `churn_probability`.
    #[schema(min_items = 1, max_items = 1)]
    outputs: Vec<OutputTensor>,
}

/// A tensor of answers.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema; `routes::open_inference` writes the answer")]
pub(super) struct OutputTensor {
    /// `churn_probability`.
    name: String,
    /// `FP64`.
    datatype: String,
    /// The number of rows.
    shape: Vec<u64>,
    /// One a row.
    data: Vec<f64>,
}
