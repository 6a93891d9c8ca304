//! Taking connections back whose callers have gone: their work is ended first.

use std::sync::Arc;

use sea_orm::{DbBackend, Statement};
use tokio::{runtime::Handle, time::timeout};

use super::{Limited, MAX_ANSWER_TIME, Pool};
use crate::{
    database::{
        connection::{Connection, Stop},
        postgres::ServerId,
    },
    error::{DatabaseError, During as _},
};

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
    let asked = connection.asked();
    let settled = match *connection.stop() {
        // A thread of ours has no wire: its statement ends within its next steps, and must not go on unseen.
        Stop::Sqlite(_) => Some(connection.settle().await),
        Stop::Postgres { server, backend_pid } => {
            if let (Some(backend_pid), Some(control)) = (backend_pid, &pool.0.control) {
                drop(timeout(MAX_ANSWER_TIME, cancel(control, server, backend_pid)).await);
            }
            let settled = timeout(MAX_ANSWER_TIME, connection.settle()).await.ok();
            // A statement that cannot be ended is no sign of a silent wire.
            if settled.is_none() && backend_pid.is_some() {
                pool.0.health.found_silent(asked);
            }
            settled
        }
    };
    if let Some(Ok(())) = settled {
        connection.stop().allow();
        pool.give_back(connection);
    } else {
        pool.forget(connection);
    }
}

/// Asks the server to end the statement of another connection. Whether it did is seen there.
///
/// The call must have returned before that connection is used again: a cancellation on its way would hit
/// its next statement.
async fn cancel(control: &Limited, server: ServerId, backend_pid: i32) -> Result<(), DatabaseError> {
    let sql = "SELECT pg_cancel_backend($1)";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [backend_pid.into()]);
    // Twice, as the first may lead to another server, where this number is somebody else.
    for _ in 0..2 {
        let control = control.lend().await?;
        if matches!(*control.stop(), Stop::Postgres { server: of_control, .. } if of_control == server) {
            return control.read(&statement).await.map(drop).during("ending a statement");
        }
        control.mark_dead();
    }
    Ok(())
}
