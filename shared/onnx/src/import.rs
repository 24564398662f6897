//! Reading: the bytes of an ONNX model become a forest, or an error that names what stands in the way.
//!
//! The probability output is followed back to the trees, and from the trees to the input; what lies elsewhere, such as
//! the label's path, is not looked at. No byte is trusted: sizes are bounded, nothing recurses, nothing panics.

use std::collections::BTreeMap;

use forest::{Forest, Link};
use prost::Message;

use crate::proto::{ML, ModelProto, OperatorSetIdProto, StringStringEntryProto, decoded};
use crate::{OnnxError, ensemble, path, trees};

/// The largest file that is read, 64 MiB: about a million nodes.
pub const MAX_BYTES: usize = 64 << 20;
/// More operator sets or entries of metadata than any writer writes.
const MAX_ENTRIES: usize = 10_000;

/// A forest that was read. ONNX carries no covers, so there is no [`Forest`] without rows that count them.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    forest: Forest,
    /// Name and version of the program that wrote the file, as far as it says.
    pub producer: String,
    /// The file's `metadata_props`; of a key that stands there twice the last.
    pub metadata: BTreeMap<String, String>,
}

impl Imported {
    /// The link from leaf values to a probability.
    #[must_use]
    pub fn link(&self) -> Link {
        self.forest.link()
    }

    /// The forest, its covers counted over `rows`, see [`Forest::with_covers_of`].
    #[must_use]
    pub fn into_forest<'r>(self, rows: impl IntoIterator<Item = &'r [f32]>) -> Forest {
        self.forest.with_covers_of(rows)
    }
}

/// The forest in `bytes`, over rows of `features` finite numbers.
///
/// Read are `TreeEnsembleClassifier`, `TreeEnsembleRegressor` and `TreeEnsemble` (`ai.onnx.ml` versions 1 to 5) of two
/// classes or one target, where the sum is a probability or goes through a logistic or a softmax of two, and between them and
/// the output Identity, Cast, Mul by 1, Gather of column 1, Reshape to one column, Sigmoid and ZipMap. A missing value
/// never occurs here, so what a branch does with one is not looked at.
///
/// # Errors
/// What cannot be represented, by name, and what to do about it.
pub fn import(bytes: &[u8], features: usize) -> Result<Imported, OnnxError> {
    if MAX_BYTES < bytes.len() {
        return Err(OnnxError::TooLarge { found: bytes.len(), most: MAX_BYTES });
    }
    let model = ModelProto::decode(bytes)?;
    let graph = model.graph.as_ref().filter(|graph| !graph.node.is_empty()).ok_or(OnnxError::NoGraph)?;
    if !model.functions.is_empty() {
        return Err(OnnxError::Functions);
    }
    check_opsets(&model)?;
    let path = path::follow(graph, features)?;
    let ensemble = ensemble::read(&path)?;
    let forest = trees::build(&ensemble, features)?;
    Ok(Imported { forest, producer: producer(&model), metadata: metadata(&model)? })
}

fn check_opsets(model: &ModelProto) -> Result<(), OnnxError> {
    let opsets: Vec<OperatorSetIdProto> = decoded(&model.opset_import, "operator sets", MAX_ENTRIES)?;
    match opsets.iter().find(|opset| opset.domain == ML && !(1..=5).contains(&opset.version)) {
        Some(opset) => Err(OnnxError::Opset { found: opset.version }),
        None => Ok(()),
    }
}

fn producer(model: &ModelProto) -> String {
    format!("{} {}", model.producer_name, model.producer_version).trim().to_owned()
}

fn metadata(model: &ModelProto) -> Result<BTreeMap<String, String>, OnnxError> {
    let entries: Vec<StringStringEntryProto> =
        decoded(&model.metadata_props, "entries of metadata", MAX_ENTRIES)?;
    Ok(entries.into_iter().map(|entry| (entry.key, entry.value)).collect())
}
