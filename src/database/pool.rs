//! Connections to the database, some of which may be dead or silent without anybody knowing.
//!
//! To ask a connection before each use would cost every statement a round trip. So:
//! - One that died while nobody used it, as all do when PostgreSQL is restarted, fails its first
//!   statement without an effect; that is run again, on another.
//! - One whose wire swallows everything never answers its statement. Whoever waits gives up, but
//!   the driver would keep its place until TCP does, and then lend the next one. So for a while
//!   after somebody gave up, those that are given back or lent are asked whether they answer, and
//!   closed if they do not.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::{
    DatabaseConnection, DbBackend,
    sqlx::{
        self, Executor as _,
        postgres::{PgConnection, PgPoolOptions},
    },
};
use tokio::time::{Instant, timeout_at};

use crate::{error::DatabaseError, metrics};

/// How much longer than its longest statement a connection may take to answer.
const SLACK: Duration = Duration::from_secs(2);

/// How long connections are asked after the one that somebody gave up should have answered: by then
/// it has been given back, and those beside it lent.
const SUSPICION: Duration = Duration::from_secs(5);

/// Connections of one kind. Cloning it is cheap; the clones share them.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    connection: DatabaseConnection,
    silence: Silence,
}

impl Pool {
    pub(super) fn new(connection: DatabaseConnection, silence: Silence) -> Self {
        Self { connection, silence }
    }

    /// Where its statements go. What may be given up goes through [`Self::watched`].
    pub(super) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Runs what may be repeated, a single SELECT or BEGIN, as often as there may be dead
    /// connections, and then once more, which is on a new one.
    pub(super) async fn on_a_live_connection<T, F>(&self, run: impl Fn() -> F) -> Result<T, DatabaseError>
    where
        F: Future<Output = Result<T, DatabaseError>>,
    {
        self.watched(async {
            for _ in 0..self.largest() {
                match run().await {
                    Err(error) if error.connection_lost() => {}
                    result => return result,
                }
            }
            run().await
        })
        .await
    }

    /// Does work with connections of this pool, which is suspicious of them if nobody waits for its end.
    pub(super) async fn watched<T>(&self, work: impl Future<Output = T>) -> T {
        // Dropped in the other order: the suspicion is there before the connection is given back.
        let work = pin!(work);
        let mut watch = Watch { silence: Some(&self.silence), began: Instant::now() };
        let done = work.await;
        watch.silence = None;
        done
    }

    /// How many connections there are.
    pub(super) fn load(&self) -> metrics::Pool {
        let (open, idle) = match self.connection.get_database_backend() {
            DbBackend::Sqlite => {
                let pool = self.connection.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = self.connection.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        metrics::Pool { in_use: (open as usize).saturating_sub(idle), idle }
    }

    pub(super) async fn close(&self) {
        drop(self.connection.close_by_ref().await);
    }

    /// How many connections there are at most. None of SQLite's can die by itself.
    fn largest(&self) -> u32 {
        match self.connection.get_database_backend() {
            DbBackend::Postgres => {
                self.connection.get_postgres_connection_pool().options().get_max_connections()
            }
            _ => 0,
        }
    }
}

/// What a pool and its connections know of those that do not answer.
#[derive(Clone, Debug)]
pub(super) struct Silence {
    /// How long the database works on a statement at most, or is waited for.
    longest: Duration,
    /// When the last one that was given up should have answered.
    answer_by: Arc<Mutex<Option<Instant>>>,
}

impl Silence {
    pub(super) fn new(longest: Duration) -> Self {
        Self { longest, answer_by: Arc::default() }
    }

    /// Lets a pool of PostgreSQL's close what does not answer. SQLite has no wire.
    pub(super) fn close_silent(&self, options: PgPoolOptions) -> PgPoolOptions {
        let (given_back, lent) = (self.clone(), self.clone());
        options
            .after_release(move |connection, _| {
                let answer_by = given_back.suspected().map(|by| by.max(Instant::now() + SLACK));
                Box::pin(answers(connection, answer_by))
            })
            .before_acquire(move |connection, _| {
                let answer_by = lent.suspected().map(|_| Instant::now() + SLACK);
                Box::pin(answers(connection, answer_by))
            })
    }

    /// When the connection that somebody gave up should have answered, if that is not long ago.
    fn suspected(&self) -> Option<Instant> {
        let answer_by = *self.answer_by.lock().unwrap_or_else(PoisonError::into_inner);
        answer_by.filter(|by| Instant::now() < *by + SUSPICION)
    }
}

/// Whether a connection answers in time, if it has to at all. An error closes it without a word.
async fn answers(connection: &mut PgConnection, by: Option<Instant>) -> Result<bool, sqlx::Error> {
    if let Some(by) = by {
        // One that was given up while it began a transaction is still within it.
        let answered = timeout_at(by, connection.execute("ROLLBACK")).await;
        answered.map_err(|_| sqlx::Error::PoolTimedOut)??;
    }
    Ok(true)
}

/// Work under way. What is dropped before its end was given up.
struct Watch<'a> {
    silence: Option<&'a Silence>,
    began: Instant,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(silence) = self.silence {
            let answer_by = self.began + silence.longest + SLACK;
            let mut last = silence.answer_by.lock().unwrap_or_else(PoisonError::into_inner);
            *last = last.max(Some(answer_by));
        }
    }
}
