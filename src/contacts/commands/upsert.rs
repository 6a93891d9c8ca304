//! Upserting: changing the contact that is found by its keys, or creating it.

use uuid::Uuid;

use super::{Command, Loaded, Needs, move_to};
use crate::{
    contacts::{
        draft::{ContactDraft, Nulls},
        outcome::{WrittenContacts, single},
        uniqueness::MatchKey,
        unit_of_work::UnitOfWork,
    },
    error::DatabaseError,
};

/// Changes the contact that is found by its keys, or creates it.
#[derive(Clone, Debug)]
pub struct UpsertContact {
    id: Uuid,
    draft: ContactDraft,
    keys: Vec<MatchKey>,
}

impl UpsertContact {
    /// Looks a contact up by these keys of the draft. If none is found, it is created under a new id.
    #[must_use]
    pub fn new(draft: ContactDraft, keys: Vec<MatchKey>) -> Self {
        Self { id: Uuid::now_v7(), draft, keys }
    }
}

impl Command for UpsertContact {
    fn max_contacts(&self) -> usize {
        1
    }

    fn needs(&self) -> Needs<'_> {
        Needs {
            drafts: std::slice::from_ref(&self.draft),
            nulls: Nulls::IgnoreWithBlanks,
            ids: &[],
            match_keys: &self.keys,
            filter: None,
            restores: false,
        }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        let mut written = single(work.upsert(self.id, loaded.only_draft()?, &self.keys)?);
        move_to(&mut written.problems, "contact", &[]);
        Ok(written)
    }
}
