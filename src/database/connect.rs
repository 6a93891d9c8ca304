//! Opening the store on either engine: its settings, its version, its migrations.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement,
    metric::Info,
    sqlx::{
        Connection as _,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{
    deadlines::READ_TIME,
    json,
    lock::{FileLock, LockError},
    pool::{Pool, Recipe},
};

/// Which engine keeps the data.
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
            _ => Self::Postgres,
        }
    }
}

/// Where the data is, and how to reach it.
#[derive(Clone)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub url: String,
    /// How many connections read; those that write are the writer's own.
    pub readers: u32,
    /// How long PostgreSQL works on a read; `None`: as long as it takes.
    pub read_time: Option<Duration>,
    /// Called with each statement that ran.
    pub on_statement: Option<OnStatement>,
}

/// Called with each statement that ran.
pub type OnStatement = Arc<dyn Fn(&Info<'_>) + Send + Sync>;

impl Options {
    /// The usual settings for this URL.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), readers: 8, read_time: None, on_statement: None }
    }

    /// How long a batch may take, and then its commit: no shorter than any caller waits.
    pub(super) fn batch_time(&self) -> Duration {
        self.read_time.unwrap_or_default().max(BATCH_TIME)
    }
}

impl std::fmt::Debug for Options {
    /// Leaves the URL out: it may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("readers", &self.readers).finish_non_exhaustive()
    }
}

/// Why a store cannot be opened, in a line that says how to mend it.
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

/// SQLite has one writer; PostgreSQL takes several organizations' batches at once.
pub(super) const POSTGRES_WRITERS: u32 = 6;

const STATEMENT_CACHE: usize = 512;

/// The least time of a batch. A database that has fallen silent would otherwise keep the others of its
/// queue waiting for ever.
const BATCH_TIME: Duration = Duration::from_secs(20);

/// On SQLite, texts of JSON values are equal under it when the values are.
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
        Target::Postgres => POSTGRES_WRITERS,
    };
    prepare(options).await?;
    let writer = pool(options, writers, Access::Write).await?;
    let reader = pool(options, options.readers, Access::Read).await?;
    Ok(Connections { reader, writer })
}

/// Brings the tables up to date, on a connection of its own, which nothing hurries.
async fn prepare(options: &Options) -> Result<(), OpenError> {
    let connection = connect(options, Access::Prepare).await?;
    check_version(&connection).await?;
    migrate(&connection).await?;
    optimize(&connection).await?;
    connection.close().await.map_err(|error| OpenError::Connect(error.to_string()))
}

async fn pool(options: &Options, connections: u32, access: Access) -> Result<Pool, OpenError> {
    let opened = Pool::open(recipe(options, connections, access)?).await;
    opened.map_err(|error| OpenError::Connect(error.to_string()))
}

/// One connection, for a moment.
pub(super) async fn connect(options: &Options, access: Access) -> Result<DatabaseConnection, OpenError> {
    let connection = recipe(options, 1, access)?.connect(false).await;
    connection.map_err(|error| OpenError::Connect(error.to_string()))
}

/// Lets SQLite see what its tables have grown to, from a sample of their rows. Without that it
/// takes an organization for some ten contacts, and reads a list through where it could look up.
async fn optimize(writer: &DatabaseConnection) -> Result<(), OpenError> {
    if writer.get_database_backend() == DbBackend::Sqlite {
        let sql = "PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002";
        writer.execute_unprepared(sql).await.map_err(|error| OpenError::Connect(error.to_string()))?;
    }
    Ok(())
}

/// What connections are for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Access {
    Read,
    Write,
    /// Migrations, which may take their time.
    Prepare,
}

