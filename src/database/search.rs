//! The documents that free text finds contacts by, and SQLite's index of their trigrams.
//!
//! PostgreSQL keeps the trigrams in an index of the table. SQLite keeps them in an FTS5 table of all
//! organizations, in which a token is the number of an organization and a trigram. So a search meets
//! tokens of its own organization only, and does as much work for a word that another organization has
//! as for one that nobody has.

mod merge;
mod trigrams;

use entity::contact_search::{Column, Entity, Model};
use sea_orm::{DbBackend, Statement, Value, sea_query::Expr};
use uuid::Uuid;

pub(super) use self::merge::Merging;
pub use self::trigrams::phrase;
use self::trigrams::tokens;
use super::{Engine, Read as _, Scoped, WriteTx, rows::Rows};
use crate::error::{DatabaseError, During as _};

const INDEXING: &str = "indexing documents";

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
        let mut indexed: Vec<(Uuid, String)> = Vec::new();
        if self.engine() == Engine::Sqlite {
            self.forget(stale).await?;
            if !documents.is_empty() {
                let number = self.number().await?.to_string();
                let tokens = |doc: &str| tokens(doc, &number);
                indexed.extend(documents.iter().map(|row| (row.contact_id, tokens(&row.doc))));
            }
        }
        self.delete_of::<Entity>(Column::ContactId, gone).await?;
        self.replace::<Entity>(documents).await?;
        self.index(indexed).await
    }

    /// Deletes documents from SQLite's index.
    async fn forget(&self, ids: &[Uuid]) -> Result<(), DatabaseError> {
        let text = "DELETE FROM contact_search_index WHERE rowid IN \
             (SELECT rowid FROM contact_search WHERE org_id = ? AND contact_id = ?)";
        let rows = ids.iter().map(|id| vec![self.org_id().into(), (*id).into()]).collect();
        self.on_index(text, rows).await
    }

    /// Adds documents, given as tokens, to SQLite's index.
    async fn index(&self, documents: Vec<(Uuid, String)>) -> Result<(), DatabaseError> {
        let text = "INSERT INTO contact_search_index (rowid, doc) \
             SELECT rowid, ? FROM contact_search WHERE org_id = ? AND contact_id = ?";
        let row = |(id, tokens): (Uuid, String)| vec![tokens.into(), self.org_id().into(), id.into()];
        self.on_index(text, documents.into_iter().map(row).collect()).await
    }

    async fn on_index(&self, text: &str, rows: Vec<Vec<Value>>) -> Result<(), DatabaseError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.write(Rows { text: text.to_owned(), kinds: Vec::new(), rows }).await
    }

    /// Returns the number of this organization in the tokens, which its first documents give it.
    async fn number(&self) -> Result<i64, DatabaseError> {
        let on_organization =
            |sql: &str| Statement::from_sql_and_values(DbBackend::Sqlite, sql, [self.org_id().into()]);
        let known = on_organization("SELECT number FROM contact_search_organization WHERE org_id = ?");
        let given =
            on_organization("INSERT INTO contact_search_organization (org_id) VALUES (?) RETURNING number");
        let mut rows = self.connection().read(&known).await.during(INDEXING)?;
        if rows.is_empty() {
            rows = self.connection().read(&given).await.during(INDEXING)?;
        }
        let row = rows.first().ok_or_else(|| DatabaseError::internal(INDEXING, "no number was given"))?;
        row.get("number").during(INDEXING)
    }
}
