//! Statements that wait for a connection at the same time, and differ only in their values, run together.
//!
//! A short statement takes less time than its way to the database and back. So an organization's first one takes a
//! turn, and those of the same text that come until it has a connection go with it. Whoever comes alone waits for
//! nobody, and the more there is to do, the less each of them takes.

mod member;
mod statement;
#[cfg(test)]
mod tests;

use std::{
    mem,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use sea_orm::Statement;
use tokio::{
    sync::oneshot,
    task::AbortHandle,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use self::member::{Asking, Member};
pub(super) use self::statement::can_join;
use super::{MAX_FAST_PRICE, Read, Readers, query::Query};
use crate::{
    database::{
        Engine,
        connection::Connection,
        sink::{RawRow, Receiver, Sink},
    },
    error::{DatabaseError, During as _, FailureKind},
};

/// Maximum number of statements that run together.
const MAX_STATEMENTS: usize = 64;

/// Maximum time of a batch. Each member has a deadline of its own, and the batch ends with the last of them.
const MAX_TIME: Duration = Duration::from_hours(24);

/// The batches that have not begun. Cloning it is cheap; the clones share them.
#[derive(Clone, Default)]
pub(super) struct Batches(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Few: an organization has as many as there are texts of which some wait.
    waiting: Mutex<Vec<Waiting>>,
    /// Number of the next batch.
    next: AtomicU64,
}

/// A batch that has not begun.
struct Waiting {
    number: u64,
    org_id: Uuid,
    /// Sum of the prices.
    price: u32,
    batch: Batch,
    task: Weak<Task>,
}

/// The task that runs a batch. It is ended when nobody waits for it any more.
#[derive(Default)]
struct Task {
    handle: OnceLock<AbortHandle>,
    has_begun: AtomicBool,
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.get() {
            handle.abort();
        }
    }
}

impl Readers {
    /// Reads rows into a sink, together with the organization's other statements of the same text that wait.
    ///
    /// # Errors
    /// Those of [`Self::read_into`].
    pub(super) async fn read_together<S: Sink>(
        &self,
        statement: &Statement,
        read: Read<'_>,
        sink: S,
        deadline: Instant,
    ) -> Result<S, DatabaseError> {
        if let Some(retry_after) = read.request.and_then(|request| request.exhausted()) {
            return Err(DatabaseError::rate_limited(read.during, retry_after));
        }
        let (answer, answered) = oneshot::channel();
        let (request, receiver) = (read.request.cloned(), Receiver::new(sink));
        let member = Box::new(Asking { request, receiver, answer });
        let task = match self.batches.join(statement, read, member) {
            Ok(task) => task,
            Err(member) => self.begin(statement, read, member),
        };
        match timeout_at(deadline, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(DatabaseError::internal(read.during, "a batch of statements is lost")),
            Err(_) if task.has_begun.load(Ordering::Relaxed) => Err(DatabaseError::timeout(read.during)),
            Err(_) => Err(DatabaseError::overloaded(read.during, self.turns.expected_wait(read.org_id))),
        }
    }

    /// Begins a batch, which others may join until it has a connection.
    fn begin(&self, statement: &Statement, read: Read<'_>, member: Box<dyn Member>) -> Arc<Task> {
        let task = Arc::new(Task::default());
        let entry = self.batches.add(statement, read, member, &task);
        let (readers, org_id, during) = (self.clone(), read.org_id, read.during);
        let running = tokio::spawn(async move { readers.run_batch(entry, org_id, during).await });
        // It is set once, here.
        drop(task.handle.set(running.abort_handle()));
        task
    }

    async fn run_batch(self, entry: Entry, org_id: Uuid, during: &'static str) {
        let deadline = Instant::now() + MAX_TIME;
        let read = Read { org_id, request: None, price: MAX_FAST_PRICE, is_bounded: true, during };
        let lent = self.lend(read, deadline).await;
        let Some(mut batch) = entry.take() else { return };
        let outcome = match lent {
            Ok(lease) => self.on_a_live_connection(read, &mut batch, deadline, Some(lease)).await,
            Err(error) => Err(error),
        };
        self.tell(batch, outcome, read).await;
    }

    /// Tells the members of a batch the outcome. If a statement is at fault, it fails alone: those that have not run
    /// run one by one.
    async fn tell(&self, batch: Batch, outcome: Result<(), DatabaseError>, read: Read<'_>) {
        let Batch { statements, members, done } = batch;
        let is_fault = |error: &DatabaseError| error.kind == FailureKind::Internal;
        let run_alone = members.len() > 1 && outcome.as_ref().is_err_and(is_fault);
        for (place, (statement, member)) in statements.into_iter().zip(members).enumerate() {
            if place < done {
                member.answer(Ok(()));
            } else if run_alone && member.is_unused() {
                let mut alone = Batch::of(statement, member);
                let outcome =
                    self.on_a_live_connection(read, &mut alone, Instant::now() + MAX_TIME, None).await;
                for member in alone.members {
                    member.answer(outcome.clone());
                }
            } else {
                member.answer(outcome.clone());
            }
        }
    }
}

impl Batches {
    /// Adds a member to a batch that waits, if there is one that it fits into. Gives it back otherwise.
    fn join(
        &self,
        statement: &Statement,
        read: Read<'_>,
        member: Box<dyn Member>,
    ) -> Result<Arc<Task>, Box<dyn Member>> {
        let mut waiting = self.0.waiting.lock();
        let Some(of_text) = waiting.iter_mut().find(|waiting| waiting.has_room_for(statement, read)) else {
            return Err(member);
        };
        let Some(task) = of_text.task.upgrade() else { return Err(member) };
        of_text.price += read.price;
        of_text.batch.statements.push(statement.clone());
        of_text.batch.members.push(member);
        Ok(task)
    }

    fn add(&self, statement: &Statement, read: Read<'_>, member: Box<dyn Member>, task: &Arc<Task>) -> Entry {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.0.waiting.lock().push(Waiting {
            number,
            org_id: read.org_id,
            price: read.price,
            batch: Batch::of(statement.clone(), member),
            task: Arc::downgrade(task),
        });
        Entry { batches: self.clone(), number }
    }
}

