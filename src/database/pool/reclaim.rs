//! Taking connections back whose callers have gone: their work is ended first.

use std::sync::Arc;

use sea_orm::{DbBackend, Statement};
use tokio::{runtime::Handle, time::timeout};

use super::{Limited, MAX_ANSWER_TIME, Pool};
use crate::database::connection::{Connection, Stop};

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
    if let Stop::Postgres { backend: Some(backend) } = *connection.stop()
        && let Some(control) = &pool.0.control
    {
        cancel(control, backend).await;
    }
    let asked = connection.asked();
    match timeout(MAX_ANSWER_TIME, connection.settle()).await {
        Ok(Ok(())) => {
            connection.stop().allow();
            pool.give_back(connection);
        }
        Ok(Err(_)) => pool.forget(connection),
        Err(_) => {
            pool.0.health.found_silent(asked);
            pool.forget(connection);
        }
    }
}

/// Asks the server to end the statement of another connection. Whether it did is seen there.
///
/// The call must have returned before that connection is used again: a cancellation on its way would hit
/// its next statement.
async fn cancel(control: &Limited, backend: i32) {
    let sql = "SELECT pg_cancel_backend($1)";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [backend.into()]);
    let asked = control.read(&statement, "ending a statement");
    drop(timeout(MAX_ANSWER_TIME, asked).await);
}
