//! The artifact: one MessagePack file that holds a model and everything needed to trust it.
//!
//! No timestamp stands inside: the same data, parameters and seed give the same bytes on every machine. What differs
//! from run to run stands in the [`crate::Card`]. The format is described field by field in `model-artifacts/`.

use std::collections::BTreeMap;

use forest::{Columns, Forest, ForestError, Link};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{Decision, FEATURE_COUNT, Golden, GoldenMismatch, Model, Reference, Schema, Seen};

/// What every artifact begins with.
const FORMAT: &str = "churn-model";
/// The version of the format that this build reads and writes.
const FORMAT_VERSION: u32 = 1;
/// Length of the seal at the end of the file.
const SEAL_DIGITS: usize = 64;
/// A model's version is this many hex digits of its artifact's SHA-256.
pub const VERSION_DIGITS: usize = 12;

/// A model that may be served: sound, of the compiled schema, and proved by its golden rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    /// The trees and their link.
    pub forest: Forest,
    /// Threshold and bands.
    pub decision: Decision,
    /// How features and scores were spread.
    pub reference: Reference,
    /// Rows with their expected probabilities; at least one.
    pub golden: Vec<Golden>,
    /// Where the model comes from.
    pub provenance: Provenance,
}

/// Where a model comes from, so that it can be made again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Program and version that trained it.
    pub trainer: String,
    /// Kind of model, such as `random_forest`.
    pub model_type: String,
    /// SHA-256 of the data file, in hex.
    pub data_sha256: String,
    /// Rows of the data file.
    pub data_rows: u64,
    /// Rows that this program fitted the model on; 0 where another program did.
    pub fitted_rows: u64,
    /// Seed of all randomness.
    pub seed: u64,
    /// Hyperparameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// What the model saw; absent where another program fitted it, and in artifacts from before there was this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// The value of one hyperparameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parameter {
    /// A count.
    Count(u64),
    /// A number.
    Number(f64),
    /// A name.
    Name(String),
}

/// Why bytes are not an artifact that may be served.
#[derive(Debug, Error)]
pub enum ArtifactError {
    /// Not MessagePack of the expected shape: damaged, cut off, or another program's file.
    #[error("not a churn model, or damaged")]
    Malformed(#[source] rmp_serde::decode::Error),
    /// A MessagePack file of another kind.
    #[error("a file of format {found:?}, expected {expected:?}")]
    Foreign {
        /// What an artifact says.
        expected: &'static str,
        /// What the file says.
        found: String,
    },
    /// A churn model of another version of the format.
    #[error("format version {found}, expected {expected}; train the model again with this release")]
    FormatVersion {
        /// What this build reads.
        expected: u32,
        /// What the file says.
        found: u32,
    },
    /// Bytes behind the end of the artifact.
    #[error("{found} bytes follow the end of the model")]
    TrailingBytes {
        /// How many.
        found: usize,
    },
    /// The content is not what was written: its hash does not come out.
    #[error("damaged: the content has SHA-256 {found}, expected {expected}")]
    Damaged {
        /// The seal.
        expected: String,
        /// The content's hash.
        found: String,
    },
    /// Trained on other features, or on other codes.
    #[error("foreign schema: {difference}")]
    Schema {
        /// The first difference, in words.
        difference: String,
    },
    /// The trees are unsound.
    #[error("the trees are unsound")]
    Forest(#[from] ForestError),
    /// Threshold or bands are not ordered probabilities.
    #[error("decision threshold or risk bands are no probabilities in order: {found:?}")]
    Decision {
        /// What the file says.
        found: Decision,
    },
    /// The reference histograms do not fit the features.
    #[error("the reference histograms do not fit the features")]
    Reference,
    /// There are no golden rows, so nothing proves the model.
    #[error("the model has no golden rows")]
    NoGoldenRows,
    /// A golden row does not come out.
    #[error("the model does not give the answers that it promises")]
    Golden(#[from] GoldenMismatch),
}

/// The artifact as it stands in the file, in this order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: String,
    format_version: u32,
    schema: Schema,
    link: Link,
    forest: Columns,
    decision: Decision,
    reference: Reference,
    golden: Vec<Golden>,
    provenance: Provenance,
    /// SHA-256 of everything before these digits, in hex: the last [`SEAL_DIGITS`] bytes of the file.
    seal: String,
}

/// The fields that every version of the format has.
#[derive(Deserialize)]
struct Head {
    format: String,
    format_version: u32,
}

impl Artifact {
    /// The model of `bytes`.
    ///
    /// # Errors
    /// Where the bytes are damaged or foreign, the trees unsound, or a golden row does not come out.
    pub fn decode(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let head: Head = rmp_serde::from_slice(bytes).map_err(ArtifactError::Malformed)?;
        if head.format != FORMAT {
            return Err(ArtifactError::Foreign { expected: FORMAT, found: head.format });
        }
        if head.format_version != FORMAT_VERSION {
            return Err(ArtifactError::FormatVersion {
                expected: FORMAT_VERSION,
                found: head.format_version,
            });
        }
        let mut reader = rmp_serde::Deserializer::new(bytes);
        let wire = Wire::deserialize(&mut reader).map_err(ArtifactError::Malformed)?;
        if !reader.get_ref().is_empty() {
            return Err(ArtifactError::TrailingBytes { found: reader.get_ref().len() });
        }
        let found = sha256_hex(&bytes[..bytes.len().saturating_sub(SEAL_DIGITS)]);
        if wire.seal != found {
            return Err(ArtifactError::Damaged { expected: wire.seal, found });
        }
        Self::parse(wire)
    }

    fn parse(wire: Wire) -> Result<Self, ArtifactError> {
        if let Some(difference) = Schema::compiled().difference(&wire.schema) {
            return Err(ArtifactError::Schema { difference });
        }
        if !wire.decision.is_sound() {
            return Err(ArtifactError::Decision { found: wire.decision });
        }
        if !wire.reference.is_sound() {
            return Err(ArtifactError::Reference);
        }
        if wire.golden.is_empty() {
            return Err(ArtifactError::NoGoldenRows);
        }
        let artifact = Self {
            forest: Forest::parse(wire.forest, wire.link, FEATURE_COUNT)?,
            decision: wire.decision,
            reference: wire.reference,
            golden: wire.golden,
            provenance: wire.provenance,
        };
        artifact.model().check_golden(&artifact.golden)?;
        Ok(artifact)
    }

    /// The bytes of the file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let wire = Wire {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            schema: Schema::compiled(),
            link: self.forest.link(),
            forest: self.forest.columns().clone(),
            decision: self.decision,
            reference: self.reference.clone(),
            golden: self.golden.clone(),
            provenance: self.provenance.clone(),
            seal: "0".repeat(SEAL_DIGITS),
        };
        let mut bytes =
            rmp_serde::to_vec_named(&wire).expect("every part of an artifact has a MessagePack form");
        let content = bytes.len() - SEAL_DIGITS;
        let seal = sha256_hex(&bytes[..content]);
        bytes[content..].copy_from_slice(seal.as_bytes());
        bytes
    }

    /// The scorer.
    #[must_use]
    pub fn model(&self) -> Model<'_> {
        Model { forest: self.forest.view(), decision: self.decision }
    }
}

/// SHA-256 of `bytes` in lower-case hex; of an artifact its first [`VERSION_DIGITS`] are the model's version.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
