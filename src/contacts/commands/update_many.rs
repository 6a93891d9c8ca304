//! Changing several contacts in the same way.

use super::{Command, Loaded, Needs, Selection};
use crate::{
    contacts::{
        draft::{ContactDraft, Nulls},
        outcome::WrittenContacts,
        unit_of_work::UnitOfWork,
    },
    error::DatabaseError,
    input::{
        patch::Lists,
        problem::{Problem, Problems},
    },
    writing::Written,
};

/// Changes several contacts in the same way: all or none.
#[derive(Clone, Debug)]
pub struct UpdateContacts {
    /// Selection of the contacts.
    pub selection: Selection,
    /// Changes to each contact.
    pub draft: ContactDraft,
}

impl Command for UpdateContacts {
    fn max_contacts(&self) -> usize {
        self.selection.max_contacts()
    }

    fn needs(&self) -> Needs<'_> {
        Needs {
            drafts: std::slice::from_ref(&self.draft),
            nulls: Nulls::Clear,
            ids: self.selection.ids(),
            match_keys: &[],
            filter: self.selection.filter(),
            restores: false,
        }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        let draft = loaded.only_draft()?;
        let mut problems = Problems::default();
        problems.extend_at("set", draft.problems.clone().into_vec());
        let records = self.selection.find(work.contacts(), &mut problems, loaded.matching);
        let mut rows = Vec::with_capacity(records.len());
        if problems.is_empty() {
            for (old, _) in records {
                let row = work.update(&old, draft, Lists::Replace)?;
                // A change that fails in one contact mostly fails in many, and the same way: it is reported
                // once.
                let new = row.problems.iter().map(|problem| problem.clone().at("set"));
                let known = problems.clone().into_vec();
                problems
                    .extend_at("", new.filter(|problem| !known.iter().any(|known| is_same(known, problem))));
                rows.push(row);
            }
        }
        Ok(Written { value: rows, problems: problems.into_vec() })
    }
}

/// Returns true if two problems have the same path and code, whatever the contacts they name.
fn is_same(one: &Problem, other: &Problem) -> bool {
    one.path == other.path && one.code == other.code
}
