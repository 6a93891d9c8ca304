//! The one way to write: queues of jobs, run in batches, one transaction each.
//!
//! While a batch commits, the jobs that arrive wait, and then share the next one: so a busy
//! organization pays for few commits, and an idle one does not wait. Each organization has a queue. PostgreSQL
//! works on several at once, each batch of one organization; SQLite on one batch, of several.

mod batch;
mod queues;

use std::{fmt, sync::Arc, time::Duration};

use parking_lot::Mutex;
use sea_orm::{DbBackend, Statement};
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

use self::queues::{Batch, Organizations, Queues};
use super::{
    Engine,
    checkpoint::Wal,
    job::{self, Job, WriteError},
    lock::Files,
    pool::Limited,
    upkeep::Upkeep,
    version::Versions,
};
use crate::{
    error::{DatabaseError, During as _},
    metrics,
};

/// Takes jobs, and answers them once they are committed. Cloning it is cheap.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
}

struct Shared {
    writers: Limited,
    /// Maximum time of a batch, and again of its commit.
    batch_time: Duration,
    batches_at_once: usize,
    upkeep: Upkeep,
    /// Files of SQLite, which somebody may delete or replace.
    files: Option<Arc<Files>>,
    /// SQLite has one writer, which knows the versions; PostgreSQL has those of other gateways too.
    versions: Option<Versions>,
    state: Mutex<State>,
    idle: Notify,
}

struct State {
    queues: Queues,
    /// Number of batches that are running.
    running: usize,
    closed: bool,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn new(
        writers: Limited,
        batch_time: Duration,
        upkeep: Upkeep,
        files: Option<Arc<Files>>,
    ) -> Self {
        let is_sqlite = writers.pool().engine() == Engine::Sqlite;
        let organizations = if is_sqlite { Organizations::Several } else { Organizations::One };
        Self {
            shared: Arc::new(Shared {
                batches_at_once: writers.max(),
                writers,
                batch_time,
                upkeep,
                files,
                versions: is_sqlite.then(Versions::default),
                state: Mutex::new(State { queues: Queues::new(organizations), running: 0, closed: false }),
                idle: Notify::new(),
            }),
        }
    }

    /// Writes as an organization, and returns the answer once it is committed.
    ///
    /// Dropping the returned future before its job has started withdraws it. Once started a job
    /// runs to its end, even if its caller has gone.
    ///
    /// # Errors
    /// See [`WriteError`]: all but `OutcomeUnknown` promise that nothing was written.
    pub async fn write<J: Job>(
        &self,
        org_id: Uuid,
        job: J,
        deadline: Instant,
    ) -> Result<J::Answer, WriteError> {
        let (task, waiter) = job::pending(org_id, job, deadline);
        {
            let mut state = self.shared.state.lock();
            if state.closed {
                return Err(WriteError::Overloaded);
            }
            state.queues.push(Box::new(task))?;
            self.shared.start_batches(&mut state);
        }
        waiter.wait().await
    }

    /// SQLite's log; PostgreSQL keeps its own in order.
    pub(super) fn wal(&self) -> Option<&Wal> {
        self.shared.upkeep.wal()
    }

    /// Versions that it has published.
    pub(super) fn versions(&self) -> Option<&Versions> {
        self.shared.versions.as_ref()
    }

    /// Number of connections in use and idle, and of jobs that wait.
    pub(super) fn load(&self) -> (metrics::Pool, usize) {
        (self.shared.writers.pool().load(), self.shared.state.lock().queues.waiting())
    }

    /// Checks that the server takes writes; if not, all connections are replaced.
    pub(super) async fn ping(&self) -> Result<(), DatabaseError> {
        let writers = &self.shared.writers;
        let result = may_write(writers).await;
        if result.as_ref().is_err_and(DatabaseError::is_read_only) {
            writers.pool().replace_all();
        }
        result
    }

    /// Takes no more jobs, and waits for those it has.
    pub(super) async fn close(&self) {
        loop {
            // Before the state is looked at, or the last batch could end in between unnoticed.
            let idle = self.shared.idle.notified();
            {
                let mut state = self.shared.state.lock();
                state.closed = true;
                if state.running == 0 && state.queues.waiting() == 0 {
                    break;
                }
            }
            idle.await;
        }
        self.shared.upkeep.close().await;
        self.shared.writers.pool().close().await;
    }
}

impl Shared {
    /// Starts as many batches as may run.
    fn start_batches(self: &Arc<Self>, state: &mut State) {
        while state.running < self.batches_at_once {
            let Batch { tasks, organizations } = state.queues.next_batch();
            if tasks.is_empty() {
                return;
            }
            metrics::batch(tasks.len());
            state.running += 1;
            let shared = self.clone();
            tokio::spawn(async move {
                let turn = match shared.upkeep.wal() {
                    Some(wal) => Some(wal.turn().await),
                    None => None,
                };
                let contacts = tasks.iter().map(|task| task.rows()).sum();
                batch::run(shared.target(), tasks).await;
                shared.keep_up(contacts).await;
                drop(turn);
                shared.batch_ended(organizations);
            });
        }
    }

    fn target(&self) -> batch::Target<'_> {
        batch::Target {
            writers: &self.writers,
            time: self.batch_time,
            versions: self.versions.as_ref(),
            files: self.files.as_deref(),
        }
    }

    /// Does what is due for the store itself after a batch that has written so many contacts.
    async fn keep_up(&self, contacts: u32) {
        match self.writers.pool().engine() {
            Engine::Sqlite => {
                if let Ok(writer) = self.writers.lend().await {
                    self.upkeep.after_batch_on_sqlite(&writer, contacts, || self.is_idle()).await;
                }
            }
            Engine::Postgres => self.upkeep.after_batch_on_postgres(contacts),
        }
    }

    fn is_idle(&self) -> bool {
        let state = self.state.lock();
        state.queues.waiting() == 0 && !state.closed
    }

    fn batch_ended(self: &Arc<Self>, organizations: Vec<Uuid>) {
        let mut state = self.state.lock();
        state.running -= 1;
        state.queues.batch_ended(organizations);
        self.start_batches(&mut state);
        if state.running == 0 {
            self.idle.notify_waiters();
        }
    }
}

async fn may_write(writers: &Limited) -> Result<(), DatabaseError> {
    const DURING: &str = "asking whether writes are taken";
    if writers.pool().engine() == Engine::Sqlite {
        return Ok(());
    }
    let sql = "SELECT current_setting('transaction_read_only') AS answer";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let mut deaths = writers.deaths();
    let rows = loop {
        // While all write, they say more than an answer would, and it need not wait for them.
        let Some(writer) = writers.try_lend().await? else {
            return Ok(());
        };
        match writer.read(&statement).await.during(DURING) {
            Err(error) if deaths.explain(&error) => {}
            rows => break rows?,
        }
    };
    let answer = rows.first().map(|row| row.get::<String>("answer")).transpose().during(DURING)?;
    if answer.as_deref() == Some("off") { Ok(()) } else { Err(DatabaseError::read_only(DURING)) }
}
