//! The values of a tensor: JSON, flat or a row an array, or little-endian bytes.

use churn::Cell;
use serde_json::value::RawValue;

use crate::body::raw;
use crate::problem::Problem;
use crate::rows::columns::{Held, refused};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Datatype {
    Fp32,
    Fp64,
    Int32,
    Int64,
    Bytes,
}

impl Datatype {
    /// The datatype of this name. `place` points to it.
    pub(super) fn parse(name: &str, place: &str) -> Result<Self, Problem> {
        Ok(match name {
            "FP32" => Self::Fp32,
            "FP64" => Self::Fp64,
            "INT32" => Self::Int32,
            "INT64" => Self::Int64,
            "BYTES" => Self::Bytes,
            _ => {
                return Err(refused(place, "wrong_type", "must be FP32, FP64, INT32, INT64 or BYTES".into()));
            }
        })
    }

    /// Whether a JSON value may stand for one of this type. A null is a blank, as a customer may have one.
    fn takes(self, cell: &Cell<'_>) -> bool {
        match (self, cell) {
            (_, Cell::Null) | (Self::Fp32 | Self::Fp64, Cell::Number(_)) | (Self::Bytes, Cell::Text(_)) => {
                true
            }
            (Self::Int32 | Self::Int64, Cell::Number(number)) => number.fract() == 0.0,
            _ => false,
        }
    }
}

/// Gives every value of `data` to `take`, decoded and as it may be held; a row may be an array of its `width` values.
pub(super) fn json<'a>(
    data: &'a RawValue,
    datatype: Datatype,
    width: usize,
    place: &str,
    take: &mut impl FnMut(Cell<'a>, Held<'a>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let place = format!("{place}/data");
    let mut one = |index: usize, raw: &'a RawValue| {
        let cell: Cell<'a> = raw::part(&place, raw)?;
        if datatype.takes(&cell) {
            return take(cell, Held::Json(raw));
        }
        Err(refused(&format!("{place}/{index}"), "wrong_type", "is not of the tensor's datatype".into()))
    };
    raw::elements(&place, data, |index, raw| {
        if raw::first(raw) != b'[' {
            return one(index, raw);
        }
        let mut found = 0;
        raw::elements(&place, raw, |_, raw| {
            found += 1;
            one(index, raw)
        })?;
        if found == width {
            return Ok(());
        }
        let detail = format!("has {found} values where the shape says {width} a row");
        Err(refused(&format!("{place}/{index}"), "inconsistent", detail))
    })
}

/// Gives every value of `bytes` to `take`. Texts have their length before them, in four bytes.
pub(super) fn binary<'a>(
    bytes: &'a [u8],
    datatype: Datatype,
    place: &str,
    take: &mut impl FnMut(Cell<'a>, Held<'a>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let cut = |_| Problem::Malformed { detail: format!("{place}: its bytes end within a value") };
    let number = |bytes: &[u8]| {
        Some(match datatype {
            Datatype::Fp32 => f64::from(f32::from_le_bytes(bytes.try_into().ok()?)),
            Datatype::Fp64 => f64::from_le_bytes(bytes.try_into().ok()?),
            Datatype::Int32 => f64::from(i32::from_le_bytes(bytes.try_into().ok()?)),
            Datatype::Int64 => i64::from_le_bytes(bytes.try_into().ok()?) as f64,
            Datatype::Bytes => return None,
        })
    };
    let width = match datatype {
        Datatype::Fp32 | Datatype::Int32 => 4,
        Datatype::Fp64 | Datatype::Int64 => 8,
        Datatype::Bytes => return texts(bytes, place, take),
    };
    for value in bytes.chunks(width) {
        let number = number(value).ok_or(()).map_err(cut)?;
        take(Cell::Number(number), Held::Number(number))?;
    }
    Ok(())
}

fn texts<'a>(
    mut rest: &'a [u8],
    place: &str,
    take: &mut impl FnMut(Cell<'a>, Held<'a>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let malformed = |detail: &str| Problem::Malformed { detail: format!("{place}: {detail}") };
    while !rest.is_empty() {
        let (length, behind) =
            rest.split_first_chunk().ok_or_else(|| malformed("its bytes end within a length"))?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok();
        let (text, behind) = length
            .and_then(|length| behind.split_at_checked(length))
            .ok_or_else(|| malformed("its bytes end within a text"))?;
        let text = std::str::from_utf8(text).map_err(|_| malformed("a text is not UTF-8"))?;
        take(Cell::Text(text.into()), Held::Text(text))?;
        rest = behind;
    }
    Ok(())
}
