//! Making a database ready: its version, its tables, its statistics.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

use super::{Engine, OpenError, Options, Target, connect};
use crate::{
    database::{statistics, store},
    error::is_read_only,
};

/// Brings the tables up to date, on a connection of its own, which nothing hurries.
pub(in crate::database) async fn prepare(target: &Target, options: &Options) -> Result<(), OpenError> {
    let connection = connect(target, options).await?;
    // First, as an engine that is too old must not write anything.
    check_version(&connection).await?;
    migrate(&connection).await?;
    store::ensure_epoch(&connection).await?;
    optimize(&connection).await?;
    connection.close().await.map_err(|error| OpenError::Connect(error.to_string()))
}

/// Lets the engine see what its tables have grown to, from a sample of their rows. Without that SQLite
/// takes an organization for some ten contacts, and reads a list through where it could look up.
async fn optimize(writer: &DatabaseConnection) -> Result<(), OpenError> {
    match Engine::of(writer) {
        Engine::Sqlite => {
            let sql = "PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002";
            writer.execute_unprepared(sql).await.map_err(|error| OpenError::Connect(error.to_string()))?;
        }
        // Without them it is slow for a while, and no more than that.
        Engine::Postgres => {
            if let Err(error) = statistics::renew_postgres(writer).await {
                tracing::warn!(%error, cause = %error.cause(), "statistics are not renewed");
            }
        }
    }
    Ok(())
}

/// SQLite 3.7.0 to 3.51.2 can corrupt a database in WAL mode; PostgreSQL is tested from 14 on.
async fn check_version(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let (question, oldest) = match Engine::of(connection) {
        Engine::Sqlite => ("SELECT sqlite_version() AS version", vec![3, 51, 3]),
        Engine::Postgres => ("SELECT current_setting('server_version') AS version", vec![14]),
    };
    let version: String = connection
        .query_one_raw(Statement::from_string(connection.get_database_backend(), question))
        .await
        .and_then(|row| row.ok_or_else(|| DbErr::Custom("no answer".to_owned())))
        .and_then(|row| row.try_get("", "version"))
        .map_err(|error| OpenError::Connect(error.to_string()))?;
    if numbers(&version) >= oldest {
        return Ok(());
    }
    Err(match Engine::of(connection) {
        Engine::Sqlite => OpenError::SqliteVersion(version),
        Engine::Postgres => OpenError::PostgresVersion(version),
    })
}

fn numbers(version: &str) -> Vec<u32> {
    // "16.4 (Debian 16.4-1)" becomes 16, 4: what follows the first gap is not read.
    version.split(|c: char| !c.is_ascii_digit()).map_while(|part| part.parse().ok()).collect()
}

/// Applies the migrations that are missing.
///
/// Several replicas may start at once. PostgreSQL lets the one that comes second wait for the
/// first, and then refuses what is there already: first the table that lists the migrations, then
/// those of the migrations. After each it looks again, until nothing is left to do.
pub(in crate::database) async fn migrate(connection: &DatabaseConnection) -> Result<(), OpenError> {
    // Each migration may be lost to another replica once, and so may the table that lists them.
    let mut attempts = 3 * (migration::names().len() + 1);
    loop {
        attempts -= 1;
        match migrate_once(connection).await {
            Err(OpenError::Migrate(_)) if attempts > 0 => {}
            result => return result,
        }
    }
}

async fn migrate_once(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let failed = |error: DbErr| OpenError::Migrate(error.to_string());
    let known = migration::names();
    let applied = migration::applied(connection).await.map_err(failed)?;
    for applied in &applied {
        if !known.contains(&applied.as_str()) {
            // Names begin with their day, and the first migration was redrawn until the first release.
            let is_older = known.first().is_some_and(|first| applied.as_str() < *first);
            let unknown = if is_older { OpenError::Development } else { OpenError::Newer };
            return Err(unknown(applied.clone()));
        }
    }
    migration::up(connection).await.map_err(|error| {
        let missing = known.iter().find(|known| !applied.iter().any(|name| name == *known));
        match missing {
            Some(missing) if is_read_only(&error) => OpenError::Standby((*missing).to_owned()),
            _ => failed(error),
        }
    })
}
