//! Reads: whose turn it is, and how long they may take.

mod charge;
mod query;

use std::{fmt, pin::pin, time::Duration};

use sea_orm::Statement;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use self::{
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
    max: usize,
}

/// A read, and for whom.
#[derive(Clone, Copy)]
pub(super) struct Read<'a> {
    pub(super) org_id: Uuid,
    pub(super) request: Option<&'a RequestShare>,
    pub(super) statement: &'a Statement,
    /// Price of the statement, in points.
    pub(super) price: u32,
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
        Self { pool, turns: Turns::new(shares), max }
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
    pub(super) async fn read(&self, read: Read<'_>) -> Result<Vec<Selected>, DatabaseError> {
        self.run(read, Collected).await
    }

    /// Reads rows into a sink, in the organization's turn.
    ///
    /// # Errors
    /// Those of [`Self::read`]; or the sink refused a row.
    pub(super) async fn read_into<S: Sink>(&self, read: Read<'_>, sink: S) -> Result<S, DatabaseError> {
        self.run(read, HandedOn::to(sink)).await
    }

    async fn run<Q: Query>(&self, read: Read<'_>, query: Q) -> Result<Q::Rows, DatabaseError> {
        let deadline = deadline_of(read.request);
        if deadline <= Instant::now() {
            return Err(DatabaseError::timeout(read.during));
        }
        // A request has one reader at a time, however many of its fields wait for one.
        let _turn = match read.request {
            Some(request) => Some(
                timeout_at(deadline, request.reader.lock())
                    .await
                    .map_err(|_| DatabaseError::timeout(read.during))?,
            ),
            None => None,
        };
        // Boxed, as the driver's future is large, and each field of a page is a future that holds it.
        Box::pin(self.on_a_live_connection(read, query, deadline)).await
    }

    /// Runs the statement until it meets a live connection.
    async fn on_a_live_connection<Q: Query>(
        &self,
        read: Read<'_>,
        mut query: Q,
        deadline: Instant,
    ) -> Result<Q::Rows, DatabaseError> {
        let mut deaths = Deaths::among(self.max);
        loop {
            let lease = self.lend(read, deadline).await?;
            match run(&lease, read, &mut query, deadline).await {
                Err(error) if query.may_run_again() && deaths.explain(&error) => {}
                result => return result,
            }
        }
    }

    async fn lend(&self, read: Read<'_>, deadline: Instant) -> Result<Lease<Permit<Uuid>>, DatabaseError> {
        let lane = if read.price > MAX_FAST_PRICE { Lane::Slow } else { Lane::Fast };
        let goes_first = read.request.is_some_and(RequestShare::has_written);
        let turn = self.turns.wait(read.org_id, lane, goes_first);
        let permit = timeout_at(deadline, turn)
            .await
            .map_err(|_| DatabaseError::overloaded(read.during, self.turns.expected_wait(read.org_id)))?;
        if let Some(retry_after) = read.request.and_then(RequestShare::exhausted) {
            return Err(DatabaseError::rate_limited(read.during, retry_after));
        }
        let lent = timeout_at(deadline, self.pool.lend(permit)).await;
        lent.unwrap_or_else(|_| Err(DatabaseError::timeout(read.during)))
    }
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
    let mut rows = pin!(query.run(lease, read.statement, read.during));
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
