//! Creating several contacts at once.

use uuid::Uuid;

use super::{Command, Loaded, MAX_IDS, Needs};
use crate::{
    contacts::{
        check::CheckedDraft,
        draft::{ContactDraft, Nulls},
        outcome::{RowOutcome, WrittenContact, WrittenContacts},
        uniqueness::{MatchKey, matches, report_taken},
        unit_of_work::UnitOfWork,
    },
    error::DatabaseError,
    writing::Written,
};

/// Creates several contacts.
#[derive(Clone, Debug)]
pub struct CreateContacts {
    ids: Vec<Uuid>,
    drafts: Vec<ContactDraft>,
    on_conflict: OnConflict,
    keys: Vec<MatchKey>,
    is_atomic: bool,
}

/// Treatment of a row whose keys an existing contact holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Reports a problem.
    Fail,
    /// Leaves the contact unchanged.
    Skip,
    /// Updates the contact with the given values.
    Update,
}

impl CreateContacts {
    /// Creates contacts from these drafts, each under a new id. Existing contacts are looked up by `keys`;
    /// `None` for all keys, or for none if a conflict fails. If `is_atomic`, nothing is written if one row
    /// has a problem.
    #[must_use]
    pub fn new(
        drafts: Vec<ContactDraft>,
        on_conflict: OnConflict,
        keys: Option<Vec<MatchKey>>,
        is_atomic: bool,
    ) -> Self {
        let keys = keys.unwrap_or_else(|| match on_conflict {
            OnConflict::Fail => Vec::new(),
            OnConflict::Skip | OnConflict::Update => MatchKey::ALL.to_vec(),
        });
        Self { ids: drafts.iter().map(|_| Uuid::now_v7()).collect(), drafts, on_conflict, keys, is_atomic }
    }

    /// Creates one contact, or treats the conflict with an existing one.
    fn create_one(
        &self,
        work: &mut UnitOfWork<'_>,
        id: Uuid,
        draft: &CheckedDraft,
    ) -> Result<WrittenContact, DatabaseError> {
        let found = matches(work.contacts(), &draft.draft, &self.keys);
        match (self.on_conflict, found.as_slice()) {
            (_, []) => work.create(id, draft),
            (OnConflict::Skip, [one]) if draft.problems.is_empty() => {
                let record = work.contacts().live(*one).cloned();
                let skipped = record.map(|record| WrittenContact::new(RowOutcome::Skipped, record));
                skipped.ok_or_else(|| DatabaseError::internal("skipping a contact", "it is gone"))
            }
            // A row to skip that has problems, or several matches, fails as an upsert would.
            (OnConflict::Update | OnConflict::Skip, _) => work.upsert(id, draft, &self.keys),
            (OnConflict::Fail, _) => Ok(self.refused(work, draft)),
        }
    }

    /// Returns the result of a row whose keys existing contacts hold.
    fn refused(&self, work: &UnitOfWork<'_>, draft: &CheckedDraft) -> WrittenContact {
        let mut problems = draft.problems.clone();
        for key in &self.keys {
            let holders = matches(work.contacts(), &draft.draft, &[*key]);
            let path = match key {
                MatchKey::ExternalId => "externalId",
                MatchKey::Email => "email",
                MatchKey::Phone => "phone",
            };
            report_taken(&mut problems, path, *key, holders);
        }
        WrittenContact::failed(None, problems.into_vec())
    }
}

impl Command for CreateContacts {
    fn max_contacts(&self) -> usize {
        self.drafts.len().min(MAX_IDS)
    }

    fn needs(&self) -> Needs<'_> {
        let nulls = match self.on_conflict {
            OnConflict::Fail | OnConflict::Skip => Nulls::Ignore,
            OnConflict::Update => Nulls::IgnoreWithBlanks,
        };
        Needs { drafts: &self.drafts, nulls, ids: &[], match_keys: &self.keys, filter: None, restores: false }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        let mut written = Written::new(Vec::with_capacity(self.ids.len()));
        for (index, (id, draft)) in self.ids.iter().zip(loaded.drafts).enumerate() {
            let mut row = self.create_one(work, *id, draft)?;
            let path = format!("contacts.{index}");
            row.problems = row.problems.into_iter().map(|problem| problem.at(&path)).collect();
            written.value.push(row);
        }
        let has_failed = |row: &WrittenContact| row.outcome == RowOutcome::Failed;
        // The problems of rows become those of the command, which undoes all its changes.
        if self.is_atomic && written.value.iter().any(has_failed) {
            for row in &mut written.value {
                written.problems.extend(row.problems.iter().cloned());
                if !has_failed(row) {
                    *row = WrittenContact::not_applied();
                }
            }
        }
        Ok(written)
    }
}
