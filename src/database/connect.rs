//! Opening the store on either engine: its settings, its version, its migrations.

mod connector;
mod prepare;

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, SqlxSqliteConnector,
    metric::Info,
    sqlx::{
        self,
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};

use self::connector::{session, sqlite_options};
pub(super) use self::{
    connector::{Connector, MAX_PREPARED_READS, MAX_PREPARED_WRITES, SQLITE_BUSY_TIMEOUT, SQLITE_PRAGMAS},
    prepare::{migrate, prepare},
};
use super::{
    connection::Observers,
    lock::{self, FileLock, Files, LockError},
    pool::{Health, Limited, Pool},
    postgres::Servers,
    readers::Readers,
    sqlite,
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
    /// Returns the ORM's name of it.
    pub(super) fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }

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
    /// Maximum number of connections that read, of which one is for what belongs to no organization.
    pub readers: usize,
    /// Maximum number of connections that write to PostgreSQL. SQLite has one writer.
    pub writers: usize,
    /// Time after which PostgreSQL ends a read; `None` for no limit.
    pub read_time: Option<Duration>,
    /// Callback for each statement that ran.
    pub on_statement: Option<OnStatement>,
}

/// Callback for each statement that ran.
pub type OnStatement = Arc<dyn Fn(&Info<'_>) + Send + Sync>;

impl Options {
    /// Default of [`Self::readers`]: ten gateways with as many, and writers, fit into PostgreSQL's 100 connections.
    pub const DEFAULT_READERS: usize = 6;

    /// Default of [`Self::writers`].
    pub const DEFAULT_WRITERS: usize = 3;

    /// Returns the default options for this URL.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            readers: Self::DEFAULT_READERS,
            writers: Self::DEFAULT_WRITERS,
            read_time: None,
            on_statement: None,
        }
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
    #[error(
        "{} has several names (hard links), and each would have a log and a lock of its own; delete the other names, or \
         copy the database with `sqlite3 DATABASE \"VACUUM INTO 'COPY'\"`", .0.display()
    )]
    HardLinks(PathBuf),
    #[error("cannot open the database: {0}; check the --database-url, and that it can be read and written")]
    Connect(String),
    #[error("cannot connect to the PostgreSQL of --database-url: {0}")]
    Unreachable(String),
    #[error(
        "the database takes no writes, as a standby, and lacks {0}; start a gateway of this version on its primary \
         first"
    )]
    Standby(String),
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

/// The connections of a store, by purpose.
pub(super) struct Connections {
    pub(super) readers: Readers,
    /// For what belongs to no organization, and so waits behind none: keys, readiness, maintenance, and
    /// ending the statements of others.
    pub(super) system: Limited,
    pub(super) writers: Limited,
}

/// Number of connections for what belongs to no organization.
const SYSTEM_CONNECTIONS: usize = 1;

/// Minimum time limit of a batch. Without a limit, a database that has fallen silent would keep the
/// others of the queue waiting for ever.
const MIN_BATCH_TIME: Duration = Duration::from_secs(20);

/// Collation under which, on SQLite, texts of JSON values are equal when the values are.
pub const JSON_COLLATION: &str = "json_value";

/// The database that the options name. Its servers remember which of them served last, and how.
#[derive(Clone)]
pub(super) enum Target {
    Sqlite(Box<SqliteConnectOptions>, sqlite::File),
    Postgres(Arc<Servers>),
}

impl Target {
    /// Returns the files of SQLite, which may be deleted or replaced.
    pub(super) fn files(&self) -> Option<Arc<Files>> {
        match self {
            Self::Sqlite(_, file) => file.files().cloned(),
            Self::Postgres(_) => None,
        }
    }
}

/// Locks the database's file, if it is a file.
pub(super) fn lock(target: &Target) -> Result<Option<FileLock>, OpenError> {
    let Target::Sqlite(sqlite, _) = target else {
        return Ok(None);
    };
    let path = sqlite.get_filename();
    FileLock::take(path).map(Some).map_err(|error| unlocked(path, error))
}

