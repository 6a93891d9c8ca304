//! Deleting contacts; a deletion can be undone.

use super::{Command, Loaded, Needs, Selection};
use crate::{
    contacts::{
        draft::Nulls,
        outcome::{WrittenContact, WrittenContacts},
        unit_of_work::UnitOfWork,
    },
    error::DatabaseError,
    input::problem::Problems,
    writing::Written,
};

/// Deletes one contact.
#[derive(Clone, Debug)]
pub struct DeleteContact {
    /// Id of the contact.
    pub id: String,
    /// Version that the contact must still have; `None` for any.
    pub expected_version: Option<i64>,
}

/// Deletes several contacts: all or none.
#[derive(Clone, Debug)]
pub struct DeleteContacts {
    /// Selection of the contacts.
    pub selection: Selection,
}

impl Command for DeleteContact {
    fn max_contacts(&self) -> usize {
        1
    }

    fn needs(&self) -> Needs<'_> {
        Needs {
            drafts: &[],
            nulls: Nulls::Clear,
            ids: std::slice::from_ref(&self.id),
            match_keys: &[],
            filter: None,
            restores: false,
        }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, _loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        work.change_one(&self.id, self.expected_version, |work, old| {
            let mut problems = Problems::default();
            work.check_team(&mut problems, "id", &old);
            if problems.is_empty() {
                work.delete(&old)
            } else {
                Ok(WrittenContact::failed(Some(old.row.id), problems.into_vec()))
            }
        })
    }
}

impl Command for DeleteContacts {
    fn max_contacts(&self) -> usize {
        self.selection.max_contacts()
    }

    fn needs(&self) -> Needs<'_> {
        Needs {
            drafts: &[],
            nulls: Nulls::Clear,
            ids: self.selection.ids(),
            match_keys: &[],
            filter: self.selection.filter(),
            restores: false,
        }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        let mut problems = Problems::default();
        let records = self.selection.find(work.contacts(), &mut problems, loaded.matching);
        for (old, path) in &records {
            work.check_team(&mut problems, path, old);
        }
        let mut rows = Vec::with_capacity(records.len());
        if problems.is_empty() {
            for (old, _) in records {
                rows.push(work.delete(&old)?);
            }
        }
        Ok(Written { value: rows, problems: problems.into_vec() })
    }
}
