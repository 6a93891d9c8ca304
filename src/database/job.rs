//! A write as data that can be prepared and run again, and the caller who waits for it.

use std::{
    any::{Any, TypeId},
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::{sync::oneshot, time::Instant};
use uuid::Uuid;

use super::transaction::WriteTx;
use crate::error::{DatabaseError, FailureKind};

/// A write. It may be run more than once, in a transaction of its own or with others; only what
/// is committed counts.
pub trait Job: Send + Sync + Sized + 'static {
    /// The answer to its caller, once it is committed.
    type Answer: Send + 'static;

    /// Maximum number of contacts that it changes; at least 1 for any write of the organization's data.
    /// 0 leaves the change clock alone.
    fn rows(&self) -> u32;

    /// Runs all waiting jobs of this type of one organization together: a few statements for all
    /// of them. Gives an outcome for each, in their order.
    ///
    /// # Errors
    /// A statement failed. Nothing of the batch is kept; then each job is run alone.
    fn run(
        tx: &WriteTx<'_>,
        jobs: &[&Self],
    ) -> impl Future<Output = Result<Vec<Outcome<Self::Answer>>, DatabaseError>> + Send;
}

/// The outcome of a job.
#[derive(Debug)]
pub enum Outcome<A> {
    /// Something was written.
    Changed(A),
    /// Nothing was written. A transaction of such jobs only is rolled back.
    Unchanged(A),
}

impl<A> Outcome<A> {
    /// Returns the outcome with the answer as another one.
    pub fn map<B>(self, answer: impl FnOnce(A) -> B) -> Outcome<B> {
        match self {
            Self::Changed(written) => Outcome::Changed(answer(written)),
            Self::Unchanged(written) => Outcome::Unchanged(answer(written)),
        }
    }
}

/// Reason why the caller of a job has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each means")]
pub enum WriteError {
    #[error("too many writes are waiting; nothing was written")]
    Overloaded,
    #[error("the database cannot be reached; nothing was written")]
    Unavailable,
    #[error("the disk is full; nothing was written")]
    StorageFull,
    #[error("what it depends on took too long to find; nothing was written")]
    Timeout,
    #[error("the organization has used up its points; nothing was written")]
    RateLimited {
        /// Time after which to try again.
        retry_after: Duration,
    },
    #[error("it is not known whether it was written")]
    OutcomeUnknown,
    #[error("the write failed by a fault of ours; nothing was written")]
    Internal,
}

impl From<&DatabaseError> for WriteError {
    /// Returns the reason for which a read failed that a write depends on.
    fn from(error: &DatabaseError) -> Self {
        match error.kind {
            FailureKind::Timeout => Self::Timeout,
            FailureKind::RateLimited => {
                Self::RateLimited { retry_after: error.retry_after().unwrap_or_default() }
            }
            kind => kind.into(),
        }
    }
}

impl From<FailureKind> for WriteError {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Unavailable => Self::Unavailable,
            FailureKind::Overloaded
            | FailureKind::RateLimited
            | FailureKind::Timeout
            | FailureKind::Conflict => Self::Overloaded,
            FailureKind::StorageFull => Self::StorageFull,
            FailureKind::Internal => Self::Internal,
        }
    }
}

/// A job of whatever type, with its caller.
#[async_trait]
pub(super) trait Task: Any + Send + Sync {
    fn org_id(&self) -> Uuid;
    fn rows(&self) -> u32;
    fn kind(&self) -> TypeId;
    /// Returns true if it is still to be run: not once its caller has gone or its deadline has passed.
    fn start(&self) -> bool;
    /// Runs `group`, all of this task's type and organization, and returns whether any wrote.
    async fn run(&self, tx: &WriteTx<'_>, group: &[&dyn Task]) -> Result<bool, DatabaseError>;
    /// Tells the caller the answer of the last run, or the reason why it has none.
    fn finish(self: Box<Self>, result: Result<(), WriteError>);
}

/// A job that waits, and how to answer its caller.
pub(super) struct Pending<J: Job> {
    org_id: Uuid,
    job: J,
    deadline: Instant,
    progress: Arc<Progress>,
    outcome: Mutex<Option<Outcome<J::Answer>>>,
    reply: oneshot::Sender<Result<J::Answer, WriteError>>,
}

/// The caller's end of a job.
pub(super) struct Waiter<A> {
    deadline: Instant,
    progress: Arc<Progress>,
    answer: oneshot::Receiver<Result<A, WriteError>>,
}

/// The state of a job that waits. The batch that starts it and the caller who gives it up may come at
/// the same time, and the first one decides.
#[derive(Default)]
struct Progress(AtomicU8);

const STARTED: u8 = 1;
const ABANDONED: u8 = 2;

impl Progress {
    /// Returns true if the job is now, or was already, in this state.
    fn enter(&self, state: u8) -> bool {
        match self.0.compare_exchange(0, state, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(current) => current == state,
        }
    }
}

/// Pairs a job with its caller.
pub(super) fn pending<J: Job>(org_id: Uuid, job: J, deadline: Instant) -> (Pending<J>, Waiter<J::Answer>) {
    let (reply, answer) = oneshot::channel();
    let progress = Arc::new(Progress::default());
    let pending =
        Pending { org_id, job, deadline, progress: progress.clone(), outcome: Mutex::new(None), reply };
    let waiter = Waiter { deadline, progress, answer };
    (pending, waiter)
}

impl<A> Waiter<A> {
    /// Waits until the deadline. A job that has not started by then never will.
    pub(super) async fn wait(self) -> Result<A, WriteError> {
        match tokio::time::timeout_at(self.deadline, self.answer).await {
            Ok(answered) => answered.unwrap_or(Err(WriteError::Internal)),
            // It had not started, and now never will: nothing was written.
            Err(_) if self.progress.enter(ABANDONED) => Err(WriteError::Overloaded),
            Err(_) => Err(WriteError::OutcomeUnknown),
        }
    }
}

#[async_trait]
impl<J: Job> Task for Pending<J> {
    fn org_id(&self) -> Uuid {
        self.org_id
    }

    fn rows(&self) -> u32 {
        self.job.rows()
    }

    fn kind(&self) -> TypeId {
        TypeId::of::<J>()
    }

    fn start(&self) -> bool {
        !self.reply.is_closed() && Instant::now() < self.deadline && self.progress.enter(STARTED)
    }

    async fn run(&self, tx: &WriteTx<'_>, group: &[&dyn Task]) -> Result<bool, DatabaseError> {
        // All are of this type: batches group their tasks by `kind`.
        let group: Vec<&Self> = group.iter().filter_map(|task| (*task as &dyn Any).downcast_ref()).collect();
        let jobs: Vec<&J> = group.iter().map(|task| &task.job).collect();
        let outcomes = J::run(tx, &jobs).await?;
        if outcomes.len() != group.len() {
            return Err(DatabaseError::internal("running jobs", "an outcome is missing"));
        }
        let changed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Changed(_)));
        for (task, outcome) in group.iter().zip(outcomes) {
            *task.outcome.lock() = Some(outcome);
        }
        Ok(changed)
    }

    fn finish(self: Box<Self>, result: Result<(), WriteError>) {
        let outcome = self.outcome.into_inner();
        let answer = match (result, outcome) {
            (Ok(()), Some(Outcome::Changed(answer) | Outcome::Unchanged(answer))) => Ok(answer),
            (Ok(()), None) => Err(WriteError::Internal),
            (Err(error), _) => Err(error),
        };
        // A caller that hung up needs no answer.
        drop(self.reply.send(answer));
    }
}
