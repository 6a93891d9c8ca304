//! Reasons why a backup is not made, or not put in place.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use crate::database::OpenError;

/// Reason why a backup is not made, or not put in place, in a line that says how to mend it.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each means")]
pub enum BackupError {
    #[error(
        "PostgreSQL has its own backups: use pg_dump and pg_restore, or archive its log; after a restore run \
         `contacts-gateway new-epoch`"
    )]
    Postgres,
    #[error("{} exists already; give another name, or remove it first", .0.display())]
    Exists(PathBuf),
    #[error("{} is the database itself; name a backup", .0.display())]
    Itself(PathBuf),
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    #[error("{} is not a database of contacts-gateway; nothing was changed", .0.display())]
    Foreign(PathBuf),
    #[error("{} is damaged ({verdict}); nothing was changed", .path.display())]
    Damaged { path: PathBuf, verdict: String },
    #[error("the name of {} is not UTF-8; give another one", .0.display())]
    Name(PathBuf),
    #[error("{} would take about {needed} MiB, and its disk has {free} MiB left", .path.display())]
    NoRoom { path: PathBuf, needed: u64, free: u64 },
    #[error("{} cannot be {done}: {cause}", .path.display())]
    File { path: PathBuf, done: &'static str, cause: io::Error },
    #[error("SQLite cannot read {}: {cause}", .path.display())]
    Sqlite { path: PathBuf, cause: rusqlite::Error },
    #[error("a fault of this program; nothing was changed")]
    Panic,
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl BackupError {
    pub(super) fn sqlite(path: &Path, cause: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign(path),
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, verdict: cause.to_string() },
            Some(ErrorCode::CannotOpen) if !path.exists() => Self::Missing(path),
            _ => Self::Sqlite { path, cause },
        }
    }

    pub(super) fn file(path: &Path, done: &'static str, cause: io::Error) -> Self {
        Self::File { path: path.to_owned(), done, cause }
    }
}
