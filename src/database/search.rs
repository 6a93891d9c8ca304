//! The documents that free text finds contacts by, and SQLite's table of their trigrams.

use entity::contact_search::{Column, Entity, Model};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, sea_query::Expr};
use uuid::Uuid;

use super::{Engine, Read as _, WriteTx};
use crate::error::{DatabaseError, During as _};

/// Returns the condition, on SQLite, that the document satisfies an FTS5 expression; in a select over
/// `contact_search`.
#[must_use]
pub fn indexed(expression: String) -> Expr {
    Expr::cust_with_values(
        "\"contact_search\".\"rowid\" IN \
         (SELECT rowid FROM contact_search_index WHERE contact_search_index MATCH ?)",
        [expression],
    )
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
        const FORGET: &str = "DELETE FROM contact_search_index WHERE rowid IN \
            (SELECT rowid FROM contact_search WHERE org_id = ? AND contact_id IN ";
        const INDEX: &str = "INSERT INTO contact_search_index (rowid, doc) \
            SELECT rowid, doc FROM contact_search WHERE org_id = ? AND contact_id IN ";
        let ids: Vec<Uuid> = documents.iter().map(|document| document.contact_id).collect();
        self.on_sqlite(FORGET, ")", stale).await?;
        self.delete_of::<Entity>(Column::ContactId, gone).await?;
        self.replace::<Entity>(documents).await?;
        self.on_sqlite(INDEX, "", &ids).await
    }

    /// SQLite keeps the trigrams in a table of their own, which follows the documents here.
    async fn on_sqlite(&self, start: &str, end: &str, ids: &[Uuid]) -> Result<(), DatabaseError> {
        if self.engine() != Engine::Sqlite {
            return Ok(());
        }
        for ids in ids.chunks(256) {
            let mut values: Vec<sea_orm::Value> = vec![self.org_id().into()];
            values.extend(ids.iter().map(|id| sea_orm::Value::from(*id)));
            // Few different texts, so that statements can be prepared once.
            while values.len() <= ids.len().next_power_of_two() {
                values.push(ids[0].into());
            }
            let places = vec!["?"; values.len() - 1].join(", ");
            let sql = format!("{start}({places}){end}");
            let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
            self.connection().execute_raw(statement).await.during("indexing documents")?;
        }
        Ok(())
    }
}
