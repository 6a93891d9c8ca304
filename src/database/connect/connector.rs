//! Connections for one purpose, with the settings that it needs.

use std::{sync::Arc, time::Duration};

use sea_orm::sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{Access, Engine, JSON_COLLATION, Options, Target};
use crate::{
    database::{
        connection::{Connection, Observers},
        json,
        postgres::{Servers, Session},
        sqlite,
    },
    error::{DatabaseError, During as _},
};

/// Maximum number of prepared statements that a connection that reads keeps. A client's filters have texts of
/// their own, and PostgreSQL may take a megabyte for one.
pub(in crate::database) const MAX_PREPARED_READS: usize = 64;

/// Maximum number of prepared statements that a connection that writes keeps: their texts are ours.
pub(in crate::database) const MAX_PREPARED_WRITES: usize = 512;

/// Maximum time that a statement waits for SQLite's locks. The command line may be writing a key.
pub(in crate::database) const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Settings of all connections to SQLite.
pub(in crate::database) const SQLITE_PRAGMAS: [(&str, &str); 4] = [
    // SQLite checks them only if it is told to, on each connection.
    ("foreign_keys", "ON"),
    // An answered write survives a power cut.
    ("synchronous", "FULL"),
    // The schema of a file that comes from elsewhere must not call functions with side effects.
    ("trusted_schema", "OFF"),
    // An I/O error in mapped memory would end the process instead of failing a statement.
    ("mmap_size", "0"),
];

/// Opens connections for one purpose.
pub(in crate::database) struct Connector {
    target: ConnectorTarget,
    observers: Observers,
}

enum ConnectorTarget {
    Sqlite(sqlite::File, Access),
    Postgres(Arc<Servers>, Session),
}

impl Connector {
    pub(super) fn new(target: &Target, options: &Options, access: Access, observers: Observers) -> Self {
        let target = match target {
            Target::Sqlite(_, file) => ConnectorTarget::Sqlite(file.clone(), access),
            Target::Postgres(servers) => ConnectorTarget::Postgres(servers.clone(), session(options, access)),
        };
        Self { target, observers }
    }

    pub(in crate::database) fn engine(&self) -> Engine {
        match self.target {
            ConnectorTarget::Sqlite(..) => Engine::Sqlite,
            ConnectorTarget::Postgres(..) => Engine::Postgres,
        }
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// The database cannot be reached, or refuses.
    pub(in crate::database) async fn connect(&self) -> Result<Connection, DatabaseError> {
        const DURING: &str = "connecting";
        let observers = self.observers.clone();
        match &self.target {
            ConnectorTarget::Sqlite(file, access) => {
                in_place(file, Connection::sqlite(file.clone(), *access, observers).await.during(DURING))
            }
            ConnectorTarget::Postgres(servers, session) => {
                let opened = servers.connect(*session).await.map_err(|error| error.during(DURING))?;
                Ok(Connection::postgres(opened, servers.keeps_statements(), observers))
            }
        }
    }
}

/// Refuses a connection to a file that has come into the place of the one that the others have open.
fn in_place(
    file: &sqlite::File,
    connection: Result<Connection, DatabaseError>,
) -> Result<Connection, DatabaseError> {
    match file.files() {
        Some(files) if !files.database_is_in_place() => Err(DatabaseError::unreachable("connecting")),
        Some(_) | None => connection,
    }
}

/// Returns the settings of a session of PostgreSQL.
pub(super) fn session(options: &Options, access: Access) -> Session {
    match access {
        Access::Read => Session::reading(options.read_time, MAX_PREPARED_READS),
        Access::Write => Session::writing(options.batch_time(), MAX_PREPARED_WRITES),
        Access::Prepare => Session::preparing(MAX_PREPARED_WRITES),
    }
}

/// Returns the settings of a connection to SQLite by the library's driver, for migrations and checkpoints.
pub(super) fn sqlite_options(options: SqliteConnectOptions) -> SqliteConnectOptions {
    let mut options = options
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(SQLITE_BUSY_TIMEOUT)
        .statement_cache_capacity(MAX_PREPARED_WRITES)
        // Rows come from a thread of the driver's; each full buffer costs a switch.
        .row_buffer_size(128)
        .collation(JSON_COLLATION, json::compare)
        // The driver's log lines hold statements.
        .disable_statement_logging();
    for (name, value) in SQLITE_PRAGMAS {
        options = options.pragma(name, value);
    }
    options
}
