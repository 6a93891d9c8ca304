//! sqlx on SQLite, tuned: connections that are lent without a pool, and so without its pings.

use std::{path::Path, time::Duration};

use parking_lot::Mutex;
use sqlx::{
    Connection as _, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

use super::{
    create::{Created, SQLITE, SQLITE_CLOCK, Values, answer_all, next_group, now_ms},
    json::Cells,
    sql::Read,
    written,
};
use crate::failure::Failure;

/// Pages after which SQLite copies its log into the file: a group of creates changes more than its default of
/// 1,000, so that each would be followed by a copy.
pub(super) const CHECKPOINT_PAGES: u32 = 32_000;

pub(super) struct Readers {
    organization: Uuid,
    permits: Semaphore,
    idle: Mutex<Vec<SqliteConnection>>,
}

impl Readers {
    pub(super) async fn open(path: &str, organization: Uuid, readers: usize) -> Result<Self, Failure> {
        let mut idle = Vec::new();
        for _ in 0..readers {
            let options = options(path).pragma("query_only", "ON");
            idle.push(SqliteConnection::connect_with(&options).await?);
        }
        Ok(Self { organization, permits: Semaphore::new(readers), idle: Mutex::new(idle) })
    }

    pub(super) async fn read(&self, read: Read) -> Result<Vec<u8>, Failure> {
        let _permit = self.permits.acquire().await.map_err(|_| "the readers have ended")?;
        let connection = self.idle.lock().pop();
        let mut connection = connection.ok_or("a reader was lost")?;
        let query = sqlx::query(read.sql()).bind(&self.organization.as_bytes()[..]);
        let rows = match &read {
            Read::Page | Read::Related => query.fetch_all(&mut connection).await,
            Read::One(id) => query.bind(&id.as_bytes()[..]).fetch_all(&mut connection).await,
            Read::Poll(since) => query.bind(since).fetch_all(&mut connection).await,
            Read::Deep(at, seq) => query.bind(at).bind(seq).fetch_all(&mut connection).await,
        };
        self.idle.lock().push(connection);
        Ok(written(read, &rows?))
    }
}

fn options(path: &str) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(Path::new(path))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .row_buffer_size(128)
}

impl Cells for SqliteRow {
    fn id(&self, index: usize) -> Option<Uuid> {
        let bytes: Option<&[u8]> = self.try_get_unchecked(index).ok()?;
        Uuid::from_slice(bytes?).ok()
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.try_get_unchecked(index).ok()?
    }

    fn int(&self, index: usize) -> Option<i32> {
        self.try_get_unchecked(index).ok()?
    }

    fn flag(&self, index: usize) -> Option<bool> {
        self.try_get_unchecked(index).ok()?
    }

    fn time(&self, index: usize) -> Option<i64> {
        self.try_get_unchecked(index).ok()?
    }
}

/// Starts the writer: one transaction for all creates that wait.
pub(super) async fn start_writer(
    path: &str,
    organization: Uuid,
    mut queue: mpsc::Receiver<Created>,
) -> Result<(), Failure> {
    let options = options(path).pragma("wal_autocheckpoint", CHECKPOINT_PAGES.to_string());
    let mut connection = SqliteConnection::connect_with(&options).await?;
    tokio::spawn(async move {
        while let Some(mut group) = next_group(&mut queue).await {
            let values = group.take_values(true);
            answer_all(group.callers, &write(&mut connection, organization, &values).await);
        }
    });
    Ok(())
}

async fn write(
    connection: &mut SqliteConnection,
    organization: Uuid,
    values: &[Values],
) -> Result<(), Failure> {
    let json = serde_json::to_string(values)?;
    let org = &organization.as_bytes()[..];
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let clock = sqlx::query(SQLITE_CLOCK).bind(org).bind(count).bind(now_ms()).fetch_one(&mut *tx).await?;
    let (before, at): (i64, i64) = (clock.try_get(0)?, clock.try_get(1)?);
    for statement in SQLITE.iter() {
        sqlx::query(statement.as_str()).bind(org).bind(&json).bind(before).bind(at).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}
