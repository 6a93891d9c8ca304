//! Checkpoints of SQLite's write-ahead log (WAL), which keep its file from growing without end.
//!
//! A commit that has made the log long would run a checkpoint itself, and let its callers wait. And it
//! would only copy pages into the database: the log starts again from its beginning after a moment in
//! which nobody reads from it, which never comes where reads overlap. So the writer runs none. A task
//! copies on a connection of its own, while others read and write. When little is left to copy, it takes
//! the writer's turn between two batches: reads that begin after the rest has been copied read from the
//! database, and soon nobody reads from the log.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TryGetable};
use tokio::{
    sync::{Mutex, MutexGuard, Notify},
    time::sleep,
};

use crate::error::{DatabaseError, During as _};

const CHECKPOINTING: &str = "running a checkpoint";

/// Time for which a checkpoint that needs the writer's turn waits for reads to end.
const MAX_BUSY_TIME: Duration = Duration::from_millis(50);

/// Time between two attempts while reads keep the log from being started again.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Maximum number of times that pages are copied one after the other because others were written meanwhile.
const MAX_COPIES: u32 = 4;

/// Lengths of the log at which something is done.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Pages from which on they are copied into the database.
    copied_pages: i64,
    /// Pages that may be left to copy when the writer's turn is taken.
    max_remaining_pages: i64,
    /// Bytes beyond which long reads have to wait.
    max_bytes: i64,
}

/// Bytes that the file keeps when the log is started again: fewer than those at which it is looked at.
pub(super) const KEPT_BYTES: u32 = 32_000_000;

const LIMITS: Limits =
    Limits { copied_pages: 8_000, max_remaining_pages: 1_000, max_bytes: 256 * 1024 * 1024 };

/// The log, as the writer and the readers know it. Cloning it is cheap.
#[derive(Clone, Debug)]
pub(super) struct Wal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    file: PathBuf,
    looked_at_bytes: u64,
    is_over: AtomicBool,
    batch_ended: Notify,
    turn: Mutex<()>,
    closed: Notify,
}

impl Wal {
    /// Waits for the turn to write. A batch keeps it to its end.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.0.turn.lock().await
    }

    /// Has the log looked at after a batch, if the file is long enough.
    pub(super) fn batch_ended(&self) {
        if self.file_bytes() >= self.0.looked_at_bytes {
            self.0.batch_ended.notify_one();
        }
    }

    /// Ends the checkpoints.
    pub(super) fn close(&self) {
        self.0.closed.notify_one();
    }

    /// Returns true while the log is so long that no long read may begin: each keeps it from being started
    /// again.
    fn is_over(&self) -> bool {
        self.0.is_over.load(Ordering::Relaxed)
    }

    /// Length of the file. It does not shrink before the first write after the log was started again.
    pub(super) fn file_bytes(&self) -> u64 {
        fs::metadata(&self.0.file).map_or(0, |file| file.len())
    }
}

/// Runs the checkpoints, on a connection of its own.
pub(super) struct Checkpointer {
    connection: DatabaseConnection,
    close_slow_lane: Box<dyn Fn(bool) + Send + Sync>,
    wal: Wal,
    page_bytes: i64,
    limits: Limits,
}

/// The next look at the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    AfterABatch,
    /// After a pause: reads were in the way.
    Again,
}

/// The state of the log, as a checkpoint tells it.
#[derive(Clone, Copy, Debug)]
struct Length {
    is_busy: bool,
    pages: i64,
    copied: i64,
}

impl Length {
    fn remaining(self) -> i64 {
        self.pages - self.copied
    }
}

impl Checkpointer {
    pub(super) async fn new(
        connection: DatabaseConnection,
        close_slow_lane: impl Fn(bool) + Send + Sync + 'static,
    ) -> Result<Self, DatabaseError> {
        let file = "SELECT file FROM pragma_database_list WHERE name = 'main'";
        let mut file: String = value(&connection, file, "file").await?;
        file.push_str("-wal");
        // In the log, each page has a head of 24 bytes.
        let page_bytes = value::<i64>(&connection, "PRAGMA page_size", "page_size").await? + 24;
        let shared = Shared {
            file: file.into(),
            looked_at_bytes: u64::try_from(LIMITS.copied_pages * page_bytes).unwrap_or_default(),
            is_over: AtomicBool::new(false),
            batch_ended: Notify::new(),
            turn: Mutex::default(),
            closed: Notify::new(),
        };
        let (wal, close_slow_lane) = (Wal(Arc::new(shared)), Box::new(close_slow_lane));
        Ok(Self { connection, close_slow_lane, wal, page_bytes, limits: LIMITS })
    }

