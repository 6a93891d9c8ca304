//! The documents that free text finds contacts by, and SQLite's index of their trigrams.
//!
//! PostgreSQL keeps the trigrams in an index of the table. SQLite keeps them in an FTS5 table of all
//! organizations, in which a token is the number of an organization and a trigram. So a search meets
//! tokens of its own organization only, and does as much work for a word that another organization has
//! as for one that nobody has.

mod merge;
mod trigrams;

use entity::contact_search::{Column, Entity, Model};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value, sea_query::Expr};
use uuid::Uuid;

pub(super) use self::merge::Merging;
pub use self::trigrams::phrase;
use self::trigrams::tokens;
use super::{Engine, Read as _, Scoped, WriteTx};
use crate::error::{DatabaseError, During as _};

/// Maximum number of documents that one statement indexes.
const MAX_DOCUMENTS: usize = 128;

/// Returns true if a statement is to be planned anew each time: PostgreSQL's plan for any words, which it
/// makes for a prepared statement after a few times, reads the documents of all organizations.
pub(super) fn needs_its_own_plan(engine: Engine, sql: &str) -> bool {
    engine == Engine::Postgres && sql.starts_with("SELECT") && sql.contains("\"contact_search\"")
}

impl Scoped<Entity> {
    /// Keeps only documents that satisfy an expression of FTS5 whose strings are [`phrase`]s. SQLite only.
    #[must_use]
    pub fn matching(self, expression: String) -> Self {
        let org_id = self.org_id();
        // An organization without documents has no number: the expression is null then, and matches nothing.
        self.filter(Expr::cust_with_values(
            "\"contact_search\".\"rowid\" IN \
             (SELECT rowid FROM contact_search_index WHERE contact_search_index MATCH \
             (SELECT replace(?, '#', number) FROM contact_search_organization WHERE org_id = ?))",
            [Value::from(expression), org_id.into()],
        ))
    }
}

impl WriteTx<'_> {
    /// Replaces documents, and deletes those of `gone` contacts; `stale` are all contacts that have a
    /// document so far.
    ///
    /// # Errors
    /// The database failed.
    pub async fn save_documents(
        &self,
        documents: Vec<Model>,
        stale: &[Uuid],
        gone: &[Uuid],
    ) -> Result<(), DatabaseError> {
        let is_sqlite = self.engine() == Engine::Sqlite;
        let indexed: Vec<(Uuid, String)> = if is_sqlite {
            self.forget(stale).await?;
            documents.iter().map(|document| (document.contact_id, tokens(&document.doc))).collect()
        } else {
            Vec::new()
        };
        self.delete_of::<Entity>(Column::ContactId, gone).await?;
        self.replace::<Entity>(documents).await?;
        self.index(indexed).await
    }

    /// Deletes documents from SQLite's index.
    async fn forget(&self, ids: &[Uuid]) -> Result<(), DatabaseError> {
        for ids in ids.chunks(256) {
            let mut values: Vec<Value> = vec![self.org_id().into()];
            values.extend(ids.iter().map(|id| Value::from(*id)));
            // Few different texts, so that statements can be prepared once.
            while values.len() <= ids.len().next_power_of_two() {
                values.push(ids[0].into());
            }
            let places = vec!["?"; values.len() - 1].join(", ");
            let sql = format!(
                "DELETE FROM contact_search_index WHERE rowid IN \
                 (SELECT rowid FROM contact_search WHERE org_id = ? AND contact_id IN ({places}))"
            );
            self.on_index(&sql, values).await?;
        }
        Ok(())
    }

    /// Adds documents, given as tokens, to SQLite's index.
    async fn index(&self, documents: Vec<(Uuid, String)>) -> Result<(), DatabaseError> {
        let mut documents = documents.into_iter();
        while documents.len() > 0 {
            // Powers of two, so that statements can be prepared once.
            let group = MAX_DOCUMENTS.min(1 << documents.len().ilog2());
            let places = vec!["(?, ?)"; group].join(", ");
            // CROSS JOIN keeps the order: rows of the table are looked up, one for each document.
            let sql = format!(
                "INSERT INTO contact_search_index (rowid, doc) \
                 SELECT contact_search.rowid, replace(given.column2, '#', number) \
                 FROM (VALUES {places}) AS given \
                 CROSS JOIN contact_search_organization CROSS JOIN contact_search \
                 ON contact_search.org_id = contact_search_organization.org_id AND contact_id = given.column1 \
                 WHERE contact_search_organization.org_id = ?"
            );
            let values = documents.by_ref().take(group).flat_map(|(id, tokens)| [id.into(), tokens.into()]);
            let values: Vec<Value> = values.chain([self.org_id().into()]).collect();
            if self.on_index(&sql, values.clone()).await? == 0 {
                // The organization's first documents.
                let number = "INSERT INTO contact_search_organization (org_id) VALUES (?)";
                self.on_index(number, vec![self.org_id().into()]).await?;
                self.on_index(&sql, values).await?;
            }
        }
        Ok(())
    }

    async fn on_index(&self, sql: &str, values: Vec<Value>) -> Result<u64, DatabaseError> {
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
        let done = self.connection().execute_raw(statement).await.during("indexing documents")?;
        Ok(done.rows_affected())
    }
}
