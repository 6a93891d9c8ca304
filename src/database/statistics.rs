//! The statistics by which the engines plan statements, renewed as contacts grow in number.
//!
//! Both plan as for a few rows until they are told otherwise. PostgreSQL comes to it within minutes, by
//! which time a new store checks foreign keys by reading whole tables; SQLite never does.

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

use super::connection::Connection;
use crate::error::{DatabaseError, During as _};

const RENEWING: &str = "renewing statistics";

/// Number of written contacts after which rows are counted, and number of rows from which on the
/// statistics are renewed.
pub(super) const MIN_CONTACTS: u32 = 1_000;

/// Factor by which rows have grown when statistics are renewed.
const GROWTH: i64 = 10;

/// Tables that grow with contacts.
const TABLES: &str = "contact, contact_phone, contact_email, contact_tag, contact_assignee, contact_search, \
    company, tag, idempotency";

/// Renews SQLite's statistics if contacts have grown tenfold since the last time; the first time at
/// [`MIN_CONTACTS`]. `connection` is the one that writes.
///
/// # Errors
/// The database failed.
pub(super) async fn renew_sqlite(connection: &Connection) -> Result<(), DatabaseError> {
    let number = async |sql: &str| {
        let rows = connection.read(&Statement::from_string(DbBackend::Sqlite, sql)).await.during(RENEWING)?;
        let row = rows.first().ok_or_else(|| DatabaseError::internal(RENEWING, "no answer"))?;
        row.get::<i64>("number").during(RENEWING)
    };
    // About the number of rows, found without reading the table.
    let rows = number("SELECT coalesce(max(rowid), 0) AS number FROM contact").await?;
    if rows < i64::from(MIN_CONTACTS) {
        return Ok(());
    }
    // The table exists since the store was opened, when what it had then was analysed.
    let seen = "SELECT coalesce(max(CAST(stat AS INTEGER)), 0) AS number FROM sqlite_stat1 \
        WHERE tbl = 'contact'";
    if rows < GROWTH * number(seen).await? {
        return Ok(());
    }
    // From a sample of each index.
    let analyze = "PRAGMA analysis_limit = 400; ANALYZE";
    connection.script(analyze).await.during(RENEWING)?;
    // Other connections read statistics with the schema, and that when its version has changed.
    let version =
        number("SELECT CAST(schema_version AS INTEGER) AS number FROM pragma_schema_version").await?;
    let next = format!("PRAGMA schema_version = {}", version + 1);
    connection.script(&next).await.during(RENEWING)
}

/// Renews PostgreSQL's statistics, as [`renew_sqlite`] does those of SQLite.
///
/// # Errors
/// The database failed.
pub(super) async fn renew_postgres(connection: &DatabaseConnection) -> Result<(), DatabaseError> {
    let rows = format!("SELECT count(*) FROM (SELECT FROM contact LIMIT {MIN_CONTACTS}) AS first");
    if number(connection, &rows).await? < i64::from(MIN_CONTACTS) {
        return Ok(());
    }
    // A table's pages are known at once; its rows, only after it was analysed.
    let is_due = format!(
        "SELECT CASE WHEN reltuples < {MIN_CONTACTS} / {GROWTH} \
         OR pg_relation_size(oid) >= {GROWTH} * relpages * current_setting('block_size')::bigint \
         THEN 1::bigint ELSE 0 END FROM pg_class WHERE oid = 'contact'::regclass"
    );
    if number(connection, &is_due).await? == 0 {
        return Ok(());
    }
    // Tables that another gateway is at are left to it.
    let analyze = Statement::from_string(DbBackend::Postgres, format!("ANALYZE (SKIP_LOCKED) {TABLES}"));
    connection.execute_raw(analyze).await.map(drop).during(RENEWING)
}

async fn number(connection: &DatabaseConnection, sql: &str) -> Result<i64, DatabaseError> {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = connection.query_one_raw(statement).await.during(RENEWING)?;
    let row = row.ok_or_else(|| DatabaseError::internal(RENEWING, "no answer"))?;
    row.try_get_by_index(0).during(RENEWING)
}