    pub(super) fn wal(&self) -> Wal {
        self.wal.clone()
    }

    /// Looks at the log after batches, until it is closed.
    pub(super) async fn run(self) {
        let shared = self.wal.0.clone();
        let mut next = Next::AfterABatch;
        loop {
            let wait = async {
                match next {
                    Next::AfterABatch => shared.batch_ended.notified().await,
                    Next::Again => sleep(RETRY_PAUSE).await,
                }
            };
            tokio::select! {
                () = wait => {}
                () = shared.closed.notified() => break,
            }
            next = self.look().await.unwrap_or_else(|error| {
                tracing::warn!(%error, cause = %error.cause(), "the log of the database is not shortened");
                Next::AfterABatch
            });
        }
        drop(self.connection.close().await);
    }

    /// Copies the log if it is long, and starts it again if reads allow it.
    async fn look(&self) -> Result<Next, DatabaseError> {
        let mut length = self.checkpoint("NOOP").await?;
        let mut reads_are_in_the_way = false;
        for _ in 0..MAX_COPIES {
            self.note(length);
            if length.pages < self.limits.copied_pages {
                return Ok(Next::AfterABatch);
            }
            reads_are_in_the_way = self.checkpoint("PASSIVE").await?.remaining() > 0;
            length = self.checkpoint("NOOP").await?;
            if length.remaining() < self.limits.max_remaining_pages {
                break;
            }
        }
        self.note(length);
        // A writer that is faster than the copies has to wait for one.
        let is_long = length.remaining() >= self.limits.max_remaining_pages;
        if is_long && reads_are_in_the_way && !self.wal.is_over() {
            return Ok(Next::Again);
        }
        let turn = self.wal.turn().await;
        // Each time, as the driver may have opened another connection.
        let timeout = format!("PRAGMA busy_timeout = {}", MAX_BUSY_TIME.as_millis());
        self.connection.execute_unprepared(&timeout).await.during(CHECKPOINTING)?;
        let restarted = !self.checkpoint("RESTART").await?.is_busy;
        drop(turn);
        if restarted && self.wal.0.is_over.swap(false, Ordering::Relaxed) {
            (self.close_slow_lane)(false);
        }
        Ok(if restarted { Next::AfterABatch } else { Next::Again })
    }

    fn note(&self, length: Length) {
        let is_over = length.pages * self.page_bytes > self.limits.max_bytes;
        if is_over && !self.wal.0.is_over.swap(true, Ordering::Relaxed) {
            tracing::warn!(pages = length.pages, "reads keep the log of the database from being shortened");
            (self.close_slow_lane)(true);
        }
    }

    async fn checkpoint(&self, mode: &str) -> Result<Length, DatabaseError> {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        let statement = Statement::from_string(DbBackend::Sqlite, sql);
        let row = self.connection.query_one_raw(statement).await.during(CHECKPOINTING)?;
        let row = row.ok_or_else(|| DatabaseError::internal(CHECKPOINTING, "no answer"))?;
        let number = |name| row.try_get::<i64>("", name).during(CHECKPOINTING);
        Ok(Length { is_busy: number("busy")? != 0, pages: number("log")?, copied: number("checkpointed")? })
    }
}

async fn value<T: TryGetable>(
    connection: &impl ConnectionTrait,
    sql: &'static str,
    name: &str,
) -> Result<T, DatabaseError> {
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await;
    let row = row.during(CHECKPOINTING)?;
    row.ok_or_else(|| DatabaseError::internal(CHECKPOINTING, "no answer"))?
        .try_get("", name)
        .during(CHECKPOINTING)
}

#[cfg(test)]
mod tests;
