//! Connections to the database, some of which may be dead or silent without anybody knowing.
//!
//! To ask a connection before each use would cost every statement a round trip. So:
//! - A connection that died while nobody used it, as all do when PostgreSQL is restarted, fails its
//!   first statement without an effect; the statement is run again, on another connection.
//! - A connection whose wire swallows everything never answers its statement. Whoever waits gives
//!   up, but the driver would wait until TCP does, and then lend the next such connection. So after
//!   somebody gave up, connections are [probed](liveness), and if one is silent, all are replaced.

mod liveness;

use std::{fmt, future::Future, mem, sync::Arc, time::Duration};

use parking_lot::RwLock;
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::time::{Instant, timeout};

use self::liveness::Liveness;
use super::{
    Engine,
    connect::{Access, OnStatement},
};
use crate::{
    error::{DatabaseError, During as _},
    metrics,
};

/// Minimum age of connections that are replaced because none of them is free. They may be silent
/// where nobody waits for them; if not, twice as many are open for a while.
const MIN_AGE_WHEN_STARVED: Duration = Duration::from_secs(30);

/// Minimum age of connections that are replaced because they lead to a server that takes no writes:
/// the next ones may lead there too, until another server takes its place.
const MIN_AGE_WHEN_READ_ONLY: Duration = Duration::from_secs(1);

/// Time that connections have to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections of one kind. Cloning it is cheap; the clones share them.
#[derive(Clone)]
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    config: PoolConfig,
    current: RwLock<Generation>,
}

/// Configuration of a pool.
#[derive(Clone)]
pub(super) struct PoolConfig {
    pub(super) options: ConnectOptions,
    pub(super) access: Access,
    /// Maximum time that the database works on a statement, or is waited for.
    pub(super) statement_time: Duration,
    /// Maximum number of connections that may have died unnoticed: all of PostgreSQL's, none of
    /// SQLite's.
    pub(super) max_dead: u32,
    pub(super) on_statement: Option<OnStatement>,
}

/// Connections that are replaced together.
#[derive(Clone)]
struct Generation {
    connection: DatabaseConnection,
    liveness: Arc<Liveness>,
    began: Instant,
}

/// The writer's connections, and the others, which lead to the same server.
#[derive(Clone, Debug)]
pub(super) struct Pools {
    pub(super) writer: Pool,
    pub(super) reader: Pool,
}

impl Pools {
    /// Has all connections replaced, since they lead to a server that takes no writes.
    pub(super) fn replace(&self) {
        self.writer.replace();
        self.reader.replace();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Pool {
    pub(super) async fn open(config: PoolConfig) -> Result<Self, DbErr> {
        let current = RwLock::new(config.open(false).await?);
        Ok(Self(Arc::new(Shared { config, current })))
    }

    /// Returns the connections for statements that begin now. Work that may be given up goes through
    /// [`Self::watched`].
    pub(super) async fn connection(&self) -> DatabaseConnection {
        self.generation().await.connection
    }

    /// Runs what may be repeated, a single SELECT or BEGIN, until it meets a live connection: as often
    /// as connections may be dead, and then once more, which is on a new one.
    pub(super) async fn on_a_live_connection<T, F>(
        &self,
        run: impl Fn(DatabaseConnection) -> F,
    ) -> Result<T, DatabaseError>
    where
        F: Future<Output = Result<T, DatabaseError>>,
    {
        let mut dead = 0;
        loop {
            let generation = self.generation().await;
            let connection = generation.connection.clone();
            match generation.liveness.watched(run(connection)).await {
                Err(error) if error.connection_lost() && dead < self.0.config.max_dead => dead += 1,
                result => {
                    if result.as_ref().is_err_and(DatabaseError::no_connection_was_free) {
                        generation.starved();
                    }
                    return result;
                }
            }
        }
    }

    /// Checks that the server takes writes.
    ///
    /// # Errors
    /// It does not, or failed.
    pub(super) async fn may_write(&self) -> Result<(), DatabaseError> {
        const DURING: &str = "asking whether writes are taken";
        if self.engine() == Engine::Sqlite {
            return Ok(());
        }
        let ask = |connection: DatabaseConnection| async move {
            let sql = "SELECT current_setting('transaction_read_only') AS answer";
            let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
            let row = row.during(DURING)?.ok_or_else(|| DatabaseError::internal(DURING, "no answer"))?;
            row.try_get::<String>("", "answer").during(DURING)
        };
        let is_read_only = self.on_a_live_connection(ask).await? != "off";
        if is_read_only { Err(DatabaseError::read_only(DURING)) } else { Ok(()) }
    }

    /// Has the connections replaced, since they lead to a server that takes no writes.
    fn replace(&self) {
        let now = self.now();
        if now.began.elapsed() > MIN_AGE_WHEN_READ_ONLY {
            now.liveness.condemn();
        }
    }

    /// Does work with connections of this pool. They are suspected if the work is dropped before its end.
    pub(super) async fn watched<T>(&self, work: impl Future<Output = T>) -> T {
        let liveness = self.generation().await.liveness;
        liveness.watched(work).await
    }

    pub(super) fn engine(&self) -> Engine {
        Engine::of(&self.now().connection)
    }

    /// Number of connections in use and idle.
    pub(super) fn load(&self) -> metrics::Pool {
        let connection = self.now().connection;
        let (open, idle) = match Engine::of(&connection) {
            Engine::Sqlite => {
                let pool = connection.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
            Engine::Postgres => {
                let pool = connection.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        metrics::Pool { in_use: (open as usize).saturating_sub(idle), idle }
    }

    pub(super) async fn close(&self) {
        drop(timeout(CLOSE_TIMEOUT, self.now().connection.close_by_ref()).await);
    }

    async fn generation(&self) -> Generation {
        let now = self.now();
        if !now.liveness.take_condemned() {
            return now;
        }
        tracing::warn!(
            "the database does not answer on its connections, or takes no writes; they are replaced"
        );
        let Ok(next) = self.0.config.open(true).await else {
            return now;
        };
        let last = mem::replace(&mut *self.0.current.write(), next.clone());
        // Statements under way are still answered; the old pool ends with the last of them.
        tokio::spawn(async move { drop(last.connection.close_by_ref().await) });
        next
    }

    fn now(&self) -> Generation {
        self.0.current.read().clone()
    }
}

impl PoolConfig {
    /// Connects; lazily, the first statement does so.
    pub(super) async fn connect(&self, lazily: bool) -> Result<DatabaseConnection, DbErr> {
        let mut options = self.options.clone();
        options.connect_lazy(lazily);
        let mut connection = sea_orm::Database::connect(options).await?;
        if let Some(callback) = self.on_statement.clone() {
            connection.set_metric_callback(move |info| callback(info));
        }
        Ok(connection)
    }

    async fn open(&self, lazily: bool) -> Result<Generation, DbErr> {
        let liveness = Arc::new(Liveness::new(self.access, self.statement_time));
        let mut config = self.clone();
        let probed = liveness.clone();
        config.options.map_sqlx_postgres_pool_opts(move |options| probed.probe_suspects(options));
        Ok(Generation { connection: config.connect(lazily).await?, liveness, began: Instant::now() })
    }
}

impl Generation {
    /// Has the connections replaced if they are old: none of them was free.
    fn starved(&self) {
        if Engine::of(&self.connection) == Engine::Postgres && self.began.elapsed() > MIN_AGE_WHEN_STARVED {
            self.liveness.condemn();
        }
    }
}
