//! The migrations of the contacts gateway: one file for each change, one list for both engines.
//!
//! A landed migration is never edited. This crate imports neither `entity` nor the gateway, so
//! that a migration keeps meaning what it meant on the day it landed.
//!
//! Migrations are little more than SQL, so running them takes no more than a list of what has been applied.
//! It is kept as sea-orm's own migrator keeps it, in `seaql_migrations`.

mod m20261130_002_initial;
mod m20261130_003_search;
mod m20261201_004_api_key_maker;

use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    TransactionTrait as _, Value,
};

/// A change of the schema.
#[async_trait]
trait Migration: Send + Sync {
    /// Returns the name under which it is listed: its day, a number, and what it changes.
    fn name(&self) -> &'static str;

    /// Makes the change.
    async fn up(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;

    /// Takes it back.
    async fn down(&self, tx: &DatabaseTransaction) -> Result<(), DbErr>;
}

/// All migrations, oldest first.
const MIGRATIONS: [&dyn Migration; 3] = [
    &m20261130_002_initial::Initial,
    &m20261130_003_search::Search,
    &m20261201_004_api_key_maker::ApiKeyMaker,
];

const LIST: &str = "CREATE TABLE IF NOT EXISTS seaql_migrations \
    (version VARCHAR NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)";

/// Returns the names of all migrations, oldest first.
#[must_use]
pub fn names() -> Vec<&'static str> {
    MIGRATIONS.iter().map(|migration| migration.name()).collect()
}

/// Returns the names of the migrations that a database has had, oldest first. Some may be unknown
/// to this program. Nothing is written, so that a standby can be asked.
///
/// # Errors
/// The list cannot be read.
pub async fn applied(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let exists = match backend {
        DbBackend::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
        _ => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
    };
    if db.query_one_raw(Statement::from_string(backend, exists)).await?.is_none() {
        return Ok(Vec::new());
    }
    let sql = "SELECT version FROM seaql_migrations ORDER BY version";
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Applies the migrations that a database has not had, each in a transaction of its own.
///
/// # Errors
/// A statement failed; what its migration had done is undone. Another replica may have been faster:
/// then this can be called again.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let applied = applied(db).await?;
    let missing = MIGRATIONS.into_iter().filter(|known| !applied.iter().any(|name| name == known.name()));
    for migration in missing {
        db.execute_unprepared(LIST).await?;
        let tx = db.begin().await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let insert = "INSERT INTO seaql_migrations (version, applied_at) VALUES ($1, $2)";
        // First, because it makes a second replica wait here until this one has committed.
        record(&tx, insert, [migration.name().into(), i64::try_from(now).unwrap_or(i64::MAX).into()]).await?;
        migration.up(&tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Takes back all migrations, the newest first. The data is lost; only tests do it.
///
/// # Errors
/// A statement failed; what was done for its migration is undone.
pub async fn down(db: &DatabaseConnection) -> Result<(), DbErr> {
    let applied = applied(db).await?;
    for migration in MIGRATIONS.iter().rev() {
        let name = migration.name();
        if applied.iter().any(|applied| applied == name) {
            let tx = db.begin().await?;
            migration.down(&tx).await?;
            record(&tx, "DELETE FROM seaql_migrations WHERE version = $1", [name.into()]).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn record<const N: usize>(
    tx: &DatabaseTransaction,
    sql: &str,
    values: [Value; N],
) -> Result<(), DbErr> {
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await.map(drop)
}

/// Runs the statements of a text in which no string and no comment holds a semicolon.
async fn run(tx: &DatabaseTransaction, sql: &str) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    for statement in sql.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        tx.execute_unprepared(&for_backend(statement, backend)).await?;
    }
    Ok(())
}

/// Translates a statement for an engine. SQLite has no UUID and BYTEA types (both are blobs there),
/// and compares and lowers text by its bytes already, which PostgreSQL does only when told to.
fn for_backend(statement: &str, backend: DbBackend) -> String {
    match backend {
        DbBackend::Sqlite => {
            statement.replace(" UUID", " BLOB").replace(" BYTEA", " BLOB").replace(" COLLATE \"C\"", "")
        }
        _ => statement.to_owned(),
    }
}
