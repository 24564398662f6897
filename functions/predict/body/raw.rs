//! JSON whose parts are found first and read later: what stands before a part may say how it is read, and need not
//! stand before it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::format::malformed;
use crate::problem::Problem;

/// A value of JSON text: a whole body, which must be an object.
pub(crate) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    // A struct would be taken from an array too, by the order of its members.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(malformed("the body is no JSON object"));
    }
    serde_json::from_slice(body).map_err(|error| match bare_word(body) {
        Some(word) => malformed(&format!(
            "{word} is not JSON; numbers are finite, and for a blank TotalCharges send null or \"\" where tenure is 0 \
             ({error})"
        )),
        None => malformed(&error.to_string()),
    })
}

/// A part of a body that must be an object, for the same reason.
pub(crate) fn object_part<'a, T: Deserialize<'a>>(place: &str, raw: &'a RawValue) -> Result<T, Problem> {
    if first(raw) == b'{' { part(place, raw) } else { Err(malformed(&format!("{place}: is no object"))) }
}

/// A part of a body, which `place` names where the part is not as it should be.
pub(crate) fn part<'a, T: Deserialize<'a>>(place: &str, raw: &'a RawValue) -> Result<T, Problem> {
    serde_json::from_str(raw.get()).map_err(|error| malformed(&format!("{place}: {error}")))
}

/// Gives every element of an array to `each`, in order, with its index.
pub(crate) fn elements<'a>(
    place: &str,
    raw: &'a RawValue,
    each: impl FnMut(usize, &'a RawValue) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut walk = Walk { each, found: None };
    let walked = serde_json::Deserializer::from_str(raw.get()).deserialize_seq(&mut walk);
    // What `each` found goes before the error that ended the walk.
    walk.found.map_or(Ok(()), Err)?;
    walked.map_err(|error| malformed(&format!("{place}: {error}")))
}

/// Gives every member of an object to `each`, in order.
pub(crate) fn members<'a>(
    place: &str,
    raw: &'a RawValue,
    each: impl FnMut(String, &'a RawValue) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut walk = Walk { each, found: None };
    let walked = serde_json::Deserializer::from_str(raw.get()).deserialize_map(Members(&mut walk));
    walk.found.map_or(Ok(()), Err)?;
    walked.map_err(|error| malformed(&format!("{place}: {error}")))
}

/// The byte that a value begins with: `{`, `[`, `"` or another.
pub(crate) fn first(raw: &RawValue) -> u8 {
    raw.get().as_bytes().first().copied().unwrap_or_default()
}

struct Walk<F> {
    each: F,
    found: Option<Problem>,
}

impl<F> Walk<F> {
    fn end<E: Error>(&mut self, problem: Problem) -> E {
        self.found = Some(problem);
        E::custom("the walk was ended")
    }
}

impl<'de, F: FnMut(usize, &'de RawValue) -> Result<(), Problem>> Visitor<'de> for &mut Walk<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(raw) = sequence.next_element()? {
            (self.each)(index, raw).map_err(|problem| self.end(problem))?;
            index += 1;
        }
        Ok(())
    }
}

struct Members<'w, F>(&'w mut Walk<F>);

impl<'de, F: FnMut(String, &'de RawValue) -> Result<(), Problem>> Visitor<'de> for Members<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, raw)) = map.next_entry()? {
            (self.0.each)(name, raw).map_err(|problem| self.0.end(problem))?;
        }
        Ok(())
    }
}

/// A word that Python writes for a number that is not finite, where it stands outside of texts.
fn bare_word(body: &[u8]) -> Option<&'static str> {
    let mut rest = body;
    while let Some((byte, behind)) = rest.split_first() {
        match byte {
            b'"' => rest = behind_text(behind),
            b'N' if rest.starts_with(b"NaN") => return Some("NaN"),
            b'I' if rest.starts_with(b"Infinity") => return Some("Infinity"),
            _ => rest = behind,
        }
    }
    None
}

/// What follows a text whose opening quote stands before `rest`.
fn behind_text(mut rest: &[u8]) -> &[u8] {
    loop {
        match rest {
            [b'\\', _, behind @ ..] | [b'\\', behind @ ..] => rest = behind,
            [b'"', behind @ ..] => return behind,
            [_, behind @ ..] => rest = behind,
            [] => return rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: Option<&str>) {
        assert_eq!(bare_word(body.as_bytes()), expected, "{body}");
    }

    #[test]
    fn a_bare_word_is_found_outside_of_texts_alone() {
        check(r#"{"a":[1,NaN]}"#, Some("NaN"));
        check(r#"{"a":-Infinity}"#, Some("Infinity"));
        check(r#"{"NaN":"\"NaN","b":1,}"#, None);
        check(r#"{"a":"\\",NaN"#, Some("NaN"));
        check(r#"{"a":"NaN"#, None);
        check("", None);
    }

    #[test]
    fn a_walk_ends_with_what_ended_it() {
        let raw: &RawValue = serde_json::from_str("[1, 2, [3]]").unwrap();
        let mut seen = Vec::new();
        let result = elements("x", raw, |index, raw| {
            seen.push((index, raw.get()));
            if index == 1 { Err(Problem::UnknownPath) } else { Ok(()) }
        });
        assert!(matches!(result, Err(Problem::UnknownPath)));
        assert_eq!(seen, [(0, "1"), (1, "2")]);
        assert!(matches!(elements("x", raw, |_, _| Ok(())), Ok(())));
        assert!(
            matches!(members("x", raw, |_, _| Ok(())), Err(Problem::Malformed { detail }) if detail.starts_with("x: "))
        );
    }
}
