//! One writer a folder: files that belong together are put into a folder under its lock.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::JobError;

/// How long another writer is waited for. Files are written in far less; the work before, such as a training, is done
/// without the lock, so that nobody waits for it.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// The right to write into a folder, until it is dropped. It is on the folder itself, so that no file is left behind, and
/// ends with the process, however that ends.
pub(crate) struct FolderLock {
    _folder: File,
}

impl FolderLock {
    /// Makes the folder where it is missing, and waits for another writer, but not for long.
    pub(crate) fn take(folder: &Path) -> Result<Self, JobError> {
        let failed = |source| JobError::Write { path: folder.into(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let file = File::open(folder).map_err(failed)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _folder: file }),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(JobError::Busy { folder: folder.into() }),
            }
        }
    }
}
