//! Versions of organizations' data, which tell whether anything has changed.
//!
//! On PostgreSQL other gateways write too, so the database is asked. SQLite has one writer, which publishes
//! the version of each commit before it answers the callers.

use std::{collections::HashMap, sync::Arc};

use entity::change_clock::{Column, Entity};
use parking_lot::Mutex;
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use super::{Clock, Database, Engine, Read as _};
use crate::error::DatabaseError;

/// Maximum number of organizations whose version is kept in memory. Beyond it, all are read again.
const MAX_PUBLISHED: usize = 10_000;

/// Version of an organization's data: of all but the rows of API keys and of idempotency keys.
///
/// A read that begins after a version was asked for sees that version or a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Epoch of the store. `None` on SQLite, where no other process can replace it while the file is open.
    epoch: Option<Uuid>,
    clock: Clock,
}

impl Version {
    /// Returns the organization's clock.
    #[must_use]
    pub fn clock(self) -> Clock {
        self.clock
    }
}

#[cfg(test)]
impl Version {
    /// Returns the version after so many changes.
    pub(crate) fn numbered(changes: i64) -> Self {
        Self { epoch: None, clock: Clock { at: 1, settings_seq: 1, last_seq: changes } }
    }
}

impl Database {
    /// Returns the version of an organization's data, if it is known without asking the database.
    #[must_use]
    pub fn published_version(&self, org_id: Uuid) -> Option<Version> {
        self.writer().versions()?.published(org_id)
    }

    /// Asks the database for the version of an organization's data.
    ///
    /// # Errors
    /// The database failed.
    pub async fn version(&self, org_id: Uuid) -> Result<Version, DatabaseError> {
        const EPOCH: &str = "(SELECT epoch FROM store)";
        let (tenant, versions) = (self.tenant(org_id), self.writer().versions());
        let reading = versions.and_then(Versions::reading);
        let columns = [Column::ChangeSeq, Column::ChangeAt, Column::SettingsSeq];
        let mut select = columns.into_iter().fold(tenant.select::<Entity>(), super::Scoped::column);
        if self.engine() == Engine::Postgres {
            select = select.expr(Expr::cust(EPOCH), "epoch");
        }
        let row = tenant.rows(select).await?.pop();
        let row = row.ok_or_else(|| DatabaseError::internal("asking for a version", "no change clock"))?;
        let epoch = match self.engine() {
            Engine::Sqlite => None,
            Engine::Postgres => Some(row.value("epoch")?),
        };
        let clock = Clock {
            last_seq: row.get(Column::ChangeSeq)?,
            at: row.get(Column::ChangeAt)?,
            settings_seq: row.get(Column::SettingsSeq)?,
        };
        let version = Version { epoch, clock };
        if let (Some(versions), Some(reading)) = (versions, reading) {
            versions.publish(org_id, version, reading);
        }
        Ok(version)
    }
}

/// Versions that the only writer has published. Cloning it is cheap; the clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    published: HashMap<Uuid, Version>,
    /// Number of commits that have begun.
    commits: u64,
    /// True from the beginning of a commit until it succeeds. One that fails may have been carried out, or
    /// may yet be: the next one begins when it is over.
    is_unsettled: bool,
}

/// Proof that no commit was under way when a version began to be read.
#[derive(Clone, Copy, Debug)]
struct Reading {
    commits: u64,
}

impl Versions {
    fn published(&self, org_id: Uuid) -> Option<Version> {
        self.0.lock().published.get(&org_id).copied()
    }

    /// Withdraws the versions of organizations whose changes are about to be committed. From the moment in
    /// which others see the changes until the commit has returned, the older version would be wrong.
    pub(super) fn commit_begins(&self, clocks: &[(Uuid, Clock)]) {
        let mut state = self.0.lock();
        state.commits += 1;
        state.is_unsettled = true;
        for (org_id, _) in clocks {
            state.published.remove(org_id);
        }
    }

    /// Publishes the versions that have been committed. No caller may have been answered before.
    pub(super) fn committed(&self, clocks: &[(Uuid, Clock)]) {
        let mut state = self.0.lock();
        state.is_unsettled = false;
        for (org_id, clock) in clocks {
            state.insert(*org_id, Version { epoch: None, clock: *clock });
        }
    }

    /// Begins to read a version that may be published.
    fn reading(&self) -> Option<Reading> {
        let state = self.0.lock();
        (!state.is_unsettled).then_some(Reading { commits: state.commits })
    }

    /// Publishes a version that was read, unless a commit has begun meanwhile.
    fn publish(&self, org_id: Uuid, version: Version, reading: Reading) {
        let mut state = self.0.lock();
        if state.commits == reading.commits {
            state.insert(org_id, version);
        }
    }
}

impl State {
    fn insert(&mut self, org_id: Uuid, version: Version) {
        if self.published.len() >= MAX_PUBLISHED && !self.published.contains_key(&org_id) {
            self.published.clear();
        }
        self.published.insert(org_id, version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(changes: i64) -> Version {
        Version::numbered(changes)
    }

    fn clock(changes: i64) -> Clock {
        version(changes).clock
    }

    #[test]
    fn a_commit_withdraws_the_version_until_it_has_succeeded() {
        let (versions, org_id, other) = (Versions::default(), Uuid::now_v7(), Uuid::now_v7());
        versions.committed(&[(org_id, clock(1)), (other, clock(1))]);
        versions.commit_begins(&[(org_id, clock(2))]);
        assert_eq!((versions.published(org_id), versions.published(other)), (None, Some(version(1))));
        versions.committed(&[(org_id, clock(2))]);
        assert_eq!(versions.published(org_id), Some(version(2)));
    }

    #[test]
    fn a_version_that_was_read_is_published_unless_a_commit_has_begun() {
        let (versions, org_id) = (Versions::default(), Uuid::now_v7());
        let early = versions.reading().expect("no commit is under way");
        versions.commit_begins(&[(org_id, clock(2))]);
        assert!(versions.reading().is_none());
        versions.publish(org_id, version(1), early);
        assert_eq!(versions.published(org_id), None);
        versions.committed(&[]);
        versions.publish(org_id, version(1), early);
        assert_eq!(versions.published(org_id), None, "it may be older than the commit");
        let late = versions.reading().expect("the commit has succeeded");
        versions.publish(org_id, version(2), late);
        assert_eq!(versions.published(org_id), Some(version(2)));
    }

    #[test]
    fn after_a_commit_of_unknown_outcome_nothing_that_was_read_is_published_before_the_next() {
        let (versions, org_id, other) = (Versions::default(), Uuid::now_v7(), Uuid::now_v7());
        versions.commit_begins(&[(org_id, clock(2))]);
        assert!(versions.reading().is_none());
        versions.commit_begins(&[(other, clock(7))]);
        versions.committed(&[(other, clock(7))]);
        assert!(versions.reading().is_some());
        assert_eq!((versions.published(org_id), versions.published(other)), (None, Some(version(7))));
    }

    #[test]
    fn the_versions_in_memory_are_bounded() {
        let versions = Versions::default();
        for _ in 0..=MAX_PUBLISHED {
            versions.committed(&[(Uuid::new_v4(), clock(1))]);
        }
        assert_eq!(versions.0.lock().published.len(), 1);
    }
}
