//! Keeps a second writing process off an SQLite file.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// A lock on `<database>.lock`, held until it is dropped or its process ends, however it ends.
#[derive(Debug)]
pub(super) struct FileLock {
    _file: File,
}

/// Reason why a lock cannot be taken.
#[derive(Debug)]
pub(super) enum LockError {
    /// Another process holds it.
    Held,
    /// The lock file cannot be made or locked.
    Failed(io::Error),
}

impl FileLock {
    /// Takes the lock, or returns at once why it cannot be taken.
    pub(super) fn take(database: &Path) -> Result<Self, LockError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(PathBuf::from(path))
            .map_err(LockError::Failed)?;
        // A lock of the system, not the file's existence, which would outlive a process that was killed.
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held),
            Err(TryLockError::Error(error)) => Err(LockError::Failed(error)),
        }
    }
}
