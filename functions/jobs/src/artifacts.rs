//! The files of a model: where artifact and card lie, and how they are read.

use std::path::{Path, PathBuf};

use churn::{Artifact, Card, sha256_hex};

use crate::error::JobError;

/// An artifact that was read and checked.
pub(crate) struct Loaded {
    pub(crate) artifact: Artifact,
    pub(crate) bytes: Vec<u8>,
    /// SHA-256 of the bytes, in hex.
    pub(crate) sha256: String,
}

impl Loaded {
    /// The model's version.
    pub(crate) fn version(&self) -> String {
        Card::version_of(&self.sha256)
    }
}

/// Reads the artifact at `path`.
pub(crate) fn load(path: &Path) -> Result<Loaded, JobError> {
    let bytes = std::fs::read(path).map_err(|source| JobError::Read { path: path.into(), source })?;
    let artifact =
        Artifact::decode(&bytes).map_err(|source| JobError::Artifact { path: path.into(), source })?;
    Ok(Loaded { artifact, sha256: sha256_hex(&bytes), bytes })
}

/// Reads the card that lies beside the artifact at `path`, and checks that it is that artifact's.
pub(crate) fn load_card(path: &Path, sha256: &str) -> Result<Card, JobError> {
    let path = card_path(path);
    let text =
        std::fs::read_to_string(&path).map_err(|source| JobError::Read { path: path.clone(), source })?;
    Card::parse(&text, sha256).map_err(|source| JobError::Card { path, source })
}

/// `NAME.card.json` beside `NAME.msgpack`.
pub(crate) fn card_path(artifact: &Path) -> PathBuf {
    artifact.with_extension("card.json")
}
