//! The file of a database, and the settings of connections to it.

use std::{path::Path, sync::Arc};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use url::form_urlencoded;

use crate::database::{
    checkpoint,
    connect::{
        Access, JSON_COLLATION, MAX_PREPARED_READS, MAX_PREPARED_WRITES, SQLITE_BUSY_TIMEOUT, SQLITE_PRAGMAS,
    },
    connection::{STEPS_BETWEEN_QUESTIONS, Work},
    json,
    lock::Files,
};

/// A file of SQLite, and how it is opened.
#[derive(Clone, Debug)]
pub(in crate::database) struct File {
    /// Path, or a URI if it cannot be opened by its path alone.
    name: String,
    flags: OpenFlags,
    /// Name of the layer between SQLite and the operating system, if it is not the default one.
    vfs: Option<String>,
    /// Tells whether the file is still in its place.
    files: Option<Arc<Files>>,
}

impl File {
    /// Returns the file that a database URL names. The driver that writes has read its path out of it, and
    /// checked the parameters, to which it gives the same meaning.
    pub(in crate::database) fn new(path: &Path, url: &str) -> Self {
        let (mut read_only, mut shared_cache, mut immutable, mut vfs) = (false, false, false, None);
        let (_, parameters) = url.split_once('?').unwrap_or_default();
        for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
            match (&*name, &*value) {
                ("mode", "ro") => read_only = true,
                ("cache", cache) => shared_cache = cache == "shared",
                ("immutable", answer) => immutable = matches!(answer, "true" | "1"),
                ("vfs", name) => vfs = Some(name.to_owned()),
                _ => {}
            }
        }
        let access = if read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            // Its settings do not let it write, but the log has an index that readers write too.
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        let cache = if shared_cache {
            OpenFlags::SQLITE_OPEN_SHARED_CACHE
        } else {
            OpenFlags::SQLITE_OPEN_PRIVATE_CACHE
        };
        // One thread uses it, so that it needs no lock.
        let flags = access | cache | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = path.to_string_lossy();
        let name = if immutable {
            format!("file:{}?immutable=1", utf8_percent_encode(&path, NON_ALPHANUMERIC))
        } else {
            path.into_owned()
        };
        Self { name, flags, vfs, files: None }
    }

    /// Returns the same file, which is opened only as long as it is in its place.
    pub(in crate::database) fn watched(self, files: Files) -> Self {
        Self { files: Some(Arc::new(files)), ..self }
    }

    /// Returns its files, if they are watched.
    pub(in crate::database) fn files(&self) -> Option<&Arc<Files>> {
        self.files.as_ref()
    }

    /// Opens a connection for one purpose, and has what it does watched.
    pub(super) fn open(&self, access: Access, work: &Arc<Work>) -> rusqlite::Result<Connection> {
        let connection = match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.name, self.flags, vfs.as_str())?,
            None => Connection::open_with_flags(&self.name, self.flags)?,
        };
        connection.busy_timeout(SQLITE_BUSY_TIMEOUT)?;
        // Or it would plan a prepared statement anew for each set of values: our indexes have literals, such as the
        // `64` of `substr(…, 1, 64)`, and a value might be the same. None of ours is.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        for (name, value) in SQLITE_PRAGMAS {
            connection.pragma_update(None, name, value)?;
        }
        if access == Access::Read {
            connection.pragma_update(None, "query_only", "ON")?;
            connection.set_prepared_statement_cache_capacity(MAX_PREPARED_READS);
        } else {
            // Its commits do not stop for checkpoints, which have a task of their own.
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            connection.pragma_update(None, "journal_size_limit", checkpoint::KEPT_BYTES)?;
            connection.set_prepared_statement_cache_capacity(MAX_PREPARED_WRITES);
        }
        connection.create_collation(JSON_COLLATION, json::compare)?;
        let mut goes_on = work.watch();
        connection.progress_handler(STEPS_BETWEEN_QUESTIONS, Some(move || !goes_on()))?;
        Ok(connection)
    }
}
