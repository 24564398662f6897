//! Short words for schemas that are written by hand: of doors whose protocols are not ours.

use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, Schema, SchemaType};
use utoipa::openapi::{ObjectBuilder, RefOr, Type};

/// A value of this type.
pub(super) fn of(kind: Type, description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind).description(Some(description))
}

/// A value of this type, or null, which is as good as none.
pub(super) fn or_null(kind: Type, description: &str) -> ObjectBuilder {
    let kinds = SchemaType::from_iter([kind, Type::Null]);
    ObjectBuilder::new().schema_type(kinds).description(Some(description))
}

/// Anything at all.
pub(super) fn any(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some(description))
}

/// One of these texts.
pub(super) fn one_of<T: Into<String>>(
    texts: impl IntoIterator<Item = T>,
    description: &str,
) -> ObjectBuilder {
    let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
    of(Type::String, description).enum_values(Some(texts))
}

/// Items of one shape.
pub(super) fn list(items: impl Into<RefOr<Schema>>, description: &str) -> ArrayBuilder {
    ArrayBuilder::new().items(items.into()).description(Some(description))
}

/// A value of either shape.
pub(super) fn either(
    a: impl Into<RefOr<Schema>>,
    b: impl Into<RefOr<Schema>>,
    description: &str,
) -> AnyOfBuilder {
    AnyOfBuilder::new().item(a).item(b).description(Some(description))
}