impl Waiting {
    fn has_room_for(&self, statement: &Statement, read: Read<'_>) -> bool {
        let first = self.batch.statements.first();
        self.org_id == read.org_id
            && self.batch.members.len() < MAX_STATEMENTS
            && self.price + read.price <= MAX_FAST_PRICE
            && first.is_some_and(|first| statement::have_one_text(first, statement))
    }
}

/// A batch's place among those that wait. Dropping it gives the place up.
struct Entry {
    batches: Batches,
    number: u64,
}

impl Entry {
    /// Begins the batch: takes it out, so that nobody joins it any more.
    fn take(&self) -> Option<Batch> {
        let mut waiting = self.batches.0.waiting.lock();
        let place = waiting.iter().position(|batch| batch.number == self.number)?;
        let Waiting { batch, task, .. } = waiting.swap_remove(place);
        if let Some(task) = task.upgrade() {
            task.has_begun.store(true, Ordering::Relaxed);
        }
        Some(batch)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        drop(self.take());
    }
}

/// Statements of one text, and who waits for the rows of each.
struct Batch {
    statements: Vec<Statement>,
    members: Vec<Box<dyn Member>>,
    /// Number of statements that have run to their end.
    done: usize,
}

impl Batch {
    fn of(statement: Statement, member: Box<dyn Member>) -> Self {
        Self { statements: vec![statement], members: vec![member], done: 0 }
    }
}

impl Query for &mut Batch {
    type Rows = ();

    async fn run(&mut self, connection: &Connection, during: &'static str) -> Result<(), DatabaseError> {
        let joined = match connection.engine() {
            Engine::Postgres => statement::joined(&self.statements),
            // There is no server whose time would be spared.
            Engine::Sqlite => None,
        };
        let place = if joined.is_some() { Place::InRow } else { Place::Next(0) };
        let statements = joined.as_ref().map_or(&self.statements[..], std::slice::from_ref);
        let members = Members { members: mem::take(&mut self.members), place };
        let (receiver, result) = connection.read_into(statements, Receiver::new(members)).await;
        let lost = || DatabaseError::internal(during, "the receiver of the rows is lost");
        let (Members { members, place }, refusal) = receiver.ok_or_else(lost)?.into_parts();
        let time = connection.processor_time() / u32::try_from(members.len()).unwrap_or(u32::MAX);
        for member in &members {
            member.charge(time);
        }
        self.members = members;
        self.done = match place {
            Place::Next(done) => done,
            Place::InRow if result.is_ok() => self.members.len(),
            Place::InRow => 0,
        };
        result.during(during).and(refusal.map_or(Ok(()), Err))
    }

    fn may_run_again(&self) -> bool {
        self.members.iter().all(|member| member.is_unused())
    }
}

/// Members of a batch, while its rows come.
struct Members {
    members: Vec<Box<dyn Member>>,
    place: Place,
}

/// Place of the member that a row belongs to.
enum Place {
    /// The row tells it.
    InRow,
    /// This one, as long as the rows of its statement come.
    Next(usize),
}

impl Sink for Members {
    fn row(&mut self, row: &RawRow<'_>) -> Result<(), DatabaseError> {
        let place = match self.place {
            Place::InRow => statement::place(row)?,
            Place::Next(place) => Some(place),
        };
        let lost = || DatabaseError::internal("reading a batch", "a row belongs to no statement");
        place.and_then(|place| self.members.get_mut(place)).ok_or_else(lost)?.row(row);
        Ok(())
    }

    fn next_statement(&mut self) {
        if let Place::Next(place) = &mut self.place {
            *place += 1;
        }
    }
}
