//! A database's file of SQLite as this process knows it: its one name, its permissions, a lock that keeps a second
//! writing process off, and whether it is still in its place.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// A lock on `<database>.lock`, held until it is dropped or its process ends, however it ends.
#[derive(Debug)]
pub(super) struct FileLock {
    _file: File,
}

/// Reason why a file cannot be used as a database, or not now.
#[derive(Debug)]
pub(super) enum LockError {
    /// Another process holds the lock.
    Held,
    /// The file has several names, each of which would have a log and a lock of its own.
    HardLinks(PathBuf),
    /// The database, or its lock file, cannot be made, opened or locked.
    Failed(io::Error),
}

impl FileLock {
    /// Takes the lock beside the path that [`place`] has returned, or returns at once why it cannot be taken.
    pub(super) fn take(database: &Path) -> Result<Self, LockError> {
        let path = beside(database, ".lock");
        let file = private().create(true).truncate(false).open(&path).map_err(LockError::Failed)?;
        restrict(&path);
        // A lock of the system, not the file's existence, which would outlive a process that was killed.
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held),
            Err(TryLockError::Error(error)) => Err(LockError::Failed(error)),
        }
    }
}

/// Returns the one path of a database's file, after all symbolic links. The file is made if it is missing; it and what
/// SQLite keeps beside it are for their owner alone.
pub(super) fn place(database: &Path) -> Result<PathBuf, LockError> {
    // Through a link whose file is missing, this makes the file and not another one beside the link.
    if !database.exists() {
        // Only then: closing a file that SQLite has open in this process would end SQLite's locks on it.
        private().create(true).truncate(false).open(database).map_err(LockError::Failed)?;
    }
    let path = fs::canonicalize(database).map_err(LockError::Failed)?;
    let found = fs::metadata(&path).map_err(LockError::Failed)?;
    if !found.is_file() {
        return Err(LockError::Failed(io::Error::other("it is not a file")));
    }
    if links(&found) > 1 {
        return Err(LockError::HardLinks(path));
    }
    // SQLite gives the permissions of the database to the files that it makes beside it.
    for suffix in ["", "-wal", "-shm"] {
        restrict(&beside(&path, suffix));
    }
    Ok(path)
}

/// The files of a database as they were when it was opened. Should one be deleted or replaced, what is written would be
/// lost with the deleted one.
#[derive(Debug)]
pub(super) struct Files {
    database: Watched,
    /// The write-ahead log, which exists from the first statement on.
    log: Watched,
    /// Index of the log, through which processes see what others have written to it.
    index: Watched,
}

impl Files {
    /// Remembers which file is there now.
    pub(super) fn of(database: &Path) -> Self {
        let files = Self {
            database: Watched::new(database.to_owned()),
            log: Watched::new(beside(database, "-wal")),
            index: Watched::new(beside(database, "-shm")),
        };
        files.database.is_in_place();
        files
    }

    /// Returns true if the database is the same file as before.
    pub(super) fn database_is_in_place(&self) -> bool {
        self.database.is_in_place()
    }

    /// Returns true if all are the same files as before. To be asked while a connection is open: the last one that is
    /// closed deletes the log.
    pub(super) fn are_in_place(&self) -> bool {
        [&self.database, &self.log, &self.index].into_iter().all(Watched::is_in_place)
    }
}

/// A file that must not change its identity once it has been seen.
#[derive(Debug)]
struct Watched {
    path: PathBuf,
    seen: OnceLock<Identity>,
}

/// Device and number of a file, which no other file has as long as this one is open.
type Identity = (u64, u64);

impl Watched {
    fn new(path: PathBuf) -> Self {
        Self { path, seen: OnceLock::new() }
    }

    fn is_in_place(&self) -> bool {
        match fs::metadata(&self.path) {
            Ok(found) => *self.seen.get_or_init(|| identity(&found)) == identity(&found),
            Err(_) => self.seen.get().is_none(),
        }
    }
}

/// Returns the path with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(path);
    path.push(suffix);
    path.into()
}

/// Returns options that make a file for its owner alone.
pub(super) fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes all permissions from everybody but the owner, if the file exists. Files of another owner, who lets this process
/// use them, stay as they are.
#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(found) = fs::metadata(path) else { return };
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0
        && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))
    {
        tracing::warn!(%error, "others may read the database: its permissions cannot be changed");
    }
}

#[cfg(not(unix))]
fn restrict(_path: &Path) {}

#[cfg(unix)]
fn links(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(found)
}

#[cfg(not(unix))]
fn links(_found: &Metadata) -> u64 {
    1
}

#[cfg(unix)]
fn identity(found: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (found.dev(), found.ino())
}

/// Always the same: other systems do not let a file that is open be deleted or replaced.
#[cfg(not(unix))]
fn identity(_found: &Metadata) -> Identity {
    (0, 0)
}
