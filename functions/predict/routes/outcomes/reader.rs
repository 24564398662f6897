//! Reading the members of an outcome: each by its rule, and every fault of them at once.

use std::fmt;

use churn::{CUSTOMER_ID_MAX, Skipped};
use http::HeaderMap;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};
use uuid::Uuid;

use crate::problem::{Fault, Problem, ValueError};

/// The header that names an outcome.
const KEY: &str = "Idempotency-Key";
/// Most characters of it.
const LONGEST_KEY: usize = 255;
/// Largest value of a customer, up or down.
const LARGEST_VALUE: f64 = 10_000_000.0;
/// How far ahead of ours a caller's clock may be.
const AHEAD: Duration = Duration::DAY;
/// What an outcome may have; other members are ignored.
const MEMBERS: [&str; 7] =
    ["prediction_id", "customer_id", "churned", "contacted", "accepted", "value", "observed_at"];

/// The members as they came.
#[derive(Default)]
pub(super) struct Members {
    values: [Option<Value>; MEMBERS.len()],
    repeated: Vec<&'static str>,
}

/// Reads members; notes a fault wherever it answers `None` for one that is there.
pub(super) struct Reader {
    members: Members,
    errors: Vec<ValueError>,
}

impl Reader {
    pub(super) fn new(members: Members) -> Self {
        let mut reader = Self { members, errors: Vec::new() };
        for name in std::mem::take(&mut reader.members.repeated) {
            reader.refuse::<()>(
                name,
                "duplicate_key",
                "is given more than once; which value is meant is unclear",
            );
        }
        reader
    }

    /// `Idempotency-Key`, where it was sent.
    pub(super) fn key(&mut self, headers: &HeaderMap) -> Option<String> {
        let mut values = headers.get_all(KEY).iter();
        let value = values.next()?.as_bytes();
        let (code, detail) = match value.len() {
            _ if values.next().is_some() => ("duplicate_key", "is given more than once"),
            0 => ("missing", "is empty"),
            length if LONGEST_KEY < length => ("too_long", "has more than 255 characters"),
            _ if !value.iter().all(u8::is_ascii_graphic) => {
                ("wrong_type", "must be visible ASCII characters")
            }
            _ => return std::str::from_utf8(value).ok().map(str::to_owned),
        };
        let fault = Fault::Request { code, detail: detail.into() };
        self.errors.push(ValueError { pointer: KEY.into(), fault });
        None
    }

    /// A UUID as the predictions have them; in lower case, as the log has it.
    pub(super) fn prediction_id(&mut self) -> Option<String> {
        const LENGTH: usize = 36;
        let text = self.text("prediction_id")?;
        match Uuid::try_parse(&text) {
            Ok(id) if text.len() == LENGTH => Some(id.to_string()),
            _ => self.refuse("prediction_id", "wrong_type", "must be a UUID, as a prediction has it"),
        }
    }

    /// The caller's name for the customer.
    pub(super) fn customer_id(&mut self) -> Option<String> {
        let text = self.text("customer_id")?;
        match u64::try_from(text.chars().count()) {
            Ok(0) => self.refuse("customer_id", "missing", "is empty"),
            Ok(1..=CUSTOMER_ID_MAX) => Some(text),
            _ => {
                let detail = format!("has more than {CUSTOMER_ID_MAX} characters");
                self.refuse("customer_id", "too_long", &detail)
            }
        }
    }

    /// The one member that must be there.
    pub(super) fn churned(&mut self) -> Option<bool> {
        if self.member("churned").is_none() {
            self.missing("churned", "is required: true or false");
            return None;
        }
        self.flag("churned")
    }

    /// Whether the offer was taken: nobody takes one who got none.
    pub(super) fn accepted(&mut self, contacted: Option<bool>) -> Option<bool> {
        let accepted = self.flag("accepted")?;
        if accepted && contacted != Some(true) && self.is_sound("contacted") {
            return self.refuse("accepted", "inconsistent", "may be true only where contacted is true");
        }
        Some(accepted)
    }

    /// What the customer is worth.
    pub(super) fn value(&mut self) -> Option<f64> {
        match self.member("value")? {
            Value::Number(number) => match number.as_f64() {
                Some(value) if value.abs() <= LARGEST_VALUE => Some(value),
                _ => {
                    let detail = format!("must be a number from -{LARGEST_VALUE} to {LARGEST_VALUE}");
                    self.refuse("value", "out_of_range", &detail)
                }
            },
            other => self.wrong_type("value", "a number", &other),
        }
    }

    /// When it was seen, in UTC.
    pub(super) fn observed_at(&mut self, now: OffsetDateTime) -> Option<String> {
        let text = self.text("observed_at")?;
        let Ok(time) = OffsetDateTime::parse(&text, &Rfc3339) else {
            return self.refuse(
                "observed_at",
                "wrong_type",
                "must be a time of RFC 3339, such as 2026-11-23T14:00:00Z",
            );
        };
        if now + AHEAD < time {
            return self.refuse("observed_at", "out_of_range", "lies in the future");
        }
        // The first hours of the year 0 lie before it in UTC.
        let written = time.checked_to_offset(UtcOffset::UTC).and_then(|time| time.format(&Rfc3339).ok());
        written.or_else(|| self.refuse("observed_at", "out_of_range", "lies too far back"))
    }

    /// `true` or `false`, where it is there.
    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.member(name)? {
            Value::Bool(flag) => Some(flag),
            other => self.wrong_type(name, "true or false", &other),
        }
    }

    /// Notes that a member should be there.
    pub(super) fn missing(&mut self, name: &'static str, detail: &str) {
        // One that is there and was refused says enough.
        if self.is_sound(name) {
            self.refuse::<()>(name, "missing", detail);
        }
    }

    /// The member that must be there, if nothing was refused.
    pub(super) fn checked<T>(self, required: Option<T>) -> Result<T, Problem> {
        match required {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Problem::Values { errors: self.errors }),
        }
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        match self.member(name)? {
            Value::String(text) => Some(text),
            other => self.wrong_type(name, "a string", &other),
        }
    }

    /// The member; null is as good as absent.
    fn member(&self, name: &str) -> Option<Value> {
        let index = MEMBERS.iter().position(|member| *member == name)?;
        self.members.values[index].clone().filter(|value| !value.is_null())
    }

    fn is_sound(&self, name: &str) -> bool {
        !self.errors.iter().any(|error| error.pointer.strip_prefix('/') == Some(name))
    }

    fn wrong_type<T>(&mut self, name: &str, expected: &str, found: &Value) -> Option<T> {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        self.refuse(name, "wrong_type", &format!("must be {expected}, found: {found}"))
    }

    fn refuse<T>(&mut self, name: &str, code: &'static str, detail: &str) -> Option<T> {
        let fault = Fault::Request { code, detail: detail.into() };
        self.errors.push(ValueError { pointer: format!("/{name}"), fault });
        None
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with what became of a customer")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members::default();
                while let Some(name) = map.next_key::<String>()? {
                    let Some(index) = MEMBERS.iter().position(|member| *member == name) else {
                        map.next_value::<Skipped>()?;
                        continue;
                    };
                    let before = members.values[index].replace(map.next_value()?);
                    if before.is_some() && !members.repeated.contains(&MEMBERS[index]) {
                        members.repeated.push(MEMBERS[index]);
                    }
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}