/// At most so many connections.
///
/// A connection of SQLite's that the driver believes within a transaction is not used again. On a
/// full disk SQLite rolls back by itself, and the driver, whose own ROLLBACK is refused then, would
/// begin no further transaction but savepoints, in one that nobody commits.
fn recipe(options: &Options, connections: u32, access: Access) -> Result<Recipe, OpenError> {
    // What PostgreSQL itself ends, and how long a statement takes at most.
    let (limit, longest) = match access {
        Access::Read => (options.read_time, options.read_time.unwrap_or(READ_TIME)),
        Access::Write => (Some(options.batch_time()), options.batch_time()),
        Access::Prepare => (None, options.batch_time()),
    };
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .connect_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false);
    let mortal = match parse(&options.url)? {
        Target::Sqlite(_) => {
            connect.idle_timeout(None).max_lifetime(None);
            connect.map_sqlx_sqlite_opts(move |options| sqlite_options(options, access));
            connect.map_sqlx_sqlite_before_acquire(|connection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(usable) })
            });
            0
        }
        Target::Postgres => {
            connect.map_sqlx_postgres_opts(move |options| postgres_options(options, limit));
            connections
        }
    };
    Ok(Recipe { options: connect, access, longest, mortal, on_statement: options.on_statement.clone() })
}

/// The server works on a statement for no longer than somebody waits for it, nor does it wait longer
/// for the next one of a transaction, which holds an organization's clock.
fn postgres_options(options: PgConnectOptions, limit: Option<Duration>) -> PgConnectOptions {
    let options = options
        .application_name("contacts-gateway")
        .statement_cache_capacity(STATEMENT_CACHE)
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
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .statement_cache_capacity(STATEMENT_CACHE)
        .row_buffer_size(128)
        .collation(JSON_COLLATION, json::compare)
        .pragma("trusted_schema", "OFF")
        .pragma("mmap_size", "0");
    match access {
        Access::Read => options.pragma("query_only", "ON"),
        Access::Write | Access::Prepare => options,
    }
}

/// Checked first, because sea-orm panics on a URL that it cannot read.
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
        url::Url::parse(url).map_err(|error| OpenError::Url(error.to_string()))?;
        PgConnectOptions::from_str(url).map(|_| Target::Postgres).map_err(bad)
    } else {
        Err(OpenError::Url("its scheme is neither sqlite nor postgres".to_owned()))
    }
}

/// SQLite 3.7.0 to 3.51.2 can corrupt a database in WAL mode; PostgreSQL is tested from 14 on.
async fn check_version(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let backend = connection.get_database_backend();
    let question = match backend {
        DbBackend::Sqlite => "SELECT sqlite_version() AS version",
        _ => "SELECT current_setting('server_version') AS version",
    };
    let version: String = connection
        .query_one_raw(Statement::from_string(backend, question))
        .await
        .and_then(|row| row.ok_or_else(|| DbErr::Custom("no answer".to_owned())))
        .and_then(|row| row.try_get("", "version"))
        .map_err(|error| OpenError::Connect(error.to_string()))?;
    match backend {
        DbBackend::Sqlite if numbers(&version) < vec![3, 51, 3] => Err(OpenError::SqliteVersion(version)),
        DbBackend::Postgres if numbers(&version) < vec![14] => Err(OpenError::PostgresVersion(version)),
        _ => Ok(()),
    }
}

fn numbers(version: &str) -> Vec<u32> {
    version.split(|c: char| !c.is_ascii_digit()).map_while(|part| part.parse().ok()).collect()
}

/// Applies the migrations that are missing.
///
/// Several replicas may start at once. PostgreSQL lets the one that comes second wait for the
/// first, and then refuses what is there already: first the table that lists the migrations, then
/// those of the migrations. After each it looks again, until nothing is left to do.
pub(super) async fn migrate(connection: &DatabaseConnection) -> Result<(), OpenError> {
    // Each migration may be lost to another replica once, and so may the table that lists them.
    let mut attempts = 3 * (Migrator::get_migration_files().len() + 1);
    loop {
        attempts -= 1;
        match migrate_once(connection).await {
            Err(OpenError::Migrate(_)) if attempts > 0 => {}
            result => return result,
        }
    }
}

async fn migrate_once(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let failed = |error: DbErr| OpenError::Migrate(error.to_string());
    let known = Migrator::get_migration_files();
    for applied in Migrator::get_migration_models(connection).await.map_err(failed)? {
        if !known.iter().any(|migration| migration.name() == applied.version) {
            // Names begin with their day, and the first migration was redrawn until the first release.
            let is_older = known.first().is_some_and(|first| applied.version.as_str() < first.name());
            let unknown = if is_older { OpenError::Development } else { OpenError::Newer };
            return Err(unknown(applied.version));
        }
    }
    Migrator::up(connection, None).await.map_err(failed)
}
