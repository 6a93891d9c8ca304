//! Copies of all contacts, set-based. A copy is older than what it was made from, so that the newest contacts
//! are those of `demo`, and has other ids, addresses and numbers.

use crate::{database::Database, failure::Failure, options::Engine};

/// Tables that are copied, and whether they are the contacts' own.
const TABLES: [&str; 6] =
    ["contact", "contact_phone", "contact_email", "contact_tag", "contact_assignee", "contact_search"];

/// Number of copies in one transaction.
const COPIES_AT_ONCE: u64 = 10;

/// Distance of two copies.
struct Distance {
    /// Milliseconds.
    time: i64,
    /// Changes.
    seq: i64,
}

pub(super) async fn multiply(database: &Database, copies: u64) -> Result<(), Failure> {
    if copies > 0 {
        let [time, seq] = database
            .numbers("SELECT max(created_at) - min(created_at) + 1, max(change_seq) + 1 FROM contact")
            .await?;
        let distance = Distance { time, seq };
        make_room(database, i64::try_from(copies).unwrap_or_default() * seq).await?;
        let indexes = drop_indexes(database).await?;
        if database.engine() == Engine::Postgres {
            // No checks of foreign keys, row by row, for rows that are copies.
            database.run("SET session_replication_role = replica; SET synchronous_commit = off").await?;
        }
        let mut tables = Vec::new();
        for table in TABLES {
            tables.push((table, columns(database, table).await?));
            take_originals(database, table).await?;
        }
        for last in (1..=copies).rev().step_by(usize::try_from(COPIES_AT_ONCE).unwrap_or(1)) {
            let mut statements = vec!["BEGIN".to_owned()];
            // The oldest copy first, so that ids grow.
            for copy in (last.saturating_sub(COPIES_AT_ONCE - 1).max(1)..=last).rev() {
                for (table, columns) in &tables {
                    statements.push(insertion(database.engine(), table, columns, copy, &distance));
                }
            }
            statements.push("COMMIT".to_owned());
            database.run(&statements.join(";\n")).await?;
        }
        for index in indexes {
            database.run(&index).await?;
        }
        index_documents(database).await?;
    }
    match database.engine() {
        Engine::Sqlite => {
            database.run("PRAGMA analysis_limit = 400; ANALYZE").await?;
            database.rows("PRAGMA wal_checkpoint(TRUNCATE)").await.map(drop)
        }
        Engine::Postgres => {
            database.run("VACUUM ANALYZE").await?;
            database.run("CHECKPOINT").await
        }
    }
}

/// Moves the changes of the originals on, so that those of the copies come before.
async fn make_room(database: &Database, by: i64) -> Result<(), Failure> {
    database
        .run(&format!(
            "UPDATE change_clock SET change_seq = change_seq + {by}; \
             UPDATE contact SET change_seq = change_seq + {by}, created_seq = created_seq + {by}, \
             tag_added_seq = tag_added_seq + {by}, enriched_seq = enriched_seq + {by}"
        ))
        .await
}

/// Drops the indexes of the copied tables, and returns the statements that make them again.
async fn drop_indexes(database: &Database) -> Result<Vec<String>, Failure> {
    let tables = TABLES.map(|table| format!("'{table}'")).join(", ");
    let sql = match database.engine() {
        Engine::Sqlite => format!(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({tables})"
        ),
        Engine::Postgres => format!(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({tables}) \
             AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        ),
    };
    let mut definitions = Vec::new();
    for row in database.rows(&sql).await? {
        let [name, definition] = <[String; 2]>::try_from(row).map_err(|_| "an index without a definition")?;
        database.run(&format!("DROP INDEX {name}")).await?;
        definitions.push(definition);
    }
    Ok(definitions)
}

async fn columns(database: &Database, table: &str) -> Result<Vec<String>, Failure> {
    let sql = match database.engine() {
        Engine::Sqlite => format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'rowid'"),
        Engine::Postgres => format!(
            "SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' \
             AND table_schema = current_schema()"
        ),
    };
    Ok(database.rows(&sql).await?.concat())
}

