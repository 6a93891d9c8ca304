//! Every table and index of the gateway.
//!
//! The schema is one text of plain SQL, because the two engines differ in three words only (see
//! `for_backend`), and a short text for each of them, of the documents that free text searches.
//! PostgreSQL keeps trigrams of those in an index of their table; SQLite in a table of their own,
//! which refers to the documents by number and holds no copy of them.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr};

use crate::{Migration, run};

/// The first migration.
pub(crate) struct Initial;

#[async_trait]
impl Migration for Initial {
    fn name(&self) -> &'static str {
        "m20261130_002_initial"
    }

    async fn up(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        let own = match tx.get_database_backend() {
            DbBackend::Sqlite => include_str!("m20261130_002_initial_sqlite.sql"),
            _ => {
                for extension in EXTENSIONS {
                    let create = format!("CREATE EXTENSION IF NOT EXISTS {extension}");
                    run(tx, &create).await.map_err(|cause| missing(extension, &cause))?;
                }
                include_str!("m20261130_002_initial_postgres.sql")
            }
        };
        run(tx, include_str!("m20261130_002_initial.sql")).await?;
        run(tx, own).await
    }

    /// Drops the tables. The extensions stay: other programs may use them.
    async fn down(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        if tx.get_database_backend() == DbBackend::Sqlite {
            run(tx, "DROP TABLE contact_search_index").await?;
        }
        for table in TABLES.iter().rev() {
            run(tx, &format!("DROP TABLE {table}")).await?;
        }
        Ok(())
    }
}

const EXTENSIONS: [&str; 2] = ["pg_trgm", "btree_gin"];

/// Tables in the order in which they are created: each comes after those it refers to.
const TABLES: &[&str] = &[
    "store",
    "organization",
    "\"user\"",
    "team",
    "team_member",
    "company",
    "pipeline",
    "pipeline_stage",
    "tag",
    "api_key",
    "api_key_team",
    "change_clock",
    "contact",
    "contact_phone",
    "contact_email",
    "contact_tag",
    "contact_assignee",
    "idempotency",
    "cascade",
    "contact_search",
];

/// Returns the error of a missing extension: one line that says what the owner of the database has
/// to do.
fn missing(extension: &str, cause: &DbErr) -> DbErr {
    let cause = cause.to_string();
    let cause = cause.lines().next().unwrap_or_default();
    DbErr::Migration(format!(
        "PostgreSQL's extension {extension} is needed; let the owner of the database run \
         `CREATE EXTENSION {extension}` in it ({cause})"
    ))
}
