//! Changing one contact.

use super::{Command, Loaded, Needs, move_to};
use crate::{
    contacts::{
        draft::{ContactDraft, Nulls},
        outcome::WrittenContacts,
        unit_of_work::UnitOfWork,
    },
    error::DatabaseError,
    input::patch::Lists,
};

/// Changes one contact.
#[derive(Clone, Debug)]
pub struct UpdateContact {
    /// Id of the contact.
    pub id: String,
    /// Version that the contact must still have; `None` for any.
    pub expected_version: Option<i64>,
    /// Changes.
    pub draft: ContactDraft,
}

impl Command for UpdateContact {
    fn max_contacts(&self) -> usize {
        1
    }

    fn needs(&self) -> Needs<'_> {
        Needs {
            drafts: std::slice::from_ref(&self.draft),
            nulls: Nulls::Clear,
            ids: std::slice::from_ref(&self.id),
            match_keys: &[],
            filter: None,
            restores: false,
        }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        let draft = loaded.only_draft()?;
        let mut written = work.change_one(&self.id, self.expected_version, |work, old| {
            work.update(&old, draft, Lists::Replace)
        })?;
        move_to(&mut written.problems, "set", &["id", "expectedVersion"]);
        Ok(written)
    }
}
