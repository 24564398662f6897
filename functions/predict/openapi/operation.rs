//! The words that operations are described in: what they read, what they answer, who may call them.

use serde_json::Value;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, PathItemBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Required, Type};

use super::problem;
use crate::body::Format;

/// JSON, as `Content-Type` names it.
pub(super) const JSON: &str = Format::Json.media_type();

/// An example: its name, one line on it, and the body.
pub(super) type Named = (String, &'static str, Value);

/// The schema of this name among the components.
pub(super) fn schema(name: &str) -> Ref {
    Ref::from_schema_name(name)
}

/// A body of this schema, with examples.
pub(super) fn content(
    schema: impl Into<RefOr<Schema>>,
    examples: impl IntoIterator<Item = Named>,
) -> Content {
    let examples = examples.into_iter().map(|(name, summary, value)| {
        (name, ExampleBuilder::new().summary(summary).value(Some(value)).build())
    });
    ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples).build()
}

/// Text of this kind, with examples.
pub(super) fn text(description: &str, examples: impl IntoIterator<Item = Named>) -> Content {
    content(ObjectBuilder::new().schema_type(Type::String).description(Some(description)).build(), examples)
}

/// The body that an operation reads, by media type.
pub(super) fn body(
    description: &str,
    contents: impl IntoIterator<Item = (&'static str, Content)>,
) -> RequestBody {
    let body = RequestBodyBuilder::new().description(Some(description)).required(Some(Required::True));
    contents.into_iter().fold(body, |body, (media_type, content)| body.content(media_type, content)).build()
}

/// An answer, by media type.
pub(super) fn answer(
    description: &str,
    contents: impl IntoIterator<Item = (&'static str, Content)>,
) -> Response {
    let answer = ResponseBuilder::new()
        .description(description)
        .header_ref("traceparent", Ref::new("#/components/headers/traceparent"));
    contents
        .into_iter()
        .fold(answer, |answer, (media_type, content)| answer.content(media_type, content))
        .build()
}

/// An operation that needs a key where keys are set.
pub(super) fn guarded(tag: &str, id: &str, summary: &str, description: &str) -> OperationBuilder {
    let operation = operation(tag, id, summary, description).securities(Some(security()));
    refused(operation, &problem::OF_CALLERS)
}

/// An operation that never needs a key.
pub(super) fn open(tag: &str, id: &str, summary: &str, description: &str) -> OperationBuilder {
    operation(tag, id, summary, description).securities(Some([]))
}

fn operation(tag: &str, id: &str, summary: &str, description: &str) -> OperationBuilder {
    OperationBuilder::new()
        .tag(tag)
        .operation_id(Some(id))
        .summary(Some(summary))
        .description(Some(description))
}

/// The refusals with these status codes, as the components describe them.
pub(super) fn refused(operation: OperationBuilder, statuses: &[u16]) -> OperationBuilder {
    statuses.iter().fold(operation, |operation, status| {
        operation.response(status.to_string(), problem::reference(*status))
    })
}

/// The headers that a caller may send with customers, as the components describe them.
pub(super) fn call(operation: OperationBuilder) -> OperationBuilder {
    ["X-Churn-Purpose", "traceparent"].iter().fold(operation, |operation, name| {
        operation.parameter_ref(Ref::new(format!("#/components/parameters/{name}")))
    })
}

/// No key, or a key in either header.
fn security() -> [SecurityRequirement; 3] {
    let none: [&str; 0] = [];
    [
        SecurityRequirement::default(),
        SecurityRequirement::new("key", none),
        SecurityRequirement::new("bearer", none),
    ]
}

/// A path that answers GET, and HEAD by the same head.
pub(super) fn get(operation: OperationBuilder) -> PathItem {
    PathItemBuilder::new().operation(HttpMethod::Get, operation).build()
}

/// A path that takes POST.
pub(super) fn post(operation: OperationBuilder) -> PathItem {
    PathItemBuilder::new().operation(HttpMethod::Post, operation).build()
}