/// Copies the originals of a table into one of their own, with what tells the contact's new id.
async fn take_originals(database: &Database, table: &str) -> Result<(), Failure> {
    let sql = if table == "contact" {
        "CREATE TEMPORARY TABLE original_contact AS SELECT contact.*, id AS contact_id, created_at AS made_at, \
         phone AS dialled FROM contact ORDER BY id"
            .to_owned()
    } else {
        format!(
            "CREATE TEMPORARY TABLE original_{table} AS SELECT {table}.*, contact.created_at AS made_at, \
             contact.phone AS dialled FROM {table} JOIN contact ON contact.org_id = {table}.org_id \
             AND contact.id = {table}.contact_id ORDER BY contact.id"
        )
    };
    database.run(&sql).await
}

fn insertion(engine: Engine, table: &str, columns: &[String], copy: u64, distance: &Distance) -> String {
    let values: Vec<String> =
        columns.iter().map(|column| value(engine, table, column, copy, distance)).collect();
    format!("INSERT INTO {table} ({}) SELECT {} FROM original_{table}", columns.join(", "), values.join(", "))
}

/// Returns the value of a column in a copy.
fn value(engine: Engine, table: &str, column: &str, copy: u64, distance: &Distance) -> String {
    let steps = i64::try_from(copy).unwrap_or_default();
    let (time, seq) = (steps * distance.time, steps * distance.seq);
    // As UUIDs of version 7 do, ids begin with the time.
    let id = match engine {
        Engine::Sqlite => {
            format!("unhex(printf('%012x', made_at - {time}) || substr(hex(contact_id), 13))")
        }
        Engine::Postgres => format!(
            "(lpad(to_hex(made_at - {time}), 12, '0') || substr(replace(contact_id::text, '-', ''), 13))::uuid"
        ),
    };
    let number = |number: &str| {
        let (start, end) = ending(number);
        let moved = format!("(CAST({end} AS BIGINT) + {}) % 1000000", copy * 7_919);
        match engine {
            Engine::Sqlite => format!("{start} || printf('%06d', {moved})"),
            Engine::Postgres => format!("{start} || lpad(({moved})::text, 6, '0')"),
        }
    };
    match (table, column) {
        ("contact", "id") | (_, "contact_id") => id,
        (_, "external_id") => format!("external_id || '-{copy}'"),
        (_, "email" | "address" | "address_key" | "address_fold") => {
            format!("replace({column}, '@', '-{copy}@')")
        }
        (_, "phone" | "number") => number(column),
        (_, "doc") => {
            let (_, end) = ending("dialled");
            let moved = number("dialled");
            format!("replace(replace(doc, '@', '-{copy}@'), {end}, substr({moved}, length(dialled) - 5))")
        }
        (_, "created_at" | "updated_at" | "tag_added_at" | "enriched_at") => format!("{column} - {time}"),
        (_, "change_seq" | "created_seq" | "tag_added_seq" | "enriched_seq") => format!("{column} - {seq}"),
        _ => column.to_owned(),
    }
}

/// Returns a number without its last six digits, and these.
fn ending(number: &str) -> (String, String) {
    (format!("substr({number}, 1, length({number}) - 6)"), format!("substr({number}, length({number}) - 5)"))
}

/// Indexes the copies' documents for SQLite's free text.
async fn index_documents(database: &Database) -> Result<(), Failure> {
    if database.engine() == Engine::Postgres {
        return Ok(());
    }
    database
        .run(
            "INSERT INTO contact_search_index (rowid, doc) \
             SELECT contact_search.rowid, replace(tokens(doc), '#', number) \
             FROM contact_search JOIN contact_search_organization USING (org_id) \
             WHERE contact_search.rowid > (SELECT max(id) FROM contact_search_index_docsize)",
        )
        .await
}
