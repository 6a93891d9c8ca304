//! Creating one contact.

use uuid::Uuid;

use super::{Command, Loaded, Needs};
use crate::{
    contacts::{
        draft::{ContactDraft, Nulls},
        outcome::{WrittenContacts, single},
        unit_of_work::UnitOfWork,
    },
    error::DatabaseError,
};

/// Creates one contact.
#[derive(Clone, Debug)]
pub struct CreateContact {
    id: Uuid,
    draft: ContactDraft,
}

impl CreateContact {
    /// Creates a contact from this draft, under a new id.
    #[must_use]
    pub fn new(draft: ContactDraft) -> Self {
        // The id is chosen here and not when the command runs, which it may do more than once.
        Self { id: Uuid::now_v7(), draft }
    }
}

impl Command for CreateContact {
    fn max_contacts(&self) -> usize {
        1
    }

    fn needs(&self) -> Needs<'_> {
        Needs {
            drafts: std::slice::from_ref(&self.draft),
            nulls: Nulls::Ignore,
            ids: &[],
            match_keys: &[],
            filter: None,
            restores: false,
        }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        Ok(single(work.create(self.id, loaded.only_draft()?)?))
    }
}
