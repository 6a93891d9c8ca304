//! Free text, and the indexes that filters are read off in the default order.
//!
//! The text of a contact is one document, folded by the writer. PostgreSQL keeps trigrams of it in
//! an index of the table; SQLite in a table of their own, which refers to the documents by number
//! and holds no copy of them.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend},
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_002_search"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_connection().get_database_backend() {
            DbBackend::Sqlite => run(manager, include_str!("m20261121_002_search_sqlite.sql")).await?,
            _ => {
                for extension in EXTENSIONS {
                    let create = format!("CREATE EXTENSION IF NOT EXISTS {extension}");
                    run(manager, &create).await.map_err(|cause| missing(extension, &cause))?;
                }
                run(manager, include_str!("m20261121_002_search_postgres.sql")).await?;
            }
        }
        run(manager, include_str!("m20261121_002_search.sql")).await
    }

    /// The extensions stay: other programs may use them.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in INDEXES {
            run(manager, &format!("DROP INDEX {index}")).await?;
        }
        if manager.get_connection().get_database_backend() == DbBackend::Sqlite {
            run(manager, "DROP TABLE contact_search_index").await?;
        }
        run(manager, "DROP TABLE contact_search").await
    }
}

const EXTENSIONS: [&str; 2] = ["pg_trgm", "btree_gin"];

const INDEXES: [&str; 6] = [
    "contact_live_status",
    "contact_live_stage",
    "contact_live_company_id",
    "contact_live_team",
    "contact_live_owner",
    "contact_live_pipeline_stage",
];

/// One line that says how to mend it.
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
    for statement in sql.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        connection.execute_unprepared(&for_backend(statement, backend)).await?;
    }
    Ok(())
}

/// SQLite's `lower` is about ASCII already, which PostgreSQL's is only when told to.
fn for_backend(statement: &str, backend: DbBackend) -> String {
    match backend {
        DbBackend::Sqlite => statement.replace(" COLLATE \"C\"", ""),
        _ => statement.to_owned(),
    }
}
