//! Connections of one kind: opened when they are needed, lent, and taken back.
//!
//! To ask a connection before each use would cost every statement a round trip. So:
//! - A connection that died while nobody used it, as all do when PostgreSQL is restarted, fails its
//!   first statement without an effect; the statement is run again, on another connection.
//! - A connection whose caller has gone is [reclaimed](reclaim): its work is ended, and it is lent
//!   again once it has answered.
//! - A connection whose wire swallows everything does not answer then. All that have not answered
//!   since are [suspect](Health), those of the other kinds too: they are asked before they are lent.

mod health;
mod limited;
mod reclaim;

use std::{fmt, mem, ops::Deref, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::timeout;

pub(super) use self::{health::Health, limited::Limited};
use super::{Engine, connect::Connector, connection::Connection};
use crate::{error::DatabaseError, metrics};

/// Maximum time that an idle connection to a server is kept: whatever stands between may have forgotten
/// it.
const MAX_IDLE_TIME: Duration = Duration::from_mins(5);

/// Maximum time in which a connection that is asked for a sign of life must give one.
const MAX_ANSWER_TIME: Duration = Duration::from_secs(2);

/// Maximum time for which connections are waited for when they close.
const MAX_CLOSE_TIME: Duration = Duration::from_secs(5);

/// Connections of one kind. Cloning it is cheap; the clones share them.
///
/// It does not limit their number: whoever borrows one holds a permit, which goes back with the connection.
#[derive(Clone)]
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    connector: Connector,
    health: Health,
    /// Connections through which statements of the others are ended; `None` for these themselves.
    control: Option<Limited>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: Vec<Arc<Connection>>,
    /// Number of connections that exist, lent ones included.
    open: usize,
    /// Number of attempts to open one that are under way.
    attempts: usize,
    /// True if the last attempt to open one failed.
    is_away: bool,
    closed: bool,
}

/// A borrowed connection, with the permit to have it. Dropping it gives both back.
pub(super) struct Lease<P: Send + 'static> {
    pool: Pool,
    connection: Arc<Connection>,
    /// `None` once it was handed on.
    permit: Option<P>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Pool {
    pub(super) fn new(connector: Connector, health: Health, control: Option<Limited>) -> Self {
        Self(Arc::new(Shared { connector, health, control, state: Mutex::default() }))
    }

    /// Lends a connection: an idle one, or a new one.
    ///
    /// # Errors
    /// The database cannot be reached. While nobody reaches it, that is said at once.
    pub(super) async fn lend<P: Send + 'static>(&self, permit: P) -> Result<Lease<P>, DatabaseError> {
        let mut permit = Some(permit);
        while let Some(connection) = self.take_idle() {
            let suspected = self.0.health.suspects(&connection);
            // If the borrower gives up while it is asked, it goes the way of all that are given up.
            let lease = Lease { pool: self.clone(), connection, permit: permit.take() };
            // Boxed, as below, or every borrower's future would have room for what hardly any waits for.
            if !suspected || matches!(Box::pin(timeout(MAX_ANSWER_TIME, lease.ping())).await, Ok(Ok(()))) {
                return Ok(lease);
            }
            permit = lease.discard();
        }
        let connection = Arc::new(Box::pin(self.open()).await?);
        Ok(Lease { pool: self.clone(), connection, permit })
    }

    /// Opens a connection, if none is idle, so that a setting that is wrong is told when the program starts.
    pub(super) async fn warm_up(&self) -> Result<(), DatabaseError> {
        self.lend(()).await.map(drop)
    }

    pub(super) fn engine(&self) -> Engine {
        self.0.connector.engine()
    }

    fn take_idle(&self) -> Option<Arc<Connection>> {
        let mut stale = Vec::new();
        let mut state = self.0.state.lock();
        let found = loop {
            match state.idle.pop() {
                Some(connection) if self.is_stale(&connection) => stale.push(connection),
                other => break other,
            }
        };
        state.open -= stale.len();
        drop(state);
        found
    }

    fn is_stale(&self, connection: &Connection) -> bool {
        // A connection to a file has no wire, and a new one has to read the schema first.
        let is_old = self.engine() == Engine::Postgres && connection.answered().elapsed() > MAX_IDLE_TIME;
        is_old || self.0.health.condemns(connection)
    }

    async fn open(&self) -> Result<Connection, DatabaseError> {
        let attempt = Attempt::begin(self)?;
        let opened = self.0.connector.connect().await;
        attempt.end(opened.is_ok());
        opened
    }

    fn give_back(&self, connection: Arc<Connection>) {
        let mut state = self.0.state.lock();
        if state.closed || connection.is_dead() || self.0.health.condemns(&connection) {
            state.open -= 1;
        } else {
            state.idle.push(connection);
        }
    }

    fn forget(&self, connection: Arc<Connection>) {
        self.0.state.lock().open -= 1;
        // Without a farewell, for which it might wait.
        drop(connection);
    }

    /// Has all connections replaced, of the other kinds too, since they lead to a server that takes no
    /// writes.
    pub(super) fn replace_all(&self) {
        self.0.health.found_read_only();
    }

    /// Numbers of connections in use and idle.
    pub(super) fn load(&self) -> metrics::Pool {
        let state = self.0.state.lock();
        metrics::Pool { in_use: state.open - state.idle.len(), idle: state.idle.len() }
    }

    /// Closes the idle connections, and those that come back.
    pub(super) async fn close(&self) {
        let idle = {
            let mut state = self.0.state.lock();
            state.closed = true;
            state.open -= state.idle.len();
            mem::take(&mut state.idle)
        };
        for connection in idle.into_iter().filter_map(Arc::into_inner) {
            drop(timeout(MAX_CLOSE_TIME, connection.close()).await);
        }
    }
}

