//! Files that are written whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use csv::Writer;
use tempfile::{Builder, NamedTempFile};

use crate::error::JobError;

/// Says the verb's result on stdout. A reader that has seen enough and is gone is no failure.
pub(crate) fn say(result: &str) -> Result<(), JobError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(result.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            Err(JobError::Write { path: "standard output".into(), source })
        }
        _ => Ok(()),
    }
}

/// The CSV file that `write` writes, in memory; its rows are of equal length.
pub(crate) fn csv(write: impl FnOnce(&mut Writer<Vec<u8>>) -> csv::Result<()>) -> Vec<u8> {
    let mut writer = Writer::from_writer(Vec::new());
    write(&mut writer).expect("rows of equal length can be written to memory");
    writer.into_inner().expect("memory can be flushed")
}

/// Refuses an output that is one of the verb's inputs: it would be lost.
pub(crate) fn is_none_of(output: &Path, inputs: &[&Path]) -> Result<(), JobError> {
    let Ok(output) = output.canonicalize() else { return Ok(()) };
    match inputs.iter().find(|input| input.canonicalize().is_ok_and(|input| input == output)) {
        Some(input) => Err(JobError::Overwrite { path: input.into() }),
        None => Ok(()),
    }
}

/// Puts `bytes` at `path`: a temporary file beside it, fsync, rename, fsync of the folder.
///
/// A crash at any moment leaves the old file or the new one, never a part of either.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), JobError> {
    let mut file = create(path)?;
    file.write_all(bytes).map_err(|source| JobError::Write { path: path.into(), source })?;
    commit(file, path)
}

/// Refuses a path that [`write`] could not write to, and leaves nothing behind.
pub(crate) fn check_writable(path: &Path) -> Result<(), JobError> {
    let failed = |source| JobError::Write { path: path.into(), source };
    check_kind(path)?;
    let target = behind_links(path);
    // Folders that are missing would be made in the nearest one that is there.
    let there = target
        .ancestors()
        .skip(1)
        .map(|folder| if folder == Path::new("") { Path::new(".") } else { folder });
    let nearest = there.into_iter().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    Builder::new().prefix(".churn-").tempfile_in(nearest).map(drop).map_err(failed)
}

/// A temporary file that [`commit`] will put at `path`; dropped, it is gone.
pub(crate) fn create(path: &Path) -> Result<NamedTempFile, JobError> {
    check_kind(path)?;
    let failed = |source| JobError::Write { path: path.into(), source };
    let path = behind_links(path);
    let folder = folder(&path);
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
    let path = behind_links(path);
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    File::open(folder(&path)).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Refuses what is there already and is no regular file.
fn check_kind(path: &Path) -> Result<(), JobError> {
    if path.exists() && !path.is_file() {
        let source = io::Error::other("it is there already, and no regular file");
        return Err(JobError::Write { path: path.into(), source });
    }
    Ok(())
}

/// The file that a link leads to: the link stays, and its file is replaced.
fn behind_links(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
