//! Backups of an SQLite database, and putting one in place.
//!
//! A copy of the file alone lacks the newest rows, which are in the log beside it. So SQLite itself writes the copy,
//! as of one moment, whoever writes meanwhile.

mod error;
mod file;

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};
use tokio::task::spawn_blocking;

pub use self::error::BackupError;
use self::file::Partial;
use super::{
    Options,
    connect::{self, SQLITE_BUSY_TIMEOUT, Target},
    lock::beside,
    sqlite::File,
    store,
};
use crate::clock::now_ms;

/// Tables by which a database of this program is known.
const TABLES: &str = "'seaql_migrations', 'store', 'change_clock', 'contact'";

/// Result of putting a backup in place.
#[derive(Debug)]
pub struct Restored {
    /// Path of the database.
    pub database: PathBuf,
    /// Path under which the database that was there is kept.
    pub replaced: Option<PathBuf>,
}

/// Copies the database into a new file that only its owner can read, and returns the size of the file in bytes. The
/// copy has been checked and is on the disk when this returns; if it fails, no file is left.
///
/// # Errors
/// See [`BackupError`].
pub async fn back_up(options: &Options, file: PathBuf) -> Result<u64, BackupError> {
    let Target::Sqlite(sqlite, _) = connect::parse(&options.url)? else {
        return Err(BackupError::Postgres);
    };
    let database = sqlite.get_filename().to_owned();
    blocking(move || {
        if fs::symlink_metadata(&file).is_ok() {
            return Err(BackupError::Exists(file));
        }
        // The log grows while the copy is written.
        let needed = size(&database) + 2 * size(&beside(&database, "-wal"));
        file::check_room(&file, needed)?;
        let partial = Partial::beside(&file)?;
        copy(&database, partial.path())?;
        check(partial.path())?;
        let bytes = size(partial.path());
        partial.become_new(&file)?;
        Ok(bytes)
    })
    .await
}

/// Puts a backup in the place of the database, which is kept under another name, and renews the epoch. If it fails,
/// the database is as it was.
///
/// # Errors
/// See [`BackupError`].
pub async fn restore(options: &Options, backup: PathBuf) -> Result<Restored, BackupError> {
    if let Target::Postgres(_) = connect::parse(&options.url)? {
        return Err(BackupError::Postgres);
    }
    // What a link leads to is replaced, not the link.
    let target = connect::target(&options.url)?;
    let Target::Sqlite(sqlite, _) = &target else {
        return Err(BackupError::Postgres);
    };
    let database = sqlite.get_filename().to_owned();
    // No server runs now, and none starts before this ends.
    let _lock = connect::lock(&target)?;
    let partial = {
        let database = database.clone();
        let prepare = move || {
            if is_same_file(&backup, &database) {
                return Err(BackupError::Itself(backup));
            }
            check(&backup)?;
            file::check_room(&database, size(&backup))?;
            let partial = Partial::beside(&database)?;
            copy(&backup, partial.path())?;
            Ok(partial)
        };
        blocking(prepare).await?
    };
    let copied = Target::Sqlite(
        Box::new(sqlite.as_ref().clone().filename(partial.path())),
        File::new(partial.path(), ""),
    );
    // It refuses a backup that is newer than this program.
    store::renew_epoch(&copied, options).await?;
    blocking(move || {
        fold_log(partial.path())?;
        let replaced = set_aside(&database)?;
        partial.replace(&database)?;
        Ok(Restored { database, replaced })
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    spawn_blocking(work).await.map_err(|_| BackupError::Panic)?
}

/// Opens a file that exists.
fn open(path: &Path) -> Result<Connection, BackupError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(SQLITE_BUSY_TIMEOUT)?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        Ok(connection)
    });
    opened.map_err(|cause| BackupError::sqlite(path, cause))
}

/// Writes the database at `from`, as it is at one moment, into the empty file at `to`.
fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    let connection = open(from)?;
    let to = to.to_str().ok_or_else(|| BackupError::Name(to.to_owned()))?;
    connection.execute("VACUUM INTO ?1", [to]).map(drop).map_err(|cause| BackupError::sqlite(from, cause))
}

/// Checks that a file is a sound database of this program.
fn check(path: &Path) -> Result<(), BackupError> {
    let connection = open(path)?;
    let failed = |cause| BackupError::sqlite(path, cause);
    let tables = format!("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ({TABLES})");
    let tables: i64 = connection.query_row(&tables, [], |row| row.get(0)).map_err(failed)?;
    if tables != 4 {
        return Err(BackupError::Foreign(path.to_owned()));
    }
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if verdict == "ok" {
        return Ok(());
    }
    let verdict = verdict.lines().last().unwrap_or_default().to_owned();
    Err(BackupError::Damaged { path: path.to_owned(), verdict })
}

/// Writes the log of a database that nobody uses into it, so that the file is all of it.
fn fold_log(path: &Path) -> Result<(), BackupError> {
    let failed = |cause| BackupError::sqlite(path, cause);
    let connection = open(path)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(failed)?;
    // Closing the last connection deletes the log.
    connection.close().map_err(|(_, cause)| failed(cause))
}

/// Gives the database that is there another name. Returns it, or `None` if there is no database.
fn set_aside(database: &Path) -> Result<Option<PathBuf>, BackupError> {
    // One that was missing has been made empty.
    if size(database) == 0 {
        return Ok(None);
    }
    // A damaged one is kept with its log, as it is.
    drop(fold_log(database));
    let time = DateTime::<Utc>::from_timestamp_millis(now_ms()).unwrap_or_default();
    let aside = beside(database, &format!(".replaced-{}", time.format("%Y%m%dT%H%M%S%3fZ")));
    // The log first: SQLite would take it for that of the file that comes in the database's place.
    for suffix in ["-wal", "-shm"] {
        let log = beside(database, suffix);
        if fs::symlink_metadata(&log).is_ok() {
            file::rename(&log, &beside(&aside, suffix))?;
        }
    }
    file::link(database, &aside)?;
    Ok(Some(aside))
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Returns the size of a file in bytes, 0 if there is none.
fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}
