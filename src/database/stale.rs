//! Connections that died while nobody used them, as all of a pool do when PostgreSQL is restarted.
//!
//! A pool does not notice, and to ask before each use would cost every statement a round trip. The
//! first statement on such a connection fails without having had an effect; the pool drops it then.

use std::future::Future;

use sea_orm::{DatabaseConnection, DbBackend};

use crate::error::DatabaseError;

/// Runs what may be repeated, a single SELECT or BEGIN, as often as the pool may hold stale
/// connections, and then once more, which is on a new one.
pub(super) async fn on_a_live_connection<T, F>(
    pool: &DatabaseConnection,
    run: impl Fn() -> F,
) -> Result<T, DatabaseError>
where
    F: Future<Output = Result<T, DatabaseError>>,
{
    for _ in 0..size(pool) {
        match run().await {
            Err(error) if error.connection_lost() => {}
            result => return result,
        }
    }
    run().await
}

/// How many connections the pool has at most. None of SQLite's can die by itself.
fn size(pool: &DatabaseConnection) -> u32 {
    match pool.get_database_backend() {
        DbBackend::Postgres => pool.get_postgres_connection_pool().options().get_max_connections(),
        _ => 0,
    }
}
