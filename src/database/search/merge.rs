//! Merging the segments of SQLite's index between two batches.
//!
//! Each batch leaves a segment, and a search looks into all of them. FTS5 would merge some within the
//! batch whose segment is one too many, and let its callers wait; told not to, it does so only where
//! sixteen are left alone.

use sea_orm::{DbBackend, Statement};

use crate::{
    database::connection::Connection,
    error::{DatabaseError, During as _},
};

const MERGING: &str = "merging the search index";

/// Pages that a step writes: some 4 ms of work.
const STEP_PAGES: u32 = 64;

/// Written contacts after which a step is due, though jobs wait. A contact takes about a fifth of a page,
/// which is written again by each of three or four merges.
const CONTACTS_A_STEP: u32 = 64;

/// Progress of merging.
#[derive(Debug, Default)]
pub(in crate::database) struct Merging {
    /// Number of written contacts for which no step has been taken.
    due: u32,
    /// True if the last step left something to merge.
    unfinished: bool,
}

impl Merging {
    /// Notes what a batch has written.
    pub(in crate::database) fn wrote(&mut self, contacts: u32) {
        self.due = self.due.saturating_add(contacts);
    }

    /// Returns true if a step is due now; `is_idle` if no job waits for the writer.
    pub(in crate::database) fn is_due(&self, is_idle: bool) -> bool {
        self.due >= CONTACTS_A_STEP || (is_idle && self.unfinished)
    }

    /// Takes a step, on the one connection that writes.
    ///
    /// # Errors
    /// The database failed.
    pub(in crate::database) async fn step(&mut self, connection: &Connection) -> Result<(), DatabaseError> {
        // Whatever comes of it: a step that fails is not taken again and again.
        self.due = self.due.saturating_sub(CONTACTS_A_STEP);
        self.unfinished = false;
        self.unfinished = merge(connection).await?;
        if !self.unfinished {
            self.due = 0;
        }
        Ok(())
    }
}

/// Merges some pages, and returns true if there may be more to merge.
async fn merge(connection: &Connection) -> Result<bool, DatabaseError> {
    let merge = "INSERT INTO contact_search_index (contact_search_index, rank) VALUES ('merge', ?)";
    let merge = Statement::from_sql_and_values(DbBackend::Sqlite, merge, [STEP_PAGES.into()]);
    let before = changes(connection).await?;
    connection.execute(&merge).await.during(MERGING)?;
    // The statement itself counts as one change; FTS5 says that fewer than two mean that nothing was merged.
    Ok(changes(connection).await? - before >= 2)
}

async fn changes(connection: &Connection) -> Result<i64, DatabaseError> {
    let sql = "SELECT total_changes() AS changes";
    let rows = connection.read(&Statement::from_string(DbBackend::Sqlite, sql)).await.during(MERGING)?;
    let row = rows.first().ok_or_else(|| DatabaseError::internal(MERGING, "no answer"))?;
    row.get("changes").during(MERGING)
}
