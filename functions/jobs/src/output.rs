//! Files that are written whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use csv::Writer;
use tempfile::{Builder, NamedTempFile};

use crate::error::JobError;

/// Names of temporary files: this and so many random letters.
const PREFIX: &str = ".churn-";
const RANDOM: usize = 6;
/// A temporary file that was not written to for so long is of a process that was killed.
const STALE: Duration = Duration::from_secs(60 * 60);

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

/// Puts files that belong together at their paths, in this order. All are whole on disk before the first takes its place,
/// so that a full disk leaves the old ones, and only moments lie between the first and the last.
pub(crate) fn write_together(files: &[(&Path, &[u8])]) -> Result<(), JobError> {
    let whole = |&(path, bytes): &(&Path, &[u8])| {
        let failed = |source| JobError::Write { path: path.into(), source };
        let mut file = create(path)?;
        file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        Ok((file, path.to_owned()))
    };
    let made: Vec<_> = files.iter().map(whole).collect::<Result<_, JobError>>()?;
    made.into_iter().try_for_each(|(file, path)| commit(file, &path))
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
    Builder::new().prefix(PREFIX).rand_bytes(RANDOM).tempfile_in(nearest).map(drop).map_err(failed)
}

/// A temporary file that [`commit`] will put at `path`; dropped, it is gone.
pub(crate) fn create(path: &Path) -> Result<NamedTempFile, JobError> {
    check_kind(path)?;
    let failed = |source| JobError::Write { path: path.into(), source };
    let path = behind_links(path);
    let folder = folder(&path);
    std::fs::create_dir_all(folder).map_err(failed)?;
    remove_stale(folder);
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: readable by those whom the umask lets.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.prefix(PREFIX).rand_bytes(RANDOM).tempfile_in(folder).map_err(failed)
}

/// Puts a file that [`create`] made at `path`.
pub(crate) fn commit(file: NamedTempFile, path: &Path) -> Result<(), JobError> {
    let failed = |source| JobError::Write { path: path.into(), source };
    let path = behind_links(path);
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    File::open(folder(&path)).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// Takes away what killed processes left in `folder`. What cannot be taken away is left: it is in nobody's way.
fn remove_stale(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).unwrap_or_default();
        let is_ours = random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_old = |file: std::fs::Metadata| {
            file.is_file() && file.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| STALE < age))
        };
        if is_ours && entry.metadata().is_ok_and(is_old) {
            // Another run may have been quicker.
            let _ = std::fs::remove_file(entry.path());
        }
    }
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

/// The folder that the file at `path` lies in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_a_killed_process_left_goes_after_an_hour_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - 2 * STALE;
        for (name, time) in [
            (".churn-a1B2c3", old),
            (".churn-d4E5f6", SystemTime::now()),
            (".churn-notes.txt", old),
            (".churn-abcde", old),
            ("c.csv", old),
        ] {
            File::create(folder.path().join(name)).unwrap().set_modified(time).unwrap();
        }
        write(&folder.path().join("out.csv"), b"x").unwrap();
        let mut left: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, [".churn-abcde", ".churn-d4E5f6", ".churn-notes.txt", "c.csv", "out.csv"]);
    }

    #[test]
    fn files_that_belong_together_are_all_replaced_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let [card, model] = ["card", "model"].map(|name| folder.path().join(name));
        write_together(&[(&card, b"old"), (&model, b"old")]).unwrap();
        std::fs::remove_file(&model).unwrap();
        std::fs::create_dir(&model).unwrap();
        assert!(write_together(&[(&card, b"new"), (&model, b"new")]).is_err());
        assert_eq!(std::fs::read(&card).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file is left");
    }
}
