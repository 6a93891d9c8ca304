//! The one way to write: queues of jobs, run in batches, one transaction each.
//!
//! While a batch commits, the jobs that arrive wait, and then share the next one: so a busy
//! organization pays for few commits, and an idle one does not wait. SQLite has one queue, and
//! a batch may hold several organizations. PostgreSQL has a queue for each organization, and
//! works on several at once, in the order in which they began to wait.

mod batch;

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use sea_orm::{DbBackend, Statement};
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

use super::{
    Engine,
    checkpoint::Wal,
    job::{self, Job, Task, WriteError},
    pool::Limited,
    upkeep::Upkeep,
    version::Versions,
};
use crate::{
    error::{DatabaseError, During as _},
    metrics,
};

/// Maximum number of jobs in a batch.
const MAX_BATCH_JOBS: usize = 64;
/// Maximum number of contacts in a batch; a job that alone has more is a batch of its own.
const MAX_BATCH_ROWS: u32 = 2_000;
/// Maximum number of jobs that wait, of all organizations together.
const MAX_WAITING_JOBS: usize = 4_096;

/// Takes jobs, and answers them once they are committed. Cloning it is cheap.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
}

struct Shared {
    writers: Limited,
    /// Maximum time of a batch, and again of its commit.
    batch_time: Duration,
    /// True if all organizations wait in one queue.
    one_queue: bool,
    batches_at_once: usize,
    upkeep: Upkeep,
    /// SQLite has one writer, which knows the versions; PostgreSQL has those of other gateways too.
    versions: Option<Versions>,
    state: Mutex<State>,
    idle: Notify,
}

#[derive(Default)]
struct State {
    /// The jobs that wait, by queue.
    queues: HashMap<Uuid, VecDeque<Box<dyn Task>>>,
    /// The queues of which no batch is running, longest waiting first.
    ready: VecDeque<Uuid>,
    running: usize,
    waiting: usize,
    closed: bool,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn new(writers: Limited, batch_time: Duration, upkeep: Upkeep) -> Self {
        let one_queue = writers.pool().engine() == Engine::Sqlite;
        Self {
            shared: Arc::new(Shared {
                batches_at_once: writers.max(),
                writers,
                batch_time,
                one_queue,
                upkeep,
                versions: one_queue.then(Versions::default),
                state: Mutex::default(),
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
        self.enqueue(Box::new(task))?;
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
        (self.shared.writers.pool().load(), self.shared.state.lock().waiting)
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
                if state.running == 0 && state.waiting == 0 {
                    break;
                }
            }
            idle.await;
        }
        self.shared.upkeep.close().await;
        self.shared.writers.pool().close().await;
    }

    fn enqueue(&self, task: Box<dyn Task>) -> Result<(), WriteError> {
        let queue = if self.shared.one_queue { Uuid::nil() } else { task.org_id() };
        let mut state = self.shared.state.lock();
        if state.closed || state.waiting >= MAX_WAITING_JOBS {
            return Err(WriteError::Overloaded);
        }
        state.waiting += 1;
        // A queue that exists is in `ready`, or has a batch running that will put it there.
        if let Some(waiting) = state.queues.get_mut(&queue) {
            waiting.push_back(task);
        } else {
            state.queues.insert(queue, VecDeque::from([task]));
            state.ready.push_back(queue);
        }
        self.shared.start_batches(&mut state);
        Ok(())
    }
}

impl Shared {
    /// Starts as many batches as may run. A queue stays in `queues` while a batch of it runs, so
    /// that its next jobs wait for that batch to end.
    fn start_batches(self: &Arc<Self>, state: &mut State) {
        while state.running < self.batches_at_once {
            let Some(queue) = state.ready.pop_front() else {
                return;
            };
            let tasks = state.queues.get_mut(&queue).map(take_batch).unwrap_or_default();
            state.waiting -= tasks.len();
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
                shared.batch_ended(queue);
            });
        }
    }

    fn target(&self) -> batch::Target<'_> {
        batch::Target { writers: &self.writers, time: self.batch_time, versions: self.versions.as_ref() }
    }

    /// Does what is due for the store itself after a batch that has written so many contacts.
    async fn keep_up(&self, contacts: u32) {
        match self.writers.pool().engine() {
            Engine::Sqlite => {
                if let Ok(writer) = self.writers.lend().await {
                    self.upkeep.after_batch_on_sqlite(&*writer, contacts, || self.is_idle()).await;
                }
            }
            Engine::Postgres => self.upkeep.after_batch_on_postgres(contacts),
        }
    }

    fn is_idle(&self) -> bool {
        let state = self.state.lock();
        state.waiting == 0 && !state.closed
    }

    fn batch_ended(self: &Arc<Self>, queue: Uuid) {
        let mut state = self.state.lock();
        state.running -= 1;
        if state.queues.get(&queue).is_some_and(|waiting| !waiting.is_empty()) {
            // Behind the others, so that a busy organization does not keep others waiting.
            state.ready.push_back(queue);
        } else {
            state.queues.remove(&queue);
        }
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

fn take_batch(waiting: &mut VecDeque<Box<dyn Task>>) -> Vec<Box<dyn Task>> {
    let mut rows = 0;
    let mut batch = Vec::new();
    while let Some(next) = waiting.front() {
        rows += next.rows();
        if batch.len() == MAX_BATCH_JOBS || (rows > MAX_BATCH_ROWS && !batch.is_empty()) {
            break;
        }
        batch.extend(waiting.pop_front());
    }
    batch
}
