//! The raw record: one cell a field, read from whatever door it came through, nothing judged yet.
//!
//! Decoding never fails over a field's type or value, so that [`crate::CustomerRecord::parse`] can report every fault
//! at once. It fails only where the bytes are not of the format, or hold no object.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::customer::{CUSTOMER_ID, Field};

/// One value as it arrived.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell<'a> {
    /// The field is absent.
    #[default]
    Absent,
    /// An explicit null.
    Null,
    /// A number of a typed format, read to the nearest f64.
    Number(f64),
    /// A string of a typed format, such as JSON.
    Text(Cow<'a, str>),
    /// The text of an untyped format, such as CSV, where numbers are text too.
    Untyped(Cow<'a, str>),
    /// A value of a type that no field takes, by its name: `boolean`, `array`, `object`, `bytes`.
    Other(&'static str),
}

/// One customer's cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record<'a> {
    fields: [Cell<'a>; Field::COUNT],
    customer_id: Cell<'a>,
    duplicates: Vec<&'static str>,
    misspelt: Vec<(Field, String)>,
}

impl<'a> Record<'a> {
    /// The cell of a field.
    #[must_use]
    pub fn field(&self, field: Field) -> &Cell<'a> {
        &self.fields[field.index()]
    }

    /// The cell of `customerID`.
    #[must_use]
    pub fn customer_id(&self) -> &Cell<'a> {
        &self.customer_id
    }

    /// Names that came more than once, each once.
    #[must_use]
    pub fn duplicates(&self) -> &[&'static str] {
        &self.duplicates
    }

    /// The name under which `field` seems to have come: right but for case and punctuation.
    #[must_use]
    pub fn misspelt(&self, field: Field) -> Option<&str> {
        self.misspelt.iter().find(|(meant, _)| *meant == field).map(|(_, name)| name.as_str())
    }

    /// Puts `cell` under `name`; names outside the customer record are ignored.
    pub fn insert(&mut self, name: &str, cell: Cell<'a>) {
        self.put(Key::of(name), cell);
    }

    /// Whether a cell under `name` would be looked at: the name is a field's, or seems to be meant as one.
    #[must_use]
    pub fn takes(name: &str) -> bool {
        !matches!(Key::of(name), Key::Extra)
    }

    /// Lets texts in number fields be numbers, as those of an untyped format are: some senders spell numbers as text
    /// where theirs are larger or finer than an f64.
    pub fn untype_numbers(&mut self) {
        for field in Field::ALL.into_iter().filter(|field| field.labels().is_empty()) {
            let cell = &mut self.fields[field.index()];
            *cell = match std::mem::take(cell) {
                Cell::Text(text) => Cell::Untyped(text),
                other => other,
            };
        }
    }

    fn put(&mut self, key: Key, cell: Cell<'a>) {
        let (name, place) = match key {
            Key::Field(field) => (field.name(), &mut self.fields[field.index()]),
            Key::CustomerId => (CUSTOMER_ID, &mut self.customer_id),
            Key::Misspelt(field, name) => {
                if self.misspelt(field).is_none() {
                    self.misspelt.push((field, name));
                }
                return;
            }
            Key::Extra => return,
        };
        if std::mem::replace(place, cell) != Cell::Absent && !self.duplicates.contains(&name) {
            self.duplicates.push(name);
        }
    }
}

/// Which field a name stands for.
enum Key {
    Field(Field),
    CustomerId,
    Misspelt(Field, String),
    Extra,
}

/// A name longer than this is no misspelt field.
const LONGEST_MISSPELT: usize = 40;

impl Key {
    fn of(name: &str) -> Self {
        if name == CUSTOMER_ID {
            return Self::CustomerId;
        }
        if let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) {
            return Self::Field(field);
        }
        let misspelt = |field: &Field| same_letters(field.name(), name);
        match Field::ALL.into_iter().find(misspelt) {
            Some(field) if name.len() <= LONGEST_MISSPELT => Self::Misspelt(field, name.to_owned()),
            _ => Self::Extra,
        }
    }
}

