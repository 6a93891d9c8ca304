//! Opening the store on either engine: its settings, its version, its migrations.

mod prepare;

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend,
    metric::Info,
    sqlx::{
        Connection as _,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

pub(super) use self::prepare::migrate;
use self::prepare::prepare;
use super::{
    deadlines::MAX_READ_TIME,
    json,
    lock::{FileLock, LockError},
    pool::{Pool, PoolConfig},
};

/// The database engine that keeps the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The SQLite in this binary.
    Sqlite,
    /// A PostgreSQL server, 14 or newer.
    Postgres,
}

impl Engine {
    pub(super) fn of(connection: &impl ConnectionTrait) -> Self {
        match connection.get_database_backend() {
            DbBackend::Sqlite => Self::Sqlite,
            // The library's enum is open, but no driver for another database is compiled in.
            _ => Self::Postgres,
        }
    }
}

/// Options for opening the store.
#[derive(Clone)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub url: String,
    /// Number of connections that read. The writer has its own.
    pub readers: u32,
    /// Time after which PostgreSQL ends a read; `None` for no limit.
    pub read_time: Option<Duration>,
    /// Callback for each statement that ran.
    pub on_statement: Option<OnStatement>,
}

/// Callback for each statement that ran.
pub type OnStatement = Arc<dyn Fn(&Info<'_>) + Send + Sync>;

impl Options {
    /// Returns the default options for this URL.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), readers: 8, read_time: None, on_statement: None }
    }

    /// Time limit of a batch, and again of its commit: no shorter than any caller waits.
    pub(super) fn batch_time(&self) -> Duration {
        self.read_time.unwrap_or_default().max(MIN_BATCH_TIME)
    }
}

impl std::fmt::Debug for Options {
    /// Leaves the URL out: it may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("readers", &self.readers).finish_non_exhaustive()
    }
}

/// Reason why a store cannot be opened, in a line that says how to mend it.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each means")]
pub enum OpenError {
    #[error(
        "the database URL cannot be used: {0}; give sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    Url(String),
    #[error("another process is writing to {}; stop it first, or give another --database-url", .0.display())]
    Locked(PathBuf),
    #[error("cannot lock {}: {cause}; check that its folder exists and can be written to", .path.display())]
    Lock { path: PathBuf, cause: std::io::Error },
    #[error("cannot open the database: {0}; check the --database-url, and that it can be read and written")]
    Connect(String),
    #[error("SQLite {0} can corrupt its log; build with the bundled one, 3.51.3 or newer")]
    SqliteVersion(String),
    #[error("PostgreSQL {0} is too old; use 14 or newer")]
    PostgresVersion(String),
    #[error("the database is newer than this program (it has had {0}); use a newer contacts-gateway")]
    Newer(String),
    #[error(
        "the database was made by a development version of this program (it has had {0}) and cannot be brought \
         up to date; give another --database-url, or empty this database"
    )]
    Development(String),
    #[error("the tables of the database cannot be brought up to date: {0}")]
    Migrate(String),
}

/// Reading and writing connections; the latter are the writer's.
pub(super) struct Connections {
    pub(super) reader: Pool,
    pub(super) writer: Pool,
}

/// Number of batches that PostgreSQL runs at once, each of another organization. SQLite has one
/// writer.
pub(super) const MAX_POSTGRES_WRITERS: u32 = 6;

/// Maximum number of prepared statements that a connection keeps.
const MAX_CACHED_STATEMENTS: usize = 512;

/// Minimum time limit of a batch. Without a limit, a database that has fallen silent would keep the
/// others of the queue waiting for ever.
const MIN_BATCH_TIME: Duration = Duration::from_secs(20);

/// Collation under which, on SQLite, texts of JSON values are equal when the values are.
pub const JSON_COLLATION: &str = "json_value";

enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres,
}

/// Locks the database's file, if it is a file.
pub(super) fn lock(options: &Options) -> Result<Option<FileLock>, OpenError> {
    let Target::Sqlite(sqlite) = parse(&options.url)? else {
        return Ok(None);
    };
    let path = sqlite.get_filename().to_owned();
    match FileLock::take(&path) {
        Ok(lock) => Ok(Some(lock)),
        Err(LockError::Held) => Err(OpenError::Locked(path)),
        Err(LockError::Failed(cause)) => Err(OpenError::Lock { path, cause }),
    }
}

/// Connects, checks the engine's version, and brings the tables up to date.
pub(super) async fn open(options: &Options) -> Result<Connections, OpenError> {
    let writers = match parse(&options.url)? {
        Target::Sqlite(_) => 1,
        Target::Postgres => MAX_POSTGRES_WRITERS,
    };
    prepare(options).await?;
    let writer = pool(options, writers, Access::Write).await?;
    let reader = pool(options, options.readers, Access::Read).await?;
    Ok(Connections { reader, writer })
}