/// Count of the dead connections that a statement or a transaction has met. It may be run again as often as
/// connections may have died unnoticed; after that, it was on a new one.
pub(super) struct Deaths {
    left: usize,
}

impl Deaths {
    /// Counts deaths among at most so many connections.
    pub(super) fn among(max: usize) -> Self {
        Self { left: max }
    }

    /// Counts a failure, and returns true if it is that of a dead connection and may be met again.
    pub(super) fn explain(&mut self, error: &DatabaseError) -> bool {
        let explained = error.connection_lost() && self.left > 0;
        self.left -= usize::from(explained);
        explained
    }
}

/// An attempt to open a connection.
struct Attempt<'a>(&'a Pool);

impl<'a> Attempt<'a> {
    /// Begins an attempt. While the database is away, one tries at a time, and the others need not wait for
    /// what it finds.
    fn begin(pool: &'a Pool) -> Result<Self, DatabaseError> {
        let mut state = pool.0.state.lock();
        if state.closed || (state.is_away && state.open == 0 && state.attempts > 0) {
            return Err(DatabaseError::unreachable("connecting"));
        }
        state.attempts += 1;
        Ok(Self(pool))
    }

    fn end(self, succeeded: bool) {
        let mut state = self.0.0.state.lock();
        state.is_away = !succeeded;
        state.open += usize::from(succeeded);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.0.0.state.lock().attempts -= 1;
    }
}

impl<P: Send + 'static> Lease<P> {
    /// Throws the connection away, and returns the permit.
    fn discard(mut self) -> Option<P> {
        self.connection.mark_dead();
        self.permit.take()
    }
}

impl<P: Send + 'static> Deref for Lease<P> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl<P: Send + 'static> Drop for Lease<P> {
    fn drop(&mut self) {
        let (connection, permit) = (self.connection.clone(), self.permit.take());
        if connection.is_at_rest() || connection.is_dead() {
            self.pool.give_back(connection);
        } else {
            // The permit is kept until the work has ended: it takes the database's time all the same.
            reclaim::begin(&self.pool, connection, permit);
        }
    }
}
