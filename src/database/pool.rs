//! Connections to the database, some of which may be dead or silent without anybody knowing.
//!
//! To ask a connection before each use would cost every statement a round trip. So:
//! - One that died while nobody used it, as all do when PostgreSQL is restarted, fails its first
//!   statement without an effect; that is run again, on another.
//! - One whose wire swallows everything never answers its statement. Whoever waits gives up, but
//!   the driver would wait until TCP does, and then lend the next one. So one that was given up is
//!   asked whether it answers, and if not, all connections are replaced.

use std::{
    fmt,
    future::Future,
    mem,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement,
    sqlx::{
        self, Connection as _, Executor as _,
        postgres::{PgConnection, PgPoolOptions},
    },
};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    Engine,
    connect::{Access, OnStatement},
};
use crate::{
    error::{DatabaseError, During as _},
    metrics,
};

/// How much longer than its longest statement a connection may take to answer.
const SLACK: Duration = Duration::from_secs(2);

/// How long connections that are given back are asked after somebody gave up: the one in question is
/// given back at once.
const SUSPICION: Duration = Duration::from_secs(5);

/// How old connections must be to be replaced because none of them is free. They may be silent where
/// nobody waits for them; if not, there are twice as many for a while.
const STARVED: Duration = Duration::from_secs(30);

/// How old connections must be to be replaced because they lead to a server that takes no writes: the
/// next ones may lead there too, until another takes its place.
const MIN_AGE_TO_REPLACE: Duration = Duration::from_secs(1);

/// How long connections have to end.
const CLOSING: Duration = Duration::from_secs(5);

/// Connections of one kind. Cloning it is cheap; the clones share them.
#[derive(Clone)]
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    recipe: Recipe,
    current: RwLock<Generation>,
}

/// How to connect.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) options: ConnectOptions,
    pub(super) access: Access,
    /// How long the database works on a statement at most, or is waited for.
    pub(super) longest: Duration,
    /// How many connections may have died by themselves: all, but none of SQLite's.
    pub(super) mortal: u32,
    pub(super) on_statement: Option<OnStatement>,
}

/// Connections that are replaced together.
#[derive(Clone)]
struct Generation {
    connection: DatabaseConnection,
    silence: Arc<Silence>,
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
    pub(super) async fn open(recipe: Recipe) -> Result<Self, DbErr> {
        let current = RwLock::new(recipe.begin(false).await?);
        Ok(Self(Arc::new(Shared { recipe, current })))
    }

    /// Where statements go now. What may be given up goes through [`Self::watched`].
    pub(super) async fn connection(&self) -> DatabaseConnection {
        self.generation().await.connection
    }

