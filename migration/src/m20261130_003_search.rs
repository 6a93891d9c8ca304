//! Trigrams of one organization: on SQLite each token begins with a number of its organization.
//!
//! PostgreSQL's index of trigrams is led by the organization since it exists.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement};

use crate::{Migration, run};

/// The second migration.
pub(crate) struct Search;

/// Number of documents that are in memory at once.
const DOCUMENTS_AT_ONCE: i64 = 256;

const UP: &str = "
    DROP TABLE contact_search_index;
    CREATE TABLE contact_search_organization (
        number INTEGER PRIMARY KEY,
        org_id BLOB NOT NULL UNIQUE,
        FOREIGN KEY (org_id) REFERENCES organization (id)
    );
    INSERT INTO contact_search_organization (org_id) SELECT DISTINCT org_id FROM contact_search;
    CREATE VIRTUAL TABLE contact_search_index USING fts5(doc, content='', contentless_delete=1, tokenize='ascii');
    INSERT INTO contact_search_index (contact_search_index, rank) VALUES ('automerge', 0)";

const DOWN: &str = "
    DROP TABLE contact_search_index;
    DROP TABLE contact_search_organization;
    CREATE VIRTUAL TABLE contact_search_index USING fts5(doc, content='', contentless_delete=1, tokenize='trigram');
    INSERT INTO contact_search_index (rowid, doc) SELECT rowid, doc FROM contact_search";

#[async_trait]
impl Migration for Search {
    fn name(&self) -> &'static str {
        "m20261130_003_search"
    }

    async fn up(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        if tx.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        run(tx, UP).await?;
        let mut last = i64::MIN;
        loop {
            let documents = "SELECT contact_search.rowid, number, doc FROM contact_search \
                JOIN contact_search_organization USING (org_id) \
                WHERE contact_search.rowid > ? ORDER BY contact_search.rowid LIMIT ?";
            let values = [last.into(), DOCUMENTS_AT_ONCE.into()];
            let documents = Statement::from_sql_and_values(DbBackend::Sqlite, documents, values);
            let documents = tx.query_all_raw(documents).await?;
            for document in &documents {
                last = index(tx, document).await?;
            }
            if documents.is_empty() {
                return Ok(());
            }
        }
    }

    async fn down(&self, tx: &DatabaseTransaction) -> Result<(), DbErr> {
        if tx.get_database_backend() == DbBackend::Sqlite { run(tx, DOWN).await } else { Ok(()) }
    }
}

/// Indexes a document, and returns its number.
async fn index(tx: &DatabaseTransaction, document: &QueryResult) -> Result<i64, DbErr> {
    let rowid: i64 = document.try_get_by_index(0)?;
    let number: i64 = document.try_get_by_index(1)?;
    let doc: String = document.try_get_by_index(2)?;
    let insert = "INSERT INTO contact_search_index (rowid, doc) VALUES (?, ?)";
    let values = [rowid.into(), tokens(number, &doc).into()];
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, insert, values)).await?;
    Ok(rowid)
}

/// Returns a token for every three characters in a row: the organization's number, an `x`, and the
/// hexadecimal digits of the characters.
fn tokens(number: i64, doc: &str) -> String {
    let characters: Vec<String> = doc.chars().map(hexadecimal).collect();
    let trigrams = characters.windows(3).map(|trigram| format!("{number}x{}", trigram.concat()));
    trigrams.collect::<Vec<_>>().join(" ")
}

fn hexadecimal(character: char) -> String {
    character
        .encode_utf8(&mut [0; 4])
        .bytes()
        .fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}