/// Whether two names are equal but for case and punctuation: `monthly_charges` and `MonthlyCharges`.
fn same_letters(a: &str, b: &str) -> bool {
    let letters = |byte: &u8| byte.is_ascii_alphanumeric();
    let (a, b) = (a.bytes().filter(letters), b.bytes().filter(letters));
    a.map(|byte| byte.to_ascii_lowercase()).eq(b.map(|byte| byte.to_ascii_lowercase()))
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
                Ok(Key::of(name))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

impl<'de> Deserialize<'de> for Record<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RecordVisitor;
        impl<'de> Visitor<'de> for RecordVisitor {
            type Value = Record<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the fields of a customer")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut record = Record::default();
                while let Some(key) = map.next_key::<Key>()? {
                    if matches!(key, Key::Extra) {
                        map.next_value::<Skipped>()?;
                    } else {
                        record.put(key, map.next_value()?);
                    }
                }
                Ok(record)
            }
        }
        deserializer.deserialize_map(RecordVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Cell::Other("boolean"))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cell::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cell::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Cell::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Self::Value, E> {
        Ok(Cell::Other("bytes"))
    }

    /// A value of a type of its own, such as MessagePack's timestamps.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(CellVisitor).map(|_| Cell::Other("extension"))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cell::Null)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Cell::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        while sequence.next_element::<Skipped>()?.is_some() {}
        Ok(Cell::Other("array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<Skipped, Skipped>()?.is_some() {}
        Ok(Cell::Other("object"))
    }
}

/// A value that is read to its end and dropped.
///
/// Unlike serde's `IgnoredAny` it is decoded for real, so that bad UTF-8, 1e400 and bottomless nesting are refused
/// in ignored fields too.
pub struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor).map(|_| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Record<'_>, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn every_json_type_becomes_a_cell() {
        let record = read(
            r#"{"tenure":12,"MonthlyCharges":-1.5e1,"TotalCharges":null,"Contract":"One year","TechSupport":true,
                "StreamingTV":[1,[2]],"InternetService":{"a":{"b":1}},"unknown":[{}],"customerID":"a\u0062"}"#,
        )
        .unwrap();
        let check =
            |field: Field, expected: Cell<'_>| assert_eq!(*record.field(field), expected, "{field:?}");
        check(Field::Tenure, Cell::Number(12.0));
        check(Field::MonthlyCharges, Cell::Number(-15.0));
        check(Field::TotalCharges, Cell::Null);
        check(Field::Contract, Cell::Text("One year".into()));
        check(Field::TechSupport, Cell::Other("boolean"));
        check(Field::StreamingTv, Cell::Other("array"));
        check(Field::InternetService, Cell::Other("object"));
        check(Field::PaymentMethod, Cell::Absent);
        assert_eq!(*record.customer_id(), Cell::Text("ab".into()));
    }

    #[test]
    fn repeated_and_misspelt_names_are_remembered() {
        let record = read(r#"{"tenure":1,"tenure":2,"tenure":3,"monthly_charges":3,"MONTHLYCHARGES":3,"notes":4,"notes":5}"#).unwrap();
        assert_eq!(record.duplicates(), ["tenure"]);
        assert_eq!(record.misspelt(Field::MonthlyCharges), Some("monthly_charges"));
        assert_eq!(record.misspelt(Field::Tenure), None);
    }

    #[test]
    fn only_number_fields_are_untyped() {
        let mut record = read(r#"{"tenure":"12","Contract":"One year","TotalCharges":null}"#).unwrap();
        record.untype_numbers();
        assert_eq!(*record.field(Field::Tenure), Cell::Untyped("12".into()));
        assert_eq!(*record.field(Field::Contract), Cell::Text("One year".into()));
        assert_eq!(*record.field(Field::TotalCharges), Cell::Null);
        assert!(Record::takes("tenure") && Record::takes("total_charges") && Record::takes("customerID"));
        assert!(!Record::takes("Churn"));
    }

    #[test]
    fn what_is_no_json_object_is_refused_even_inside_ignored_fields() {
        let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
        for refused in
            ["", "[1]", "7", "null", r#"{"x":NaN}"#, r#"{"x":1e400}"#, r#"{"tenure":1e400}"#, "{", &deep]
        {
            assert!(read(refused).is_err(), "{}", &refused[..refused.len().min(40)]);
        }
    }
}
