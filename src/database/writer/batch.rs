//! One batch: its transaction, its retries, and the answers to its callers.

use std::{any::TypeId, collections::BTreeMap, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use sea_orm::DbErr;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use uuid::Uuid;

use crate::{
    database::{
        Engine,
        job::{Task, WriteError},
        lock::Files,
        pool::{Lease, Limited},
        selected::Selected,
        transaction::{Clock, TAKING_CLOCK, WriteTx, take_clock},
        version::Versions,
    },
    error::{DatabaseError, During as _, FailureKind, sql_state},
};

/// Maximum number of times that a batch is run again, while nothing can have been committed.
const MAX_RETRIES: u32 = 3;

/// The store as a batch uses it.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) writers: &'a Limited,
    /// Maximum time of the batch, and again of its commit.
    pub(super) time: Duration,
    /// Versions to publish, if the writer is the only one.
    pub(super) versions: Option<&'a Versions>,
    /// Files of SQLite, which somebody may delete or replace.
    pub(super) files: Option<&'a Files>,
}

impl Target<'_> {
    /// Checks that SQLite's file, and its log, were neither deleted nor replaced. What is written then goes to the
    /// deleted one, and is lost with it.
    fn check_files(self) -> Result<(), DatabaseError> {
        match self.files {
            Some(files) if !files.are_in_place() => {
                Err(DatabaseError::unreachable("looking for the database's file"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Tasks of one organization, by type.
type Kinds<'a> = BTreeMap<TypeId, Vec<&'a dyn Task>>;

/// A transaction in which jobs have run.
struct Ran {
    transaction: Lease<OwnedSemaphorePermit>,
    /// True if it is yet to be committed.
    changed: bool,
    /// Clocks of the organizations that it has written for.
    clocks: Vec<(Uuid, Clock)>,
}

/// Reason why a batch was not committed, or perhaps was.
enum Failure {
    /// Rolled back.
    Statement(DatabaseError),
    /// COMMIT was sent, and no answer came.
    Commit(DatabaseError),
    Panic,
}

/// Runs those tasks whose callers still wait, and answers every one.
pub(super) async fn run(target: Target<'_>, tasks: Vec<Box<dyn Task>>) {
    let (tasks, late): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|task| task.start());
    for task in late {
        task.finish(Err(WriteError::Overloaded));
    }
    if tasks.is_empty() {
        return;
    }
    match attempts(target, &tasks).await {
        Err(failure) if tasks.len() > 1 && failure.may_be_one_tasks_fault() => {
            // One at a time, so that the task at fault fails alone. Nothing of the batch has been kept.
            for task in tasks {
                let alone = [task];
                let result = attempts(target, &alone).await;
                answer(alone, result);
            }
        }
        result => answer(tasks, result),
    }
}

fn answer(tasks: impl IntoIterator<Item = Box<dyn Task>>, result: Result<(), Failure>) {
    let result = result.map_err(|failure| failure.log());
    for task in tasks {
        task.finish(result);
    }
}

async fn attempts(target: Target<'_>, tasks: &[Box<dyn Task>]) -> Result<(), Failure> {
    let mut retries = 0;
    loop {
        let result = AssertUnwindSafe(attempt(target, tasks)).catch_unwind().await;
        if let Ok(Err(Failure::Statement(error) | Failure::Commit(error))) = &result
            && error.is_read_only()
        {
            target.writers.pool().replace_all();
        }
        match result.unwrap_or(Err(Failure::Panic)) {
            Err(Failure::Statement(error)) if retries < MAX_RETRIES && error.may_pass() => {
                retries += 1;
                // Two batches that lost against each other would otherwise meet again.
                let jitter = rand::random_range(0..20 << retries);
                tokio::time::sleep(Duration::from_millis(jitter)).await;
            }
            result => return result,
        }
    }
}

async fn attempt(target: Target<'_>, tasks: &[Box<dyn Task>]) -> Result<(), Failure> {
    target.check_files().map_err(Failure::Statement)?;
    // A transaction that is neither committed nor rolled back when its connection is given back is rolled
    // back then. Boxed, or each of the futures around it would have room for the largest job.
    let Ran { transaction, changed, clocks } =
        timeout(target.time, Box::pin(run_tasks(target.writers, tasks)))
            .await
            .unwrap_or_else(|_| Err(DatabaseError::timeout("running a batch")))
            .map_err(Failure::Statement)?;
    if !changed {
        return Ok(());
    }
    // Nothing to publish if only rows without a version were written.
    let versions = target.versions.filter(|_| !clocks.is_empty());
    if let Some(versions) = versions {
        versions.commit_begins(&clocks);
    }
    match timeout(target.time, transaction.commit()).await {
        Ok(committed) => committed.map_err(|error| commit_failure(transaction.engine(), &error))?,
        Err(_) => return Err(Failure::Commit(DatabaseError::timeout("committing"))),
    }
    // Whoever is told that it was written finds it in the file that has the database's name.
    target.check_files().map_err(Failure::Commit)?;
    if let Some(versions) = versions {
        versions.committed(&clocks);
    }
    Ok(())
}

/// Runs the tasks in a transaction that is yet to be committed, if any of them has written.
async fn run_tasks(writers: &Limited, tasks: &[Box<dyn Task>]) -> Result<Ran, DatabaseError> {
    // Organizations in one order, so that two batches never wait for each other's clocks.
    let mut groups: BTreeMap<Uuid, Kinds<'_>> = BTreeMap::new();
    for task in tasks {
        let organization = groups.entry(task.org_id()).or_default();
        organization.entry(task.kind()).or_default().push(task.as_ref());
    }
    let rows = |kinds: &Kinds<'_>| kinds.values().flatten().map(|task| task.rows()).sum();
    let Some((first, kinds)) = groups.first_key_value() else {
        return Err(DatabaseError::internal("running a batch", "it is empty"));
    };
    let (transaction, taken) = begin(writers, *first, rows(kinds)).await?;
    let mut taken = Some(taken);
    let (mut changed, mut clocks) = (false, Vec::new());
    for (org_id, kinds) in groups {
        // The stamps of a transaction are taken at once: the clock's row is written once, whatever the jobs.
        let rows = rows(&kinds);
        let taken = match taken.take() {
            Some(taken) => taken,
            None => match take_clock(transaction.engine(), org_id, rows) {
                Some(take) => transaction.read(&take).await.during(TAKING_CLOCK)?,
                None => Vec::new(),
            },
        };
        let tx = WriteTx::new(&transaction, org_id, rows, &taken)?;
        for group in kinds.values() {
            changed |= group[0].run(&tx, group).await?;
        }
        if rows > 0 {
            clocks.push((org_id, tx.clock()));
        }
    }
    if !changed {
        transaction.rollback().await.during("rolling back")?;
    }
    Ok(Ran { transaction, changed, clocks })
}

/// Begins a transaction by taking an organization's clock, on the first connection that turns out alive. Returns it
/// with the row of the clock.
async fn begin(
    writers: &Limited,
    org_id: Uuid,
    rows: u32,
) -> Result<(Lease<OwnedSemaphorePermit>, Vec<Selected>), DatabaseError> {
    let take = take_clock(writers.pool().engine(), org_id, rows);
    let mut deaths = writers.deaths();
    loop {
        let connection = writers.lend().await?;
        match connection.begin(take.as_ref()).await.during("beginning a transaction") {
            Ok(taken) => return Ok((connection, taken)),
            Err(error) if deaths.explain(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

/// A database that itself refuses COMMIT has not committed; a silent one may have. SQLite is asked
/// directly. PostgreSQL's answer may be lost on its way, and a pooler or a coordinator between then
/// answers in its place; so only codes that PostgreSQL gives before it commits are a refusal.
fn commit_failure(engine: Engine, error: &DbErr) -> Failure {
    let refused = sql_state(error).is_some_and(|code| engine == Engine::Sqlite || refuses_commit(&code));
    let error = DatabaseError::new("committing", error);
    if refused { Failure::Statement(error) } else { Failure::Commit(error) }
}

/// A violated constraint, a lost race, resources that are used up, a transaction that had failed, and
/// a canceled statement.
fn refuses_commit(code: &str) -> bool {
    let class = code.get(..2).unwrap_or_default();
    code.len() == 5 && (matches!(class, "23" | "40" | "53") || matches!(code, "25P02" | "57014"))
}

impl DatabaseError {
    /// Returns true if the same statements may succeed in a moment.
    fn may_pass(&self) -> bool {
        matches!(self.kind, FailureKind::Conflict | FailureKind::Unavailable)
    }
}

impl Failure {
    /// Returns true if the other tasks might succeed without the one at fault.
    fn may_be_one_tasks_fault(&self) -> bool {
        match self {
            Self::Statement(error) => error.kind == FailureKind::Internal,
            Self::Commit(_) => false,
            Self::Panic => true,
        }
    }

    /// Logs the chain of causes, and returns what the callers are told.
    fn log(&self) -> WriteError {
        match self {
            Self::Statement(error) => {
                tracing::error!(%error, cause = %error.cause(), "a write failed");
                error.kind.into()
            }
            Self::Commit(error) => {
                tracing::error!(%error, cause = %error.cause(), "a commit has no answer");
                WriteError::OutcomeUnknown
            }
            Self::Panic => {
                tracing::error!("a write panicked");
                WriteError::Internal
            }
        }
    }
}
