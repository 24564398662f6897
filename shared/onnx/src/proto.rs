//! The messages of ONNX that a tree ensemble needs, by hand: tags and types of `onnx.proto` (onnx 1.19, IR version 12).
//!
//! Fields that are not named here are skipped in reading. Repeated messages stay encoded ([`Parts`]) until they are
//! asked for: an empty message is two bytes in a file and some hundred in memory, so that a small hostile file would
//! otherwise take a large part of the machine.

use prost::{DecodeError, Message};

use crate::OnnxError;

/// The domain of tree ensembles; the domain of everything else here is the empty one.
pub(crate) const ML: &str = "ai.onnx.ml";

/// Repeated messages, each still encoded.
pub(crate) type Parts = Vec<Vec<u8>>;

/// The parts, decoded; at most `most` of them.
pub(crate) fn decoded<M: Message + Default>(
    parts: &[Vec<u8>],
    what: &'static str,
    most: usize,
) -> Result<Vec<M>, OnnxError> {
    if most < parts.len() {
        return Err(OnnxError::TooMany { what, found: parts.len(), most });
    }
    Ok(parts.iter().map(|part| M::decode(&part[..])).collect::<Result<_, DecodeError>>()?)
}

/// The messages, encoded.
pub(crate) fn encoded<M: Message>(messages: &[M]) -> Parts {
    messages.iter().map(Message::encode_to_vec).collect()
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ModelProto {
    #[prost(int64, tag = "1")]
    pub(crate) ir_version: i64,
    #[prost(string, tag = "2")]
    pub(crate) producer_name: String,
    #[prost(string, tag = "3")]
    pub(crate) producer_version: String,
    #[prost(message, optional, tag = "7")]
    pub(crate) graph: Option<GraphProto>,
    /// [`OperatorSetIdProto`].
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(crate) opset_import: Parts,
    /// [`StringStringEntryProto`].
    #[prost(bytes = "vec", repeated, tag = "14")]
    pub(crate) metadata_props: Parts,
    /// `FunctionProto`, which is refused.
    #[prost(bytes = "vec", repeated, tag = "25")]
    pub(crate) functions: Parts,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct OperatorSetIdProto {
    #[prost(string, tag = "1")]
    pub(crate) domain: String,
    #[prost(int64, tag = "2")]
    pub(crate) version: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct StringStringEntryProto {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct GraphProto {
    /// [`NodeProto`].
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(crate) node: Parts,
    #[prost(string, tag = "2")]
    pub(crate) name: String,
    /// [`TensorProto`].
    #[prost(bytes = "vec", repeated, tag = "5")]
    pub(crate) initializer: Parts,
    /// [`ValueInfoProto`].
    #[prost(bytes = "vec", repeated, tag = "11")]
    pub(crate) input: Parts,
    /// [`ValueInfoProto`].
    #[prost(bytes = "vec", repeated, tag = "12")]
    pub(crate) output: Parts,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    pub(crate) input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(crate) output: Vec<String>,
    #[prost(string, tag = "3")]
    pub(crate) name: String,
    #[prost(string, tag = "4")]
    pub(crate) op_type: String,
    /// [`AttributeProto`].
    #[prost(bytes = "vec", repeated, tag = "5")]
    pub(crate) attribute: Parts,
    #[prost(string, tag = "7")]
    pub(crate) domain: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AttributeProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(float, tag = "2")]
    pub(crate) f: f32,
    #[prost(int64, tag = "3")]
    pub(crate) i: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) s: Vec<u8>,
    #[prost(message, optional, boxed, tag = "5")]
    pub(crate) t: Option<Box<TensorProto>>,
    #[prost(float, repeated, tag = "7")]
    pub(crate) floats: Vec<f32>,
    #[prost(int64, repeated, tag = "8")]
    pub(crate) ints: Vec<i64>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub(crate) strings: Vec<Vec<u8>>,
    /// One of [`attribute_type`].
    #[prost(int32, tag = "20")]
    pub(crate) r#type: i32,
}

/// `AttributeProto.AttributeType`.
pub(crate) mod attribute_type {
    pub(crate) const INT: i32 = 2;
    pub(crate) const STRING: i32 = 3;
    pub(crate) const FLOATS: i32 = 6;
    pub(crate) const INTS: i32 = 7;
    pub(crate) const STRINGS: i32 = 8;
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    pub(crate) dims: Vec<i64>,
    /// One of [`element_type`].
    #[prost(int32, tag = "2")]
    pub(crate) data_type: i32,
    #[prost(float, repeated, tag = "4")]
    pub(crate) float_data: Vec<f32>,
    /// Of small integers, such as bytes.
    #[prost(int32, repeated, tag = "5")]
    pub(crate) int32_data: Vec<i32>,
    #[prost(int64, repeated, tag = "7")]
    pub(crate) int64_data: Vec<i64>,
    #[prost(string, tag = "8")]
    pub(crate) name: String,
    /// Little-endian.
    #[prost(bytes = "vec", tag = "9")]
    pub(crate) raw_data: Vec<u8>,
    #[prost(double, repeated, tag = "10")]
    pub(crate) double_data: Vec<f64>,
    /// `StringStringEntryProto`: where the data lies, in another file.
    #[prost(bytes = "vec", repeated, tag = "13")]
    pub(crate) external_data: Parts,
    /// 1 where the data lies in another file.
    #[prost(int32, tag = "14")]
    pub(crate) data_location: i32,
}

/// `TensorProto.DataType`.
pub(crate) mod element_type {
    pub(crate) const FLOAT: i32 = 1;
    pub(crate) const UINT8: i32 = 2;
    pub(crate) const INT32: i32 = 6;
    pub(crate) const INT64: i32 = 7;
    pub(crate) const STRING: i32 = 8;
    pub(crate) const BOOL: i32 = 9;
    pub(crate) const DOUBLE: i32 = 11;
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ValueInfoProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) r#type: Option<TypeProto>,
}

/// The type of a value; absent `tensor_type` means a sequence, a map or something rarer.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct TypeProto {
    #[prost(message, optional, tag = "1")]
    pub(crate) tensor_type: Option<TensorTypeProto>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TensorTypeProto {
    /// One of [`element_type`].
    #[prost(int32, tag = "1")]
    pub(crate) elem_type: i32,
    #[prost(message, optional, tag = "2")]
    pub(crate) shape: Option<TensorShapeProto>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TensorShapeProto {
    /// [`DimensionProto`].
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(crate) dim: Parts,
}

/// One extent: a number, or a name for what is not known before run time.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct DimensionProto {
    #[prost(int64, optional, tag = "1")]
    pub(crate) dim_value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub(crate) dim_param: Option<String>,
}
