//! Finding connections that do not answer any more.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use sea_orm::sqlx::{
    self, Connection as _, Executor as _,
    postgres::{PgConnection, PgPoolOptions},
};
use tokio::time::{Instant, timeout_at};

use crate::database::connect::Access;

/// Time that a connection has for an answer beyond the longest statement.
const MAX_ANSWER_DELAY: Duration = Duration::from_secs(2);

/// Time after somebody gave up during which connections that are given back are probed: the one in
/// question is given back at once.
const MAX_SUSPICION_TIME: Duration = Duration::from_secs(5);

/// The liveness of the connections of a pool. Those of SQLite have no wire, and are never probed.
pub(super) struct Liveness {
    access: Access,
    statement_time: Duration,
    last_abandoned: Mutex<Option<Abandoned>>,
    /// True if the connections are to be replaced: one was silent, or they lead to the wrong server.
    condemned: AtomicBool,
}

/// Work that was dropped before its end.
#[derive(Clone, Copy)]
struct Abandoned {
    at: Instant,
    /// Time by which the connection should have answered.
    answer_by: Instant,
}

impl Liveness {
    pub(super) fn new(access: Access, statement_time: Duration) -> Self {
        Self { access, statement_time, last_abandoned: Mutex::default(), condemned: AtomicBool::new(false) }
    }

    /// Has the connections replaced before the next statement.
    pub(super) fn condemn(&self) {
        self.condemned.store(true, Ordering::Relaxed);
    }

    /// Returns true if the connections are to be replaced; true for one caller only.
    pub(super) fn take_condemned(&self) -> bool {
        // Every statement comes by here: loading first spares them a write to shared memory.
        self.condemned.load(Ordering::Relaxed) && self.condemned.swap(false, Ordering::Relaxed)
    }

    /// Does work, and notes if it is given up.
    pub(super) async fn watched<T>(&self, work: impl Future<Output = T>) -> T {
        // Declared after the work, so dropped before it: the suspicion exists when the connection is
        // given back.
        let work = pin!(work);
        let mut watch = Watch { liveness: Some(self), began: Instant::now() };
        let done = work.await;
        watch.liveness = None;
        done
    }

    /// Lets connections be probed after somebody gave up: those that are given back, and those that were
    /// at rest and are lent before the one in question has had its time to answer.
    pub(super) fn probe_suspects(self: &Arc<Self>, options: PgPoolOptions) -> PgPoolOptions {
        let (released, lent) = (self.clone(), self.clone());
        options
            .after_release(move |connection, _| {
                let liveness = released.clone();
                Box::pin(async move {
                    match liveness.probe_deadline() {
                        Some(by) => liveness.probe_by(by, connection).await,
                        None => Ok(true),
                    }
                })
            })
            .before_acquire(move |connection, _| {
                let liveness = lent.clone();
                Box::pin(async move {
                    match liveness.probe_deadline() {
                        Some(_) => liveness.probe_by(Instant::now() + MAX_ANSWER_DELAY, connection).await,
                        None => Ok(true),
                    }
                })
            })
    }

    async fn probe_by(&self, by: Instant, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        timeout_at(by, self.probe(connection)).await.unwrap_or_else(|_| {
            self.condemn();
            // The driver closes a connection after an error without a word to the server; a farewell
            // would wait for an answer again.
            Err(sqlx::Error::PoolTimedOut)
        })
    }

    async fn probe(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        match self.access {
            Access::Read => connection.ping().await?,
            // One that was given up while it began a transaction is still within it.
            Access::Write | Access::Prepare => connection.execute("ROLLBACK").await.map(|_| ())?,
        }
        Ok(true)
    }

    /// Returns the time by which a connection that is given back must answer, if it is to be probed.
    fn probe_deadline(&self) -> Option<Instant> {
        let now = Instant::now();
        let Abandoned { at, answer_by } = (*self.last_abandoned.lock())?;
        (now < at + MAX_SUSPICION_TIME).then(|| answer_by.max(now + MAX_ANSWER_DELAY))
    }
}

/// Work under way. If this is dropped before the end of the work, the work was given up.
struct Watch<'a> {
    liveness: Option<&'a Liveness>,
    began: Instant,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(liveness) = self.liveness {
            // For work that had to wait for its connection this is too soon: at worst, connections
            // that are only slow are replaced.
            let answer_by = self.began + liveness.statement_time + MAX_ANSWER_DELAY;
            let mut last = liveness.last_abandoned.lock();
            let answer_by = last.map_or(answer_by, |before| answer_by.max(before.answer_by));
            *last = Some(Abandoned { at: Instant::now(), answer_by });
        }
    }
}
