//! The documents that free text finds contacts by, and SQLite's index of their trigrams.
//!
//! PostgreSQL keeps the trigrams in an index of the table. SQLite keeps them in an FTS5 table of all
//! organizations, in which a token is the number of an organization and a trigram. So a search meets
//! tokens of its own organization only, and does as much work for a word that another organization has
//! as for one that nobody has.

mod merge;
mod trigrams;

use entity::contact_search::{Column, Entity, Model};
use sea_orm::{Value, sea_query::Expr};
use uuid::Uuid;

pub(super) use self::merge::Merging;
pub use self::trigrams::phrase;
use self::trigrams::tokens;
use super::{
    Engine, Read as _, Scoped, WriteTx,
    rows::{Insertions, Rows},
};
use crate::error::{DatabaseError, During as _};

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
    /// Deletes documents from SQLite's index, of contacts that have one so far, and those of `gone` contacts for good.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget_documents(&self, stale: &[Uuid], gone: &[Uuid]) -> Result<(), DatabaseError> {
        if self.engine() == Engine::Sqlite && !stale.is_empty() {
            // A statement that could delete several rows would begin with a savepoint, for which FTS5 writes down all
            // that it has gathered so far.
            let text = "DELETE FROM contact_search_index WHERE rowid = \
                 (SELECT rowid FROM contact_search WHERE org_id = ? AND contact_id = ?)";
            let rows = stale.iter().map(|id| vec![self.org_id().into(), (*id).into()]).collect();
            let forgotten = Rows { text: text.to_owned(), kinds: Vec::new(), values: rows };
            self.connection().write(vec![forgotten]).await.during("forgetting documents")?;
        }
        self.delete_of::<Entity>(Column::ContactId, gone).await
    }
}

impl Insertions {
    /// Adds documents, which take the place of those that the contacts have.
    ///
    /// # Errors
    /// A fault of ours: a column has a type that no value has.
    pub fn documents(&mut self, documents: Vec<Model>) -> Result<(), DatabaseError> {
        if documents.is_empty() || self.engine() == Engine::Postgres {
            return self.replace::<Entity>(documents);
        }
        let org_id = self.org_id();
        let index = |document: &Model| {
            vec![org_id.into(), document.contact_id.into(), tokens(&document.doc).into(), org_id.into()]
        };
        let indexed = documents.iter().map(index).collect();
        self.replace::<Entity>(documents)?;
        // The organization's first documents give it its number.
        let number = "INSERT INTO contact_search_organization (org_id) VALUES (?) ON CONFLICT DO NOTHING";
        self.add(Rows { text: number.to_owned(), kinds: Vec::new(), values: vec![vec![org_id.into()]] });
        // `INSERT … SELECT` could insert several rows, and would begin with a savepoint.
        let text = "INSERT INTO contact_search_index (rowid, doc) VALUES (\
             (SELECT rowid FROM contact_search WHERE org_id = ? AND contact_id = ?), \
             replace(?, '#', (SELECT number FROM contact_search_organization WHERE org_id = ?)))";
        self.add(Rows { text: text.to_owned(), kinds: Vec::new(), values: indexed });
        Ok(())
    }
}
