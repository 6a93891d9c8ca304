//! Reads: whose turn it is, and how long they may take.

mod batch;
mod charge;
mod query;

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use sea_orm::Statement;
use tokio::{
    sync::MutexGuard,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use self::{
    batch::Batches,
    charge::Charging,
    query::{Collected, HandedOn, Query},
};
use super::{
    Engine,
    pool::{Deaths, Lease, Pool},
    request::{RequestShare, deadline_of},
    selected::Selected,
    sink::Sink,
};
use crate::{
    error::DatabaseError,
    metrics,
    turns::{Lane, Permit, Shares, Turns},
};

/// Price, in points, above which a statement goes by the slow lane.
pub const MAX_FAST_PRICE: u32 = 500;

/// Time after which what a statement has spent is charged, and again.
const CHARGE_INTERVAL: Duration = Duration::from_millis(100);

/// The connections that read as organizations. Cloning it is cheap; the clones share them.
#[derive(Clone)]
pub(super) struct Readers {
    pool: Pool,
    turns: Turns<Uuid>,
    batches: Batches,
    max: usize,
}

/// A read: for whom, and at which price.
#[derive(Clone, Copy)]
pub(super) struct Read<'a> {
    pub(super) org_id: Uuid,
    pub(super) request: Option<&'a Arc<RequestShare>>,
    /// Price of the statement, in points.
    pub(super) price: u32,
    /// True if it finds few rows by an index, whatever its values.
    pub(super) is_bounded: bool,
    /// The operation, for errors.
    pub(super) during: &'static str,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

impl Readers {
    /// Shares at most `max` connections out: three quarters of them to one organization, half of them to
    /// the slow lane, and at least one to each.
    pub(super) fn new(pool: Pool, max: usize) -> Self {
        let shares = Shares { max, max_of_holder: (max * 3 / 4).max(1), max_slow: (max / 2).max(1) };
        Self { pool, turns: Turns::new(shares), batches: Batches::default(), max }
    }

    pub(super) fn engine(&self) -> Engine {
        self.pool.engine()
    }

    pub(super) fn load(&self) -> metrics::Pool {
        self.pool.load()
    }

    /// Lets no new statement into the slow lane, or does so again.
    pub(super) fn close_slow_lane(&self, closed: bool) {
        self.turns.close_slow_lane(closed);
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// Reads rows, in the organization's turn.
    ///
    /// # Errors
    /// The request's time passed, before its turn (`Overloaded`) or later (`Timeout`); the organization has no
    /// points left; the database failed.
    pub(super) async fn read(
        &self,
        statement: &Statement,
        read: Read<'_>,
    ) -> Result<Vec<Selected>, DatabaseError> {
        self.run(read, Collected(statement)).await
    }

    /// Reads rows into a sink, in the organization's turn.
    ///
    /// # Errors
    /// Those of [`Self::read`]; or the sink refused a row.
    pub(super) async fn read_into<S: Sink>(
        &self,
        statement: &Statement,
        read: Read<'_>,
        sink: S,
    ) -> Result<S, DatabaseError> {
        // What follows a write goes before others, and so alone.
        let has_written = read.request.is_some_and(|request| request.has_written());
        let may_join = read.is_bounded && read.price <= MAX_FAST_PRICE && batch::can_join(statement);
        if may_join && !has_written {
            let (deadline, _turn) = turn_of_request(read).await?;
            return self.read_together(statement, read, sink, deadline).await;
        }
        self.run(read, HandedOn::to(sink, statement)).await
    }

    async fn run<Q: Query>(&self, read: Read<'_>, query: Q) -> Result<Q::Rows, DatabaseError> {
        let (deadline, _turn) = turn_of_request(read).await?;
        // Boxed, as the driver's future is large, and each field of a page is a future that holds it.
        Box::pin(self.on_a_live_connection(read, query, deadline, None)).await
    }

    /// Runs the statement until it meets a live connection, on that one first if one has been lent.
    async fn on_a_live_connection<Q: Query>(
        &self,
        read: Read<'_>,
        mut query: Q,
        deadline: Instant,
        mut lent: Option<Lease<Permit<Uuid>>>,
    ) -> Result<Q::Rows, DatabaseError> {
        let mut deaths = Deaths::among(self.max);
        loop {
            let lease = match lent.take() {
                Some(lease) => lease,
                None => self.lend(read, deadline).await?,
            };
            match run(&lease, read, &mut query, deadline).await {
                Err(error) if query.may_run_again() && deaths.explain(&error) => {}
                result => return result,
            }
        }
    }

    async fn lend(&self, read: Read<'_>, deadline: Instant) -> Result<Lease<Permit<Uuid>>, DatabaseError> {
        let lane = if read.price > MAX_FAST_PRICE { Lane::Slow } else { Lane::Fast };
        let goes_first = read.request.is_some_and(|request| request.has_written());
        let turn = self.turns.wait(read.org_id, lane, goes_first);
        let permit = timeout_at(deadline, turn)
            .await
            .map_err(|_| DatabaseError::overloaded(read.during, self.turns.expected_wait(read.org_id)))?;
        if let Some(retry_after) = read.request.and_then(|request| request.exhausted()) {
            return Err(DatabaseError::rate_limited(read.during, retry_after));
        }
        let lent = timeout_at(deadline, self.pool.lend(permit)).await;
        lent.unwrap_or_else(|_| Err(DatabaseError::timeout(read.during)))
    }
}

/// Waits until the request reads nothing else: it has one reader at a time, however many of its fields wait for
/// one. Returns its deadline, too.
async fn turn_of_request(read: Read<'_>) -> Result<(Instant, Option<MutexGuard<'_, ()>>), DatabaseError> {
    let deadline = deadline_of(read.request.map(|request| &**request));
    if deadline <= Instant::now() {
        return Err(DatabaseError::timeout(read.during));
    }
    let Some(request) = read.request else { return Ok((deadline, None)) };
    let turn = timeout_at(deadline, request.reader.lock()).await;
    Ok((deadline, Some(turn.map_err(|_| DatabaseError::timeout(read.during))?)))
}

/// Runs a statement until it ends or the deadline comes, and charges what it spends.
async fn run<Q: Query>(
    lease: &Lease<Permit<Uuid>>,
    read: Read<'_>,
    query: &mut Q,
    deadline: Instant,
) -> Result<Q::Rows, DatabaseError> {
    // Declared first, so dropped last: what was spent is charged also if this future is dropped.
    let mut charging = Charging::begin(lease, read);
    let mut rows = pin!(query.run(lease, read.during));
    loop {
        let pause = deadline.min(Instant::now() + CHARGE_INTERVAL);
        match timeout_at(pause, &mut rows).await {
            Ok(rows) => return rows,
            // What is still under way ends when the lease is dropped.
            Err(_) if pause == deadline => return Err(DatabaseError::timeout(read.during)),
            Err(_) => charging.charge(),
        }
    }
}
