//! One value or a list of them, with errors that say what is taken.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};

/// What a hyperparameter is tried with, at least one value: without any, its kind of learner would be no candidate, in
/// silence.
#[derive(Clone, Debug)]
pub(super) struct Values<T>(Vec<T>);

impl<T: Copy> Values<T> {
    pub(super) fn one(value: T) -> Self {
        Self(vec![value])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.0.iter().copied()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

impl<T, const N: usize> From<[T; N]> for Values<T> {
    fn from(values: [T; N]) -> Self {
        Self(values.into())
    }
}

/// A type of numbers that a hyperparameter may have.
pub(super) trait Number: Copy {
    const TAKES: &'static str;
    fn of_whole(number: i64) -> Option<Self>;
    fn of_real(number: f64) -> Option<Self>;
}

impl Number for u16 {
    const TAKES: &'static str = "a whole number from 0 to 65,535, or a list of them";
    fn of_whole(number: i64) -> Option<Self> {
        number.try_into().ok()
    }
    fn of_real(_: f64) -> Option<Self> {
        None
    }
}

impl Number for u32 {
    const TAKES: &'static str = "a whole number from 0 to 4,294,967,295, or a list of them";
    fn of_whole(number: i64) -> Option<Self> {
        number.try_into().ok()
    }
    fn of_real(_: f64) -> Option<Self> {
        None
    }
}

impl Number for f64 {
    const TAKES: &'static str = "a number, or a list of them";
    fn of_whole(number: i64) -> Option<Self> {
        Some(number as f64)
    }
    fn of_real(number: f64) -> Option<Self> {
        Some(number)
    }
}

/// One number.
struct One<T>(T);

struct OneVisitor<T>(PhantomData<T>);

impl<T: Number> Visitor<'_> for OneVisitor<T> {
    type Value = One<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::TAKES)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<One<T>, E> {
        let wrong = || Error::invalid_value(Unexpected::Signed(number), &T::TAKES);
        T::of_whole(number).map(One).ok_or_else(wrong)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<One<T>, E> {
        let wrong = || Error::invalid_type(Unexpected::Float(number), &T::TAKES);
        T::of_real(number).map(One).ok_or_else(wrong)
    }
}

impl<'de, T: Number> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneVisitor(PhantomData))
    }
}

struct ValuesVisitor<T>(PhantomData<T>);

impl<'de, T: Number> Visitor<'de> for ValuesVisitor<T> {
    type Value = Values<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::TAKES)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Values<T>, E> {
        OneVisitor(PhantomData).visit_i64(number).map(|One(value)| Values::one(value))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Values<T>, E> {
        OneVisitor(PhantomData).visit_f64(number).map(|One(value)| Values::one(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(One(value)) = list.next_element()? {
            values.push(value);
        }
        if values.is_empty() {
            return Err(Error::custom("the list is empty, expected at least one value"));
        }
        Ok(Values(values))
    }
}

impl<'de, T: Number> Deserialize<'de> for Values<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor(PhantomData))
    }
}
