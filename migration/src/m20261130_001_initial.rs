//! Every table and index of the gateway.
//!
//! The schema is one text of plain SQL, because the two engines differ in three words only (see
//! [`for_backend`]), and a short text for each of them, of the documents that free text searches.
//! PostgreSQL keeps trigrams of those in an index of their table; SQLite in a table of their own,
//! which refers to the documents by number and holds no copy of them.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend},
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let own = match manager.get_connection().get_database_backend() {
            DbBackend::Sqlite => include_str!("m20261130_001_initial_sqlite.sql"),
            _ => {
                for extension in EXTENSIONS {
                    let create = format!("CREATE EXTENSION IF NOT EXISTS {extension}");
                    run(manager, &create).await.map_err(|cause| missing(extension, &cause))?;
                }
                include_str!("m20261130_001_initial_postgres.sql")
            }
        };
        run(manager, include_str!("m20261130_001_initial.sql")).await?;
        run(manager, own).await
    }

    /// Drops the tables. The extensions stay: other programs may use them.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_connection().get_database_backend() == DbBackend::Sqlite {
            run(manager, "DROP TABLE contact_search_index").await?;
        }
        for table in TABLES.iter().rev() {
            run(manager, &format!("DROP TABLE {table}")).await?;
        }
        Ok(())
    }
}

const EXTENSIONS: [&str; 2] = ["pg_trgm", "btree_gin"];

/// In the order of their making: a table comes after those it refers to.
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
    "follow_up",
    "contact_search",
];

/// One line that says what the owner of the database has to do.
fn missing(extension: &str, cause: &DbErr) -> DbErr {
    let cause = cause.to_string();
    let cause = cause.lines().next().unwrap_or_default();
    DbErr::Migration(format!(
        "PostgreSQL's extension {extension} is needed; let the owner of the database run \
         `CREATE EXTENSION {extension}` in it ({cause})"
    ))
}

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let backend = connection.get_database_backend();
    for statement in statements(sql) {
        connection.execute_unprepared(&for_backend(statement, backend)).await?;
    }
    Ok(())
}

/// The statements of a text in which no string and no comment holds a semicolon.
fn statements(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(';').map(str::trim).filter(|statement| !statement.is_empty())
}

/// SQLite has no UUID and BYTEA types (both are blobs there), and compares and lowers text by its
/// bytes already, which PostgreSQL does only when told to.
fn for_backend(statement: &str, backend: DbBackend) -> String {
    match backend {
        DbBackend::Sqlite => {
            statement.replace(" UUID", " BLOB").replace(" BYTEA", " BLOB").replace(" COLLATE \"C\"", "")
        }
        _ => statement.to_owned(),
    }
}
