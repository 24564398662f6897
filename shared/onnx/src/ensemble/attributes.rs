//! An operator's attributes by name, each of them known.

use std::collections::HashMap;

use crate::OnnxError;
use crate::error::shown;
use crate::path::numbers;
use crate::proto::{AttributeProto, TensorProto, element_type};

/// The suffix of those that may come as a tensor, for doubles.
const AS_TENSOR: &str = "_as_tensor";

/// Attributes of one operator.
pub(super) struct Attributes<'a>(HashMap<&'a str, &'a AttributeProto>);

impl<'a> Attributes<'a> {
    /// Each may stand once.
    pub(super) fn parse(attributes: &'a [AttributeProto]) -> Result<Self, OnnxError> {
        let mut named = HashMap::new();
        for attribute in attributes {
            if named.insert(attribute.name.as_str(), attribute).is_some() {
                return Err(wrong(&attribute.name, "stands there twice"));
            }
        }
        Ok(Self(named))
    }

    /// Refuses what is not in `known`: it could change what the others mean.
    pub(super) fn check_known(&self, known: &[&str]) -> Result<(), OnnxError> {
        let is_known = |name: &str| known.contains(&name.strip_suffix(AS_TENSOR).unwrap_or(name));
        match self.0.keys().filter(|name| !is_known(name)).min() {
            Some(name) => Err(wrong(name, "is not known; convert for ai.onnx.ml version 1, 3 or 5")),
            None => Ok(()),
        }
    }

    /// The integers of `name`; none where it is absent.
    pub(super) fn integers(&self, name: &str) -> &'a [i64] {
        self.0.get(name).map_or(&[], |found| &found.ints)
    }

    /// The integer of `name`, or `default` where it is absent.
    pub(super) fn integer(&self, name: &str, default: i64) -> i64 {
        self.0.get(name).map_or(default, |found| found.i)
    }

    /// The texts of `name`; none where it is absent.
    pub(super) fn texts(&self, name: &str) -> &'a [Vec<u8>] {
        self.0.get(name).map_or(&[], |found| &found.strings)
    }

    /// The text of `name`, or `default` where it is absent.
    pub(super) fn text(&self, name: &str, default: &str) -> String {
        self.0.get(name).map_or_else(|| default.to_owned(), |found| shown(&String::from_utf8_lossy(&found.s)))
    }

    /// The numbers of `name`, as floats or as a tensor; none where it is absent.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>, OnnxError> {
        let floats = self.0.get(name).map_or(&[][..], |found| &found.floats);
        match self.0.get(format!("{name}{AS_TENSOR}").as_str()) {
            Some(_) if !floats.is_empty() => Err(wrong(name, "stands there as floats and as a tensor")),
            Some(found) => tensor_numbers(name, found.t.as_deref()),
            None => Ok(floats.iter().map(|&number| number.into()).collect()),
        }
    }

    /// The numbers of the tensor `name`; none where it is absent.
    pub(super) fn tensor(&self, name: &str) -> Result<Vec<f64>, OnnxError> {
        self.0.get(name).map_or(Ok(vec![]), |found| tensor_numbers(name, found.t.as_deref()))
    }

    /// The bytes of the tensor `name`; none where it is absent.
    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, OnnxError> {
        let Some(tensor) = self.0.get(name).and_then(|found| found.t.as_deref()) else { return Ok(vec![]) };
        // Checks that the data is here.
        numbers(tensor, name)?;
        if tensor.data_type != element_type::UINT8 {
            return Err(wrong(name, "is no tensor of bytes"));
        }
        if !tensor.raw_data.is_empty() {
            return Ok(tensor.raw_data.clone());
        }
        let byte = |&number: &i32| u8::try_from(number).map_err(|_| wrong(name, "is no tensor of bytes"));
        tensor.int32_data.iter().map(byte).collect()
    }
}

fn tensor_numbers(name: &str, tensor: Option<&TensorProto>) -> Result<Vec<f64>, OnnxError> {
    let tensor = tensor.ok_or_else(|| wrong(name, "is no tensor"))?;
    if tensor.data_type == element_type::INT64 {
        return Err(wrong(name, "is no tensor of floats or doubles"));
    }
    numbers(tensor, name)?.ok_or_else(|| wrong(name, "is no tensor of floats or doubles"))
}

/// Refuses a column that has not one entry for each of `expected`.
pub(super) fn check_length(name: &str, found: usize, expected: usize) -> Result<(), OnnxError> {
    if found == expected {
        return Ok(());
    }
    Err(wrong(name, &format!("has {found} entries, expected {expected}")))
}

pub(super) fn wrong(attribute: &str, found: &str) -> OnnxError {
    OnnxError::Attribute { attribute: shown(attribute), found: found.to_owned() }
}
