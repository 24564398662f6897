//! Input tensors: what their heads say is checked against what is there before anything is read.

mod values;

use churn::{CUSTOMER_ID, Cell, FEATURE_COUNT, Field, nearest};
use serde::Deserialize;
use serde_json::value::RawValue;

use self::values::Datatype;
use super::super::FEATURES;
use super::MOST_INPUTS;
use crate::body::raw;
use crate::problem::Problem;
use crate::rows::Gathering;
use crate::rows::columns::{Column, Held, MOST_ROWS, refused};
use crate::rows::feature_index;

/// An input as it stands in the JSON.
#[derive(Debug, Deserialize)]
struct Input<'a> {
    name: String,
    #[serde(borrow)]
    shape: &'a RawValue,
    datatype: String,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct Parameters<'a> {
    #[serde(borrow)]
    binary_data_size: Option<&'a RawValue>,
}

/// A tensor whose head is sound: its name is known, its shape is what the name asks for.
#[derive(Debug)]
pub(super) struct Tensor<'a> {
    pub(super) name: &'static str,
    /// Where it stands.
    place: String,
    pub(super) rows: usize,
    /// Values a row.
    width: usize,
    datatype: Datatype,
    values: Values<'a>,
}

/// Where the values are.
#[derive(Clone, Copy, Debug)]
enum Values<'a> {
    Json(&'a RawValue),
    Binary(&'a [u8]),
}

impl Values<'_> {
    fn bytes(self) -> usize {
        match self {
            Self::Json(data) => data.get().len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// The tensors of `inputs`; those without data take theirs from `binary`, one after the other.
pub(super) fn all<'a>(inputs: &'a RawValue, mut binary: &'a [u8]) -> Result<Vec<Tensor<'a>>, Problem> {
    let mut tensors: Vec<Tensor<'a>> = Vec::new();
    raw::elements("/inputs", inputs, |index, input| {
        if index == MOST_INPUTS {
            return Err(refused("/inputs", "too_long", format!("has more than {MOST_INPUTS} tensors")));
        }
        let place = format!("/inputs/{index}");
        let tensor = Tensor::parse(&raw::object_part(&place, input)?, place, &mut binary)?;
        tensor.check_beside(&tensors)?;
        tensors.push(tensor);
        Ok(())
    })?;
    if binary.is_empty() {
        return Ok(tensors);
    }
    let detail = format!("{} bytes follow the last binary tensor", binary.len());
    Err(Problem::Malformed { detail })
}

fn known_name(name: &str, place: &str) -> Result<&'static str, Problem> {
    let mut known = [FEATURES; Field::COUNT + 2];
    known[1] = CUSTOMER_ID;
    for (known, field) in known[2..].iter_mut().zip(Field::ALL) {
        *known = field.name();
    }
    known.into_iter().find(|known| *known == name).ok_or_else(|| {
        let meant =
            nearest(name, &known).map(|known| format!("; perhaps {known} is meant")).unwrap_or_default();
        refused(&format!("{place}/name"), "unknown_category", format!("is no input of this model{meant}"))
    })
}

/// Rows, and values a row.
fn shape(name: &str, shape: &RawValue, place: &str) -> Result<(usize, usize), Problem> {
    let place = format!("{place}/shape");
    let mut sizes = [None; 2];
    let mut dimensions = 0;
    raw::elements(&place, shape, |index, size| {
        dimensions += 1;
        if let Some(place) = sizes.get_mut(index) {
            *place = whole(size);
        }
        Ok(())
    })?;
    let (expected, found) = match (name == FEATURES, dimensions, sizes) {
        (true, 2, [Some(rows), Some(FEATURE_COUNT)]) => ("", Some((rows, FEATURE_COUNT))),
        (true, ..) => ("[n, 8]", None),
        (false, 1, [Some(rows), _]) | (false, 2, [Some(rows), Some(1)]) => ("", Some((rows, 1))),
        (false, ..) => ("[n] or [n, 1]", None),
    };
    found.ok_or_else(|| refused(&place, "out_of_range", format!("must be {expected}, n the number of rows")))
}

fn values<'a>(input: &Input<'a>, place: &str, binary: &mut &'a [u8]) -> Result<Values<'a>, Problem> {
    let parameters: Option<Parameters<'_>> = input
        .parameters
        .map(|parameters| raw::object_part(&format!("{place}/parameters"), parameters))
        .transpose()?;
    match (input.data, parameters.and_then(|parameters| parameters.binary_data_size)) {
        (Some(data), None) => Ok(Values::Json(data)),
        (None, Some(size)) => {
            let (taken, rest) =
                whole(size).and_then(|size| binary.split_at_checked(size)).ok_or_else(|| {
                    let detail = format!("{place}: the body has no {size} bytes for it");
                    Problem::Malformed { detail: detail.chars().take(200).collect() }
                })?;
            *binary = rest;
            Ok(Values::Binary(taken))
        }
        _ => {
            let detail = "has data, or binary_data_size among its parameters; one of both".into();
            Err(refused(place, "inconsistent", detail))
        }
    }
}

/// A whole number as JSON writes it, exact below 2^53; no tensor here is larger.
fn whole(raw: &RawValue) -> Option<usize> {
    match serde_json::from_str(raw.get()) {
        Ok(Cell::Number(number)) if number.fract() == 0.0 && (0.0..=9e15).contains(&number) => {
            usize::try_from(number as u64).ok()
        }
        _ => None,
    }
}

impl<'a> Tensor<'a> {
    fn parse(input: &Input<'a>, place: String, binary: &mut &'a [u8]) -> Result<Self, Problem> {
        let name = known_name(&input.name, &place)?;
        let datatype = Datatype::parse(&input.datatype, &format!("{place}/datatype"))?;
        if name == FEATURES && datatype == Datatype::Bytes {
            let detail = "holds numbers: FP32, FP64, INT32 or INT64".into();
            return Err(refused(&format!("{place}/datatype"), "wrong_type", detail));
        }
        let (rows, width) = shape(name, input.shape, &place)?;
        let values = values(input, &place, binary)?;
        let wrong = |detail| Err(refused(&format!("{place}/shape"), "out_of_range", detail));
        // A value is never shorter than a byte, so no larger shape is believed.
        if rows.checked_mul(width).is_none_or(|count| values.bytes() < count) {
            return wrong("has more values than there are".into());
        }
        if name != FEATURES && MOST_ROWS < rows {
            return wrong(format!("has more than {MOST_ROWS} rows, which only {FEATURES} may have"));
        }
        Ok(Self { name, place, rows, width, datatype, values })
    }

    /// Refuses a tensor that does not go with those before it.
    fn check_beside(&self, others: &[Self]) -> Result<(), Problem> {
        if others.iter().any(|other| other.name == self.name) {
            let detail = format!("{} is given more than once", self.name);
            return Err(refused(&self.place, "duplicate_key", detail));
        }
        let Some(first) = others.first() else { return Ok(()) };
        if first.name == FEATURES || self.name == FEATURES {
            let detail = format!("send {FEATURES} alone, or one tensor a field");
            return Err(refused(&self.place, "inconsistent", detail));
        }
        if first.rows != self.rows {
            let detail = format!("has {} rows where {} has {}", self.rows, first.name, first.rows);
            return Err(refused(&format!("{}/shape", self.place), "inconsistent", detail));
        }
        Ok(())
    }

    /// Gathers the rows of coded features.
    pub(super) fn gather_codes(&self, gathering: &mut Gathering) -> Result<(), Problem> {
        let (mut codes, mut filled) = ([f64::NAN; FEATURE_COUNT], 0);
        self.each(|cell, _| {
            codes[filled] = if let Cell::Number(number) = cell { number } else { f64::NAN };
            filled += 1;
            if filled == FEATURE_COUNT {
                filled = 0;
                let row = gathering.next();
                let pointer = |field: &str| self.pointer(row, feature_index(field));
                if !gathering.is_full() {
                    gathering.coded(&codes, pointer);
                }
            }
            Ok(())
        })
    }

    /// Where a value stands in the data, which is flat or has an array a row.
    fn pointer(&self, row: usize, index: usize) -> String {
        match self.values {
            Values::Json(data) if data.get()[1..].trim_ascii_start().starts_with('[') => {
                format!("{}/data/{row}/{index}", self.place)
            }
            _ => format!("{}/data/{}", self.place, row * self.width + index),
        }
    }

    /// The values of a field, one a row.
    pub(super) fn column(&self) -> Result<Column<'a>, Problem> {
        let mut cells = Vec::with_capacity(self.rows);
        self.each(|_, held| {
            cells.push(held);
            Ok(())
        })?;
        let place = format!("{}/data", self.place);
        Ok(Column { name: self.name, place, cells })
    }

    /// Gives every value to `take`, in order; refuses the tensor where there are not as many as its shape says.
    fn each(&self, mut take: impl FnMut(Cell<'a>, Held<'a>) -> Result<(), Problem>) -> Result<(), Problem> {
        let expected = self.rows * self.width;
        let mut found = 0;
        let mut counted = |cell, held| {
            found += 1;
            if expected < found {
                return Err(self.miscounted(found, expected));
            }
            take(cell, held)
        };
        match self.values {
            Values::Json(data) => values::json(data, self.datatype, self.width, &self.place, &mut counted)?,
            Values::Binary(bytes) => values::binary(bytes, self.datatype, &self.place, &mut counted)?,
        }
        if found == expected { Ok(()) } else { Err(self.miscounted(found, expected)) }
    }

    fn miscounted(&self, found: usize, expected: usize) -> Problem {
        let found = if expected < found { "more".to_owned() } else { found.to_string() };
        let detail = format!("has {found} values where its shape says {expected}");
        refused(&format!("{}/data", self.place), "inconsistent", detail)
    }
}