    /// Runs what may be repeated, a single SELECT or BEGIN, as often as there may be dead
    /// connections, and then once more, which is on a new one.
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
            match generation.silence.watched(run(connection)).await {
                Err(error) if error.connection_lost() && dead < self.0.recipe.mortal => dead += 1,
                result => {
                    if result.as_ref().is_err_and(DatabaseError::no_connection_was_free) {
                        generation.starved();
                    }
                    return result;
                }
            }
        }
    }

    /// Whether the server takes writes.
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
        match self.on_a_live_connection(ask).await?.as_str() {
            "off" => Ok(()),
            _ => Err(DatabaseError::read_only(DURING)),
        }
    }

    /// Has the connections replaced, since they lead to a server that takes no writes.
    fn replace(&self) {
        let now = self.now();
        if now.began.elapsed() > MIN_AGE_TO_REPLACE {
            now.silence.found.store(true, Ordering::Relaxed);
        }
    }

    /// Does work with connections of this pool, which is suspicious of them if nobody waits for its end.
    pub(super) async fn watched<T>(&self, work: impl Future<Output = T>) -> T {
        let silence = self.generation().await.silence;
        silence.watched(work).await
    }

    pub(super) fn engine(&self) -> Engine {
        Engine::of(&self.now().connection)
    }

    /// How many connections there are.
    pub(super) fn load(&self) -> metrics::Pool {
        let connection = self.now().connection;
        let (open, idle) = match connection.get_database_backend() {
            DbBackend::Sqlite => {
                let pool = connection.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = connection.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        metrics::Pool { in_use: (open as usize).saturating_sub(idle), idle }
    }

    pub(super) async fn close(&self) {
        drop(timeout(CLOSING, self.now().connection.close_by_ref()).await);
    }

    async fn generation(&self) -> Generation {
        let now = self.now();
        let found = &now.silence.found;
        if !found.load(Ordering::Relaxed) || !found.swap(false, Ordering::Relaxed) {
            return now;
        }
        tracing::warn!(
            "the database does not answer on its connections, or takes no writes; they are replaced"
        );
        let Ok(next) = self.0.recipe.begin(true).await else {
            return now;
        };
        let mut current = self.0.current.write().unwrap_or_else(PoisonError::into_inner);
        let last = mem::replace(&mut *current, next.clone());
        // Statements under way are still answered; it ends with the last of them.
        tokio::spawn(async move { drop(last.connection.close_by_ref().await) });
        next
    }

    fn now(&self) -> Generation {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Recipe {
    /// Connects; lazily, that is done by the first statement.
    pub(super) async fn connect(&self, lazily: bool) -> Result<DatabaseConnection, DbErr> {
        let mut options = self.options.clone();
        options.connect_lazy(lazily);
        let mut connection = sea_orm::Database::connect(options).await?;
        if let Some(callback) = self.on_statement.clone() {
            connection.set_metric_callback(move |info| callback(info));
        }
        Ok(connection)
    }

    async fn begin(&self, lazily: bool) -> Result<Generation, DbErr> {
        let silence = Arc::new(Silence {
            access: self.access,
            longest: self.longest,
            given_up: Mutex::default(),
            found: AtomicBool::new(false),
        });
        let mut recipe = self.clone();
        let asking = silence.clone();
        recipe.options.map_sqlx_postgres_pool_opts(move |options| asking.ask(options));
        Ok(Generation { connection: recipe.connect(lazily).await?, silence, began: Instant::now() })
    }
}

impl Generation {
    /// Has it replaced if it is old: none of its connections was free.
    fn starved(&self) {
        if self.connection.get_database_backend() == DbBackend::Postgres && self.began.elapsed() > STARVED {
            self.silence.found.store(true, Ordering::Relaxed);
        }
    }
}

/// What is known of connections that do not answer. SQLite's have no wire, and are never asked.
struct Silence {
    access: Access,
    longest: Duration,
    /// When somebody last gave up, and when that connection should have answered.
    given_up: Mutex<Option<(Instant, Instant)>>,
    /// Whether one was asked, and did not answer.
    found: AtomicBool,
}

impl Silence {
    async fn watched<T>(&self, work: impl Future<Output = T>) -> T {
        // Dropped in the other order: the suspicion is there before the connection is given back.
        let work = pin!(work);
        let mut watch = Watch { silence: Some(self), began: Instant::now() };
        let done = work.await;
        watch.silence = None;
        done
    }

    /// Lets connections that are given back be asked when there is reason to.
    fn ask(self: &Arc<Self>, options: PgPoolOptions) -> PgPoolOptions {
        let silence = self.clone();
        options.after_release(move |connection, _| {
            let silence = silence.clone();
            Box::pin(async move {
                let Some(by) = silence.answer_by() else {
                    return Ok(true);
                };
                let answered = timeout_at(by, silence.question(connection)).await;
                answered.unwrap_or_else(|_| {
                    silence.found.store(true, Ordering::Relaxed);
                    // It is closed without a word.
                    Err(sqlx::Error::PoolTimedOut)
                })
            })
        })
    }

    async fn question(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        match self.access {
            Access::Read => connection.ping().await?,
            // One that was given up while it began a transaction is still within it.
            _ => connection.execute("ROLLBACK").await.map(|_| ())?,
        }
        Ok(true)
    }

    /// By when a connection that is given back must answer, if it is asked at all.
    fn answer_by(&self) -> Option<Instant> {
        let now = Instant::now();
        let (given_up, answer_by) = (*self.given_up.lock().unwrap_or_else(PoisonError::into_inner))?;
        (now < given_up + SUSPICION).then(|| answer_by.max(now + SLACK))
    }
}

/// Work under way. What is dropped before its end was given up.
struct Watch<'a> {
    silence: Option<&'a Silence>,
    began: Instant,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(silence) = self.silence {
            // For one that had to wait for its connection this is too soon: at worst, connections that
            // are only slow are replaced.
            let answer_by = self.began + silence.longest + SLACK;
            let mut last = silence.given_up.lock().unwrap_or_else(PoisonError::into_inner);
            let answer_by = last.map_or(answer_by, |(_, before)| answer_by.max(before));
            *last = Some((Instant::now(), answer_by));
        }
    }
}
