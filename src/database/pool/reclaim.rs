//! Taking connections back whose callers have gone: their work is ended first.

use std::{pin::pin, sync::Arc, time::Duration};

use sea_orm::{DbBackend, Statement};
use tokio::{
    runtime::Handle,
    time::{Instant, timeout},
};

use super::{Limited, MAX_ANSWER_TIME, Pool};
use crate::{
    database::{
        connection::{Connection, Stop},
        postgres::ServerId,
    },
    error::{DatabaseError, During as _},
};

const ENDING: &str = "ending a statement";

/// Time after which a statement that has not ended is cancelled again.
const CANCEL_INTERVAL: Duration = Duration::from_millis(50);

/// Maximum time for which a server is waited for that goes on working in spite of that.
const MAX_WORK_TIME: Duration = Duration::from_mins(1);

/// Ends what is under way on a connection, and gives it back once it has answered; its permit after it.
pub(super) fn begin<P: Send + 'static>(pool: &Pool, connection: Arc<Connection>, permit: Option<P>) {
    // At once, before the task has its turn.
    connection.stop().stop_sqlite();
    pool.0.health.gave_up();
    let Ok(runtime) = Handle::try_current() else {
        // The program ends.
        return pool.forget(connection);
    };
    let pool = pool.clone();
    runtime.spawn(async move {
        reclaim(&pool, connection).await;
        drop(permit);
    });
}

async fn reclaim(pool: &Pool, connection: Arc<Connection>) {
    let settled = match *connection.stop() {
        // A thread of ours has no wire: its statement ends within its next steps, and must not go on unseen.
        Stop::Sqlite(_) => connection.settle().await,
        Stop::Postgres { server, backend_pid } => {
            let backend = backend_pid.zip(pool.0.control.as_ref()).map(|(pid, control)| Backend {
                control,
                server,
                pid,
            });
            settle_on_postgres(pool, &connection, backend).await
        }
    };
    if settled.is_ok() {
        connection.stop().allow();
        pool.give_back(connection);
    } else {
        pool.forget(connection);
    }
}

/// Waits until a connection has settled, and meanwhile ends its statement.
async fn settle_on_postgres(
    pool: &Pool,
    connection: &Connection,
    backend: Option<Backend<'_>>,
) -> Result<(), DatabaseError> {
    let (asked, began) = (connection.asked(), Instant::now());
    let mut settle = pin!(connection.settle());
    let first = loop {
        // Again and again: a statement that has not reached the server yet is not ended by the first call.
        let state = match &backend {
            Some(backend) => timeout(MAX_ANSWER_TIME, backend.cancel()).await.unwrap_or(Ok(State::Unknown)),
            None => Ok(State::Unknown),
        };
        if let Ok(settled) = timeout(CANCEL_INTERVAL, &mut settle).await {
            break settled;
        }
        match state {
            Ok(State::Works) if began.elapsed() < MAX_WORK_TIME => {}
            Ok(State::Works | State::Gone) => return Err(DatabaseError::timeout(ENDING)),
            Ok(State::Rests | State::Unknown) | Err(_) if began.elapsed() < MAX_ANSWER_TIME => {}
            Ok(State::Rests | State::Unknown) | Err(_) => {
                // Behind a pooler, a statement that cannot be ended is no sign of a silent wire.
                if backend.is_some() {
                    pool.0.health.found_silent(asked);
                }
                return Err(DatabaseError::timeout(ENDING));
            }
        }
    };
    // The last cancellation may have hit what was to settle it.
    match first {
        Err(error) if error.connection_lost() => Err(error),
        Ok(()) | Err(_) => {
            let again = timeout(MAX_ANSWER_TIME, connection.settle()).await;
            again.unwrap_or_else(|_| Err(DatabaseError::timeout(ENDING)))
        }
    }
}

/// A process of a server, and the connections by which it is told to end its statement.
struct Backend<'a> {
    control: &'a Limited,
    server: ServerId,
    pid: i32,
}

/// State of a process of a server.
#[derive(Clone, Copy)]
enum State {
    /// It works on a statement.
    Works,
    /// It works on nothing.
    Rests,
    /// It does not exist.
    Gone,
    /// Nobody tells.
    Unknown,
}

impl Backend<'_> {
    /// Asks the server to end the statement of the process, and returns what the process did until then.
    ///
    /// The call must have returned before its connection is used again: a cancellation on its way would hit
    /// the next statement.
    async fn cancel(&self) -> Result<State, DatabaseError> {
        let sql = "SELECT state = 'active' AS works, pg_cancel_backend(pid) AS told \
            FROM pg_stat_activity WHERE pid = $1";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [self.pid.into()]);
        // Twice, as the first may lead to another server, where this number is somebody else.
        for _ in 0..2 {
            let control = self.control.lend().await?;
            if matches!(*control.stop(), Stop::Postgres { server, .. } if server == self.server) {
                let rows = control.read(&statement).await.during(ENDING)?;
                return Ok(match rows.first().map(|row| row.get::<Option<bool>>("works")) {
                    Some(Ok(Some(true))) => State::Works,
                    Some(Ok(_)) => State::Rests,
                    Some(Err(_)) => State::Unknown,
                    None => State::Gone,
                });
            }
            control.mark_dead();
        }
        Ok(State::Unknown)
    }
}