async fn pool(options: &Options, connections: u32, access: Access) -> Result<Pool, OpenError> {
    let opened = Pool::open(config(options, connections, access)?).await;
    opened.map_err(|error| OpenError::Connect(error.to_string()))
}

/// Opens one connection, for a moment.
pub(super) async fn connect(options: &Options, access: Access) -> Result<DatabaseConnection, OpenError> {
    let connection = config(options, 1, access)?.connect(false).await;
    connection.map_err(|error| OpenError::Connect(error.to_string()))
}

/// The purpose of connections.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Access {
    Read,
    Write,
    /// Migrations, which may take their time.
    Prepare,
}

/// Returns the configuration of a pool of at most so many connections.
fn config(options: &Options, max_connections: u32, access: Access) -> Result<PoolConfig, OpenError> {
    // The time after which PostgreSQL itself ends a statement, and the time that one takes at most.
    let (limit, statement_time) = match access {
        Access::Read => (options.read_time, options.read_time.unwrap_or(MAX_READ_TIME)),
        Access::Write => (Some(options.batch_time()), options.batch_time()),
        Access::Prepare => (None, options.batch_time()),
    };
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .max_connections(max_connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .connect_timeout(Duration::from_secs(5))
        // The driver's log lines and spans hold statements.
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        // That would cost every statement a round trip: see `pool`.
        .test_before_acquire(false);
    let max_dead = match parse(&options.url)? {
        Target::Sqlite(_) => {
            // A connection to a file does not go stale, and a new one has to read the schema first.
            connect.idle_timeout(None).max_lifetime(None);
            connect.map_sqlx_sqlite_opts(move |options| sqlite_options(options, access));
            // On a full disk SQLite rolls back by itself. The driver, whose own ROLLBACK is refused
            // then, goes on believing in the transaction, and would begin only savepoints within it,
            // which nobody commits. So such a connection is not used again.
            connect.map_sqlx_sqlite_before_acquire(|connection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(usable) })
            });
            0
        }
        Target::Postgres => {
            connect.map_sqlx_postgres_opts(move |options| postgres_options(options, limit));
            max_connections
        }
    };
    let on_statement = options.on_statement.clone();
    Ok(PoolConfig { options: connect, access, statement_time, max_dead, on_statement })
}

/// Lets the server work on a statement for no longer than somebody waits for it, nor wait longer for
/// the next one of a transaction, which holds an organization's clock.
fn postgres_options(options: PgConnectOptions, limit: Option<Duration>) -> PgConnectOptions {
    let options = options
        .application_name("contacts-gateway")
        .statement_cache_capacity(MAX_CACHED_STATEMENTS)
        // Under REPEATABLE READ a snapshot would be older than the clock it waits for.
        .options([("default_transaction_isolation", "read committed")]);
    let Some(limit) = limit.map(|limit| limit.as_millis().to_string()) else {
        return options;
    };
    options.options([("statement_timeout", &limit), ("idle_in_transaction_session_timeout", &limit)])
}

fn sqlite_options(options: SqliteConnectOptions, access: Access) -> SqliteConnectOptions {
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An answered write survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        // The command line may be writing a key.
        .busy_timeout(Duration::from_secs(5))
        // SQLite checks them only if it is told to, on each connection.
        .foreign_keys(true)
        .statement_cache_capacity(MAX_CACHED_STATEMENTS)
        // Rows come from a thread of the driver's; each full buffer costs a switch.
        .row_buffer_size(128)
        .collation(JSON_COLLATION, json::compare)
        // The schema of a file that comes from elsewhere must not call functions with side effects.
        .pragma("trusted_schema", "OFF")
        // An I/O error in mapped memory would end the process instead of failing a statement.
        .pragma("mmap_size", "0");
    match access {
        Access::Read => options.pragma("query_only", "ON"),
        Access::Write | Access::Prepare => options,
    }
}

/// Reads a database URL. It is checked here, because sea-orm panics on one that it cannot read.
fn parse(url: &str) -> Result<Target, OpenError> {
    let bad = |error: sea_orm::sqlx::Error| OpenError::Url(error.to_string());
    if url.starts_with("sqlite:") {
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(OpenError::Url("a database in memory would be lost".to_owned()));
        }
        let options = SqliteConnectOptions::from_str(url).map_err(bad)?;
        if options.get_filename().as_os_str().is_empty() {
            return Err(OpenError::Url("it names no file".to_owned()));
        }
        Ok(Target::Sqlite(Box::new(options)))
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        // The library unwraps this.
        url::Url::parse(url).map_err(|error| OpenError::Url(error.to_string()))?;
        PgConnectOptions::from_str(url).map(|_| Target::Postgres).map_err(bad)
    } else {
        Err(OpenError::Url("its scheme is neither sqlite nor postgres".to_owned()))
    }
}
