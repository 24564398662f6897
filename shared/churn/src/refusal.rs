//! What is wrong with one field, in words that say how to mend it. No status code is known here.

use serde::Serialize;
use thiserror::Error;

/// What kind of fault it is; stable, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A required field is absent, null or blank.
    Missing,
    /// A value of another type than the field's.
    WrongType,
    /// A number outside the field's range.
    OutOfRange,
    /// A label that the field does not have.
    UnknownCategory,
    /// Text where a number belongs, or a number that is not finite.
    NotANumber,
    /// A value that contradicts another field.
    Inconsistent,
    /// Text with too many characters.
    TooLong,
    /// The same field twice in one record.
    DuplicateKey,
}

/// One fault of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Error)]
#[error("{field}: {detail}")]
pub struct Refusal {
    /// The field's name, as in the customer record.
    #[serde(skip)]
    pub field: &'static str,
    /// What kind of fault.
    pub code: Code,
    /// What is wrong, and what the field takes.
    pub detail: String,
    /// Every label that the field takes; empty where it takes no labels.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub allowed: &'static [&'static str],
    /// What was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<&'static str>,
}

impl Refusal {
    /// A fault without labels or suggestion.
    #[must_use]
    pub fn new(field: &'static str, code: Code, detail: String) -> Self {
        Self { field, code, detail, allowed: &[], suggestion: None }
    }
}