fn unlocked(path: &Path, error: LockError) -> OpenError {
    let path = path.to_owned();
    match error {
        LockError::Held => OpenError::Locked(path),
        LockError::HardLinks(path) => OpenError::HardLinks(path),
        LockError::Failed(cause) => OpenError::Lock { path, cause },
    }
}

/// Returns the database that a URL names. A file is made if it is missing, and is known by its one path.
pub(super) fn target(url: &str) -> Result<Target, OpenError> {
    let target = parse(url)?;
    let Target::Sqlite(options, _) = target else {
        return Ok(target);
    };
    let path =
        lock::place(options.get_filename()).map_err(|error| unlocked(options.get_filename(), error))?;
    let file = sqlite::File::new(&path, url).watched(Files::of(&path));
    Ok(Target::Sqlite(Box::new(options.filename(path)), file))
}

/// Connects, checks the engine's version, and brings the tables up to date.
pub(super) async fn open(target: &Target, options: &Options) -> Result<Connections, OpenError> {
    prepare(target, options).await?;
    let writers = match target {
        Target::Sqlite(..) => 1,
        Target::Postgres(_) => options.writers,
    };
    let health = Health::default();
    let observers = Observers { on_statement: options.on_statement.clone(), ..Observers::default() };
    let pool = |access, control| {
        Pool::new(Connector::new(target, options, access, observers.clone()), health.clone(), control)
    };
    let system = Limited::new(pool(Access::Read, None), SYSTEM_CONNECTIONS);
    let writers = Limited::new(pool(Access::Write, Some(system.clone())), writers);
    let read = pool(Access::Read, Some(system.clone()));
    for pool in [system.pool(), writers.pool(), &read] {
        pool.warm_up().await.map_err(|error| OpenError::Connect(error.cause().to_string()))?;
    }
    let readers = Readers::new(read, options.readers.saturating_sub(SYSTEM_CONNECTIONS).max(1));
    Ok(Connections { readers, system, writers })
}

/// Opens one connection, for a moment.
pub(super) async fn connect(target: &Target, options: &Options) -> Result<DatabaseConnection, OpenError> {
    let failed = |error: sqlx::Error| OpenError::Connect(error.to_string());
    let mut connection = match target {
        Target::Sqlite(sqlite, _) => {
            // As on PostgreSQL, the driver looks after nothing by itself.
            let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
            let pool = pool.connect_with(sqlite_options(sqlite.as_ref().clone())).await.map_err(failed)?;
            SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)
        }
        Target::Postgres(servers) => servers.pool(session(options, Access::Prepare)).await?,
    };
    if let Some(callback) = options.on_statement.clone() {
        connection.set_metric_callback(move |info| callback(info));
    }
    Ok(connection)
}

/// The purpose of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
    /// Migrations, which may take their time.
    Prepare,
}

/// Reads a database URL. It is checked here, because sea-orm panics on one that it cannot read.
pub(super) fn parse(url: &str) -> Result<Target, OpenError> {
    let bad = |error: sea_orm::sqlx::Error| OpenError::Url(error.to_string());
    if url.starts_with("sqlite:") {
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(OpenError::Url("a database in memory would be lost".to_owned()));
        }
        let options = SqliteConnectOptions::from_str(url).map_err(bad)?;
        if options.get_filename().as_os_str().is_empty() {
            return Err(OpenError::Url("it names no file".to_owned()));
        }
        let file = sqlite::File::new(options.get_filename(), url);
        Ok(Target::Sqlite(Box::new(options), file))
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Servers::parse(url).map(|servers| Target::Postgres(Arc::new(servers)))
    } else {
        Err(OpenError::Url("its scheme is neither sqlite nor postgres".to_owned()))
    }
}
