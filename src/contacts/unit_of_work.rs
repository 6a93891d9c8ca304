//! The unit of work: the contacts that a batch has loaded, and the operations that commands are made of.
//! All of them happen in memory.

use entity::contact::Operation;
use uuid::Uuid;

use super::{
    apply::{self, Applied, WriteContext},
    check::CheckedDraft,
    contact_set::ContactSet,
    outcome::{RowOutcome, WrittenContact, WrittenContacts, single},
    record::Record,
    tags::TagSet,
    uniqueness::{self, MatchKey, matches},
};
use crate::{
    error::DatabaseError,
    input::{
        patch::Lists,
        problem::{ProblemCode, Problems, Referent},
    },
    writing::Written,
};

/// The data that a batch has loaded, as a command works on them.
pub struct UnitOfWork<'a> {
    context: WriteContext<'a>,
    tags: &'a mut TagSet,
    contacts: &'a mut ContactSet,
}

impl<'a> UnitOfWork<'a> {
    pub(super) fn new(context: WriteContext<'a>, tags: &'a mut TagSet, contacts: &'a mut ContactSet) -> Self {
        Self { context, tags, contacts }
    }

    pub(super) fn context(&self) -> WriteContext<'a> {
        self.context
    }

    pub(super) fn contacts(&self) -> &ContactSet {
        self.contacts
    }

    /// Creates a contact, unless it has problems.
    pub(super) fn create(&mut self, id: Uuid, draft: &CheckedDraft) -> Result<WrittenContact, DatabaseError> {
        let savepoint = self.tags.savepoint();
        let applied = apply::create(self.context, self.tags, id, draft)?;
        match self.check(None, applied, draft, savepoint) {
            Ok(record) => self.put(None, record, Operation::Created),
            Err(failed) => Ok(failed),
        }
    }

    /// Changes a live contact, unless the change has problems. A contact that stays the same is not
    /// written.
    pub(super) fn update(
        &mut self,
        old: &Record,
        draft: &CheckedDraft,
        lists: Lists,
    ) -> Result<WrittenContact, DatabaseError> {
        let savepoint = self.tags.savepoint();
        let applied = apply::update(self.context, self.tags, old, draft, lists);
        match self.check(Some(old), applied, draft, savepoint) {
            // It takes no place in the order of changes either, so that pollers do not see it again.
            Ok(record) if record == *old => Ok(WrittenContact::new(RowOutcome::Updated, record)),
            Ok(record) => self.put(Some(old), record, Operation::Updated),
            Err(failed) => Ok(failed),
        }
    }

    /// Changes a live contact by the result of an enrichment run, which always counts as a change.
    pub(super) fn enrich(
        &mut self,
        old: &Record,
        draft: &CheckedDraft,
    ) -> Result<WrittenContact, DatabaseError> {
        let savepoint = self.tags.savepoint();
        let applied = apply::update(self.context, self.tags, old, draft, Lists::Replace);
        match self.check(Some(old), applied, draft, savepoint) {
            Ok(record) => self.put_with(Some(old), record, Operation::Updated, |row| {
                row.enriched_at = Some(row.updated_at);
                row.enriched_seq = Some(row.change_seq);
            }),
            Err(failed) => Ok(failed),
        }
    }

    /// Reports a contact of a team that the caller's key lacks: it would leave the team, or come back into it. Of
    /// several at one path, one is reported.
    pub(super) fn check_team(&self, problems: &mut Problems, path: &str, record: &Record) {
        let is_lacking = record.row.team_id.is_some_and(|id| self.context.caller.lacks_team(id));
        if is_lacking && !problems.are_at(path) {
            let message = "names a contact of a team that this API key is not limited to";
            problems.add(path, ProblemCode::TeamAccessDenied, message);
        }
    }

    /// Deletes a live contact.
    pub(super) fn delete(&mut self, old: &Record) -> Result<WrittenContact, DatabaseError> {
        self.put(Some(old), old.clone(), Operation::Deleted)
    }

    /// Changes the one contact that holds the keys, or creates it. Several matches are a problem: none is
    /// preferred.
    pub(super) fn upsert(
        &mut self,
        id: Uuid,
        draft: &CheckedDraft,
        keys: &[MatchKey],
    ) -> Result<WrittenContact, DatabaseError> {
        match matches(self.contacts, &draft.draft, keys).as_slice() {
            [] => self.create(id, draft),
            [found] => match self.contacts.live(*found).cloned() {
                Some(old) => self.update(&old, draft, Lists::Add),
                None => self.create(id, draft),
            },
            several => {
                let mut problems = draft.problems.clone();
                let message = "matches several contacts by its keys";
                problems.conflict("", ProblemCode::AmbiguousMatch, message, several.to_vec());
                Ok(WrittenContact::failed(None, problems.into_vec()))
            }
        }
    }

    /// Changes one live contact of the expected version.
    pub(super) fn change_one(
        &mut self,
        id: &str,
        expected_version: Option<i64>,
        change: impl FnOnce(&mut Self, Record) -> Result<WrittenContact, DatabaseError>,
    ) -> Result<WrittenContacts, DatabaseError> {
        let mut problems = Problems::default();
        let old = id.parse().ok().and_then(|id| self.contacts.live(id)).cloned();
        let Some(old) = old else {
            problems.not_found("id", Referent::Contact);
            return Ok(Written { value: Vec::new(), problems: problems.into_vec() });
        };
        // The change clock is held, so no other write can come between this comparison and the change.
        if expected_version.is_some_and(|expected| expected != i64::from(old.row.version)) {
            let message = format!("is stale: the contact has version {}", old.row.version);
            problems.conflict("expectedVersion", ProblemCode::StaleVersion, message, vec![old.row.id]);
            return Ok(Written { value: Vec::new(), problems: problems.into_vec() });
        }
        Ok(single(change(self, old)?))
    }

    /// Puts a new or changed contact into the set, with its place in the order of changes.
    pub(super) fn put(
        &mut self,
        old: Option<&Record>,
        record: Record,
        operation: Operation,
    ) -> Result<WrittenContact, DatabaseError> {
        self.put_with(old, record, operation, |row| match operation {
            Operation::Deleted => row.deleted_at = Some(row.updated_at),
            Operation::Purged => row.deleted_at = row.deleted_at.or(Some(row.updated_at)),
            Operation::Created | Operation::Updated | Operation::Restored | Operation::Merged => {}
        })
    }

    fn put_with(
        &mut self,
        old: Option<&Record>,
        mut record: Record,
        operation: Operation,
        with_stamp: impl FnOnce(&mut entity::contact::Model),
    ) -> Result<WrittenContact, DatabaseError> {
        // Every change takes the next place in the order of changes, so those of one batch differ.
        record.stamp(self.context.tx.stamp()?, old, operation, self.context.caller);
        with_stamp(&mut record.row);
        self.contacts.put(record.clone());
        let outcome = if old.is_none() { RowOutcome::Created } else { RowOutcome::Updated };
        Ok(WrittenContact::new(outcome, record))
    }

    /// Returns the contact, or its problems with the conflicts with other contacts: then the tags that were created
    /// since `tags_before` are forgotten.
    fn check(
        &mut self,
        old: Option<&Record>,
        applied: Applied,
        draft: &CheckedDraft,
        tags_before: usize,
    ) -> Result<Record, WrittenContact> {
        let Applied { record, mut problems } = applied;
        let policy = &self.context.settings.policy;
        uniqueness::check(&mut problems, self.contacts, policy, old, &record, Some(&draft.draft));
        if problems.is_empty() {
            Ok(record)
        } else {
            self.tags.roll_back_to(tags_before);
            Err(WrittenContact::failed(old.map(|old| old.row.id), problems.into_vec()))
        }
    }
}
