//! Files that are written whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::error::JobError;

/// Puts `bytes` at `path`: a temporary file beside it, fsync, rename, fsync of the folder.
///
/// A crash at any moment leaves the old file or the new one, never a part of either.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), JobError> {
    let mut file = create(path)?;
    file.write_all(bytes).map_err(|source| JobError::Write { path: path.into(), source })?;
    commit(file, path)
}

/// A temporary file that [`commit`] will put at `path`; dropped, it is gone.
pub(crate) fn create(path: &Path) -> Result<NamedTempFile, JobError> {
    let failed = |source| JobError::Write { path: path.into(), source };
    let folder = folder(path);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: readable by those whom the umask lets.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.prefix(".churn-").tempfile_in(folder).map_err(failed)
}

/// Puts a file that [`create`] made at `path`.
pub(crate) fn commit(file: NamedTempFile, path: &Path) -> Result<(), JobError> {
    let failed = |source| JobError::Write { path: path.into(), source };
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
