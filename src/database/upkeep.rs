//! Work for the store itself, which is due after batches. SQLite's takes the one connection that writes:
//! jobs that arrive meanwhile wait, so it goes in short steps. PostgreSQL's has a connection of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::ConnectionTrait;
use tokio::{
    sync::{Mutex, Notify},
    task::JoinSet,
    time::timeout,
};

use super::{Engine, Options, connect, search::Merging, statistics};
use crate::error::DatabaseError;

/// Maximum time that PostgreSQL has for its statistics.
const MAX_RENEWAL_TIME: Duration = Duration::from_mins(10);

/// What remains to be done after batches.
#[derive(Debug)]
pub(super) struct Upkeep {
    merging: Mutex<Merging>,
    /// Contacts written since the statistics were looked at.
    written: AtomicU32,
    /// Notified when PostgreSQL's statistics are to be looked at.
    statistics_due: Arc<Notify>,
    /// The task that does so; it ends with this.
    _tasks: JoinSet<()>,
}

impl Upkeep {
    pub(super) fn new(options: &Options, engine: Engine) -> Self {
        let statistics_due = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        if engine == Engine::Postgres {
            tasks.spawn(renew_when_due(options.clone(), statistics_due.clone()));
        }
        Self { merging: Mutex::default(), written: AtomicU32::new(0), statistics_due, _tasks: tasks }
    }

    /// Does what is due after a batch that has written so many contacts, and more while no job waits, on the
    /// one connection that writes. Failures are logged: no caller waits for this.
    pub(super) async fn after_batch_on_sqlite(
        &self,
        writer: &impl ConnectionTrait,
        contacts: u32,
        is_idle: impl Fn() -> bool,
    ) {
        let mut merging = self.merging.lock().await;
        merging.wrote(contacts);
        while merging.is_due(is_idle()) {
            logged("the search index is not merged", merging.step(writer).await);
        }
        if self.wrote(contacts) {
            logged("statistics are not renewed", statistics::renew(writer).await);
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
async fn renew_when_due(options: Options, due: Arc<Notify>) {
    loop {
        due.notified().await;
        let renewal = async {
            match connect::connect(&options).await {
                Ok(connection) => {
                    logged("statistics are not renewed", statistics::renew(&connection).await);
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
