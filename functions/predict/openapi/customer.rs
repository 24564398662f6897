//! The customer record as a schema. Names, ranges and labels are those of validation, because both are made from
//! [`Field`]; no field is listed here.

use churn::{CUSTOMER_ID, CUSTOMER_ID_MAX, FEATURES, Field, Kind};
use utoipa::openapi::schema::{AnyOfBuilder, Schema, SchemaType};
use utoipa::openapi::{Object, ObjectBuilder, RefOr, Type};

/// What JSON takes for blank.
const BLANKS: &str = r"[ \t\r\n]*";

/// The record that all doors of our own read.
pub(super) fn customer() -> Object {
    let object = ObjectBuilder::new().schema_type(Type::Object).description(Some(
        "One customer, in the fields of the source system. All eleven are required; further fields are ignored, so that \
         a whole record of a CRM can be sent. A value outside these ranges and labels is refused with status 422, never \
         taken for something else.",
    ));
    let object = Field::ALL
        .into_iter()
        .fold(object, |object, field| object.property(field.name(), property(field)).required(field.name()));
    object.property(CUSTOMER_ID, customer_id()).build()
}

fn customer_id() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .max_length(usize::try_from(CUSTOMER_ID_MAX).ok())
        .description(Some(format!(
            "Your name for the customer, at most {CUSTOMER_ID_MAX} characters; optional. It is sent back as `customer_id` \
             and decides which model answers where two are compared."
        )))
        .build()
}

fn property(field: Field) -> RefOr<Schema> {
    let object = ObjectBuilder::new().description(Some(description(field)));
    match field.kind() {
        Kind::Integer { min, max, .. } => {
            object.schema_type(Type::Integer).minimum(Some(min)).maximum(Some(max)).into()
        }
        // What was paid so far is text in the source system, and blank for a customer of today.
        Kind::Number { max, .. } if field == Field::TotalCharges => amount(field, max),
        Kind::Number { positive: true, max, .. } => {
            object.schema_type(Type::Number).exclusive_minimum(Some(0.0)).maximum(Some(max)).into()
        }
        Kind::Number { positive: false, max, .. } => {
            object.schema_type(Type::Number).minimum(Some(0.0)).maximum(Some(max)).into()
        }
        Kind::Category(labels) => {
            object.schema_type(Type::String).enum_values(Some(labels.iter().copied())).into()
        }
    }
}

/// What the field takes, and whether the model reads it.
fn description(field: Field) -> String {
    let mut text = field.expects();
    text[..1].make_ascii_uppercase();
    text += if FEATURES.contains(&field) { "." } else { ". Checked and logged; not read by the model." };
    text
}

/// A number, a number as text, or nothing yet.
fn amount(field: Field, max: f64) -> RefOr<Schema> {
    let number = ObjectBuilder::new().title(Some("number")).schema_type(Type::Number);
    let number = number.minimum(Some(0.0)).maximum(Some(max));
    let text = ObjectBuilder::new().title(Some("text")).schema_type(Type::String).pattern(Some(decimal(max)));
    let text = text.description(Some(
        "The same number as text, blanks around it allowed. Any number in JSON's grammar is read; the pattern shows the \
         usual form.",
    ));
    let blank = ObjectBuilder::new()
        .title(Some("blank"))
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .pattern(Some(format!("^{BLANKS}$")))
        .description(Some(format!("Only where `{}` is 0; counts as 0.", Field::Tenure.name())));
    let any = AnyOfBuilder::new().item(number).item(text).item(blank);
    let rule = format!(
        "{} Also as text; null or blank only where `{}` is 0, and then 0.",
        description(field),
        Field::Tenure.name()
    );
    any.description(Some(rule)).into()
}

/// Decimals from 0 to `max`, which is a power of ten.
fn decimal(max: f64) -> String {
    let digits = max.to_string();
    let zeros = digits.strip_prefix('1').unwrap_or_default();
    assert!(zeros.chars().all(|digit| digit == '0') && 2 < digits.len(), "{max} is no large power of ten");
    let below = zeros.len() - 1;
    format!(r"^{BLANKS}((0|[1-9][0-9]{{0,{below}}})(\.[0-9]+)?|{digits}(\.0+)?){BLANKS}$")
}
