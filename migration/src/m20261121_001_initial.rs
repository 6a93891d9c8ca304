//! Every table of the gateway, and the indexes of the contact list.
//!
//! The schema is one text of plain SQL, because the two engines differ in three words only:
//! see [`for_backend`].

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend},
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, include_str!("m20261121_001_initial.sql")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.iter().rev() {
            run(manager, &format!("DROP TABLE {table}")).await?;
        }
        Ok(())
    }
}

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
];

pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let backend = connection.get_database_backend();
    for statement in statements(sql) {
        connection.execute_unprepared(&for_backend(statement, backend)).await?;
    }
    Ok(())
}

/// The statements of a text in which no string holds a semicolon.
fn statements(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(';').map(str::trim).filter(|statement| !statement.is_empty())
}

/// SQLite has no UUID and BYTEA types (both are blobs there), and compares text by its bytes
/// already, which PostgreSQL does only when told to.
fn for_backend(statement: &str, backend: DbBackend) -> String {
    match backend {
        DbBackend::Sqlite => {
            statement.replace(" UUID", " BLOB").replace(" BYTEA", " BLOB").replace(" COLLATE \"C\"", "")
        }
        _ => statement.to_owned(),
    }
}
