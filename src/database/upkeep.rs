//! Work for the store itself, which is due after batches. SQLite's takes the one connection that writes:
//! jobs that arrive meanwhile wait, so it goes in short steps. PostgreSQL's has a connection of its own.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Mutex, Notify},
    task::JoinSet,
    time::timeout,
};

use super::{
    OpenError, Options,
    checkpoint::{Checkpointer, Wal},
    connect::{self, Target},
    connection::Connection,
    search::Merging,
    statistics,
};
use crate::error::DatabaseError;

/// Maximum time that PostgreSQL has for its statistics.
const MAX_RENEWAL_TIME: Duration = Duration::from_mins(10);

/// Maximum number of steps of merging after a batch while jobs wait: as many as a batch of small jobs makes due. Those
/// that a large job makes due are taken after several batches.
const MAX_STEPS: u32 = 32;

/// Work that remains to be done after batches.
#[derive(Debug)]
pub(super) struct Upkeep {
    merging: Mutex<Merging>,
    /// Contacts written since the statistics were looked at.
    written: AtomicU32,
    /// Notified when PostgreSQL's statistics are to be looked at.
    statistics_due: Arc<Notify>,
    /// SQLite's log.
    wal: Option<Wal>,
    /// Tasks that work on connections of their own.
    tasks: parking_lot::Mutex<JoinSet<()>>,
}

impl Upkeep {
    /// Starts the tasks. `close_slow_lane` is told when long reads have to wait, and when no longer.
    pub(super) async fn start(
        target: &Target,
        options: &Options,
        close_slow_lane: impl Fn(bool) + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let statistics_due = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        let wal = match target {
            Target::Sqlite(..) => {
                // What it does is not a statement of anybody's.
                let options = Options { on_statement: None, ..options.clone() };
                let connection = connect::connect(target, &options).await?;
                let checkpointer = Checkpointer::new(connection, close_slow_lane).await;
                let checkpointer = checkpointer.map_err(|error| OpenError::Connect(error.to_string()))?;
                let wal = checkpointer.wal();
                tasks.spawn(checkpointer.run());
                Some(wal)
            }
            Target::Postgres(_) => {
                tasks.spawn(renew_when_due(target.clone(), options.clone(), statistics_due.clone()));
                None
            }
        };
        let tasks = parking_lot::Mutex::new(tasks);
        Ok(Self { merging: Mutex::default(), written: AtomicU32::new(0), statistics_due, wal, tasks })
    }

    /// SQLite's log, of which a batch takes the turn.
    pub(super) fn wal(&self) -> Option<&Wal> {
        self.wal.as_ref()
    }

    /// Ends the tasks.
    pub(super) async fn close(&self) {
        if let Some(wal) = &self.wal {
            wal.close();
        }
        let mut tasks = mem::take(&mut *self.tasks.lock());
        if self.wal.is_none() {
            tasks.abort_all();
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Does what is due after a batch that has written so many contacts, and more while no job waits, on the
    /// one connection that writes. Failures are logged: no caller waits for this.
    pub(super) async fn after_batch_on_sqlite(
        &self,
        writer: &Connection,
        contacts: u32,
        is_idle: impl Fn() -> bool,
    ) {
        let mut merging = self.merging.lock().await;
        merging.wrote(contacts);
        let mut steps = 0;
        while merging.is_due(is_idle()) && (steps < MAX_STEPS || is_idle()) {
            logged("the search index is not merged", merging.step(writer).await);
            steps += 1;
        }
        if self.wrote(contacts) {
            logged("statistics are not renewed", statistics::renew_sqlite(writer).await);
        }
        if let Some(wal) = &self.wal {
            wal.batch_ended();
        }
    }

    /// Has done, elsewhere, what is due after a batch that has written so many contacts.
    pub(super) fn after_batch_on_postgres(&self, contacts: u32) {
        if self.wrote(contacts) {
            self.statistics_due.notify_one();
        }
    }

    /// Notes written contacts, and returns true if the statistics are to be looked at.
    fn wrote(&self, contacts: u32) -> bool {
        let before = self.written.fetch_add(contacts, Ordering::Relaxed);
        let is_due = before.saturating_add(contacts) >= statistics::MIN_CONTACTS;
        if is_due {
            self.written.store(0, Ordering::Relaxed);
        }
        is_due
    }
}

/// Renews the statistics whenever they are due, on a connection that is open no longer than that takes.
async fn renew_when_due(target: Target, options: Options, due: Arc<Notify>) {
    loop {
        due.notified().await;
        let renewal = async {
            match connect::connect(&target, &options).await {
                Ok(connection) => {
                    logged("statistics are not renewed", statistics::renew_postgres(&connection).await);
                    drop(connection.close().await);
                }
                Err(error) => tracing::warn!(%error, "statistics are not renewed"),
            }
        };
        if timeout(MAX_RENEWAL_TIME, renewal).await.is_err() {
            tracing::warn!("statistics are not renewed: the database takes too long");
        }
    }
}

fn logged(problem: &'static str, result: Result<(), DatabaseError>) {
    if let Err(error) = result {
        tracing::warn!(%error, cause = %error.cause(), "{problem}");
    }
}
