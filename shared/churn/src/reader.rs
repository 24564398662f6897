//! Reading cells as types: the rules that hold for every integer, number and category, whatever it is called.

use crate::category::Category;
use crate::customer::{CUSTOMER_ID, Field};
use crate::{Cell, Code, Record, Refusal, nearest};

/// Reads cells as types; writes a refusal wherever it answers `None`.
pub(crate) struct Reader<'r, 'a> {
    record: &'r Record<'a>,
    refusals: &'r mut Vec<Refusal>,
}

impl<'r, 'a> Reader<'r, 'a> {
    pub(crate) fn new(record: &'r Record<'a>, refusals: &'r mut Vec<Refusal>) -> Self {
        Self { record, refusals }
    }

    pub(crate) fn customer_id(&mut self) -> Option<String> {
        match self.record.customer_id() {
            Cell::Absent | Cell::Null => None,
            // A blank is no id at any door: customers without one must not look like one customer.
            Cell::Text(text) | Cell::Untyped(text) if is_blank(text) => None,
            Cell::Text(text) | Cell::Untyped(text) => Some(text.clone().into_owned()),
            Cell::Number(_) => {
                self.refuse(CUSTOMER_ID, Code::WrongType, "must be a string, found a number".into())
            }
            Cell::Other(found) => {
                self.refuse(CUSTOMER_ID, Code::WrongType, format!("must be a string, found: {found}"))
            }
        }
    }

    pub(crate) fn integer(&mut self, field: Field) -> Option<f64> {
        let number = match self.record.field(field) {
            Cell::Text(_) => return self.wrong_type(field, "string"),
            _ => self.number(field)?,
        };
        if number.fract() == 0.0 {
            return Some(number);
        }
        self.refuse(field.name(), Code::WrongType, format!("must be {}, found a fraction", field.expects()))
    }

    pub(crate) fn number(&mut self, field: Field) -> Option<f64> {
        match self.record.field(field) {
            Cell::Number(number) if number.is_finite() => Some(*number),
            Cell::Number(_) => self.not_a_number(field),
            Cell::Untyped(text) if is_blank(text) => self.missing(field),
            Cell::Untyped(text) => parse_number(text).or_else(|| self.not_a_number(field)),
            Cell::Text(_) => self.wrong_type(field, "string"),
            Cell::Other(found) => self.wrong_type(field, found),
            Cell::Absent | Cell::Null => self.missing(field),
        }
    }

    /// An amount that may be a numeric string, and may be blank where `since` counts 0: nothing is due yet.
    pub(crate) fn amount_due(&mut self, field: Field, since: Field, count: Option<f64>) -> Option<f64> {
        match self.record.field(field) {
            Cell::Null => self.blank_amount(field, since, count),
            Cell::Text(text) | Cell::Untyped(text) if is_blank(text) => {
                self.blank_amount(field, since, count)
            }
            Cell::Text(text) => parse_number(text).or_else(|| self.not_a_number(field)),
            _ => self.number(field),
        }
    }

    /// Where `since` itself was refused, that refusal is enough.
    fn blank_amount(&mut self, field: Field, since: Field, count: Option<f64>) -> Option<f64> {
        if count? == 0.0 {
            return Some(0.0);
        }
        let detail = format!("may be blank only where {} is 0: must be {}", since.name(), field.expects());
        self.refuse(field.name(), Code::Inconsistent, detail)
    }

    pub(crate) fn category<C: Category>(&mut self, field: Field) -> Option<C> {
        let text = match self.record.field(field) {
            Cell::Untyped(text) if is_blank(text) => return self.missing(field),
            Cell::Text(text) | Cell::Untyped(text) => text,
            Cell::Number(_) => return self.wrong_type(field, "number"),
            Cell::Other(found) => return self.wrong_type(field, found),
            Cell::Absent | Cell::Null => return self.missing(field),
        };
        C::parse(text).or_else(|| {
            self.refusals.push(Refusal {
                field: field.name(),
                code: Code::UnknownCategory,
                detail: format!("{} is not a value of this field", quoted(text)),
                allowed: C::LABELS,
                suggestion: nearest(text, C::LABELS),
            });
            None
        })
    }

    fn missing<T>(&mut self, field: Field) -> Option<T> {
        let detail = match self.record.misspelt(field) {
            Some(name) => {
                format!("is required; the record has {}, and names are matched exactly", quoted(name))
            }
            None => format!("is required: {}", field.expects()),
        };
        self.refusals
            .push(Refusal { allowed: field.labels(), ..Refusal::new(field.name(), Code::Missing, detail) });
        None
    }

    fn wrong_type<T>(&mut self, field: Field, found: &str) -> Option<T> {
        let detail = format!("must be {}, found: {found}", field.expects());
        self.refusals
            .push(Refusal { allowed: field.labels(), ..Refusal::new(field.name(), Code::WrongType, detail) });
        None
    }

    fn not_a_number<T>(&mut self, field: Field) -> Option<T> {
        self.refuse(field.name(), Code::NotANumber, format!("must be {}", field.expects()))
    }

    fn refuse<T>(&mut self, field: &'static str, code: Code, detail: String) -> Option<T> {
        self.refusals.push(Refusal::new(field, code, detail));
        None
    }
}

/// A number outside the range of `field`.
pub(crate) fn out_of_range(field: Field) -> Refusal {
    Refusal::new(field.name(), Code::OutOfRange, format!("must be {}", field.expects()))
}

/// Text of more than `max` characters.
pub(crate) fn too_long(field: &'static str, max: u64) -> Refusal {
    Refusal::new(field, Code::TooLong, format!("has more than {max} characters"))
}

/// The same field twice in one record.
pub(crate) fn duplicate(field: &'static str) -> Refusal {
    Refusal::new(field, Code::DuplicateKey, "is given more than once; which value is meant is unclear".into())
}

fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}

/// A number in JSON's grammar, outer blanks allowed, read to the nearest f64. `None` for everything else that Rust's
/// own parser would take: `inf`, `nan`, `+5`, `.5`, and for what overflows.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    serde_json::from_str(text).ok()
}

/// `text` in backticks, cut where it is long: a refusal is read by people.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}...`", &text[..end]),
        None => format!("`{text}`"),
    }
}
