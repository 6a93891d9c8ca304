//! Erasing contacts permanently.

use entity::contact::Operation;

use super::{Command, Loaded, MAX_IDS, Needs, selection::find_by_ids};
use crate::{
    contacts::{draft::Nulls, outcome::WrittenContacts, unit_of_work::UnitOfWork},
    error::DatabaseError,
    input::problem::Problems,
    writing::Written,
};

/// Erases the data of contacts, deleted or not: all or none. Only their ids and times stay.
#[derive(Clone, Debug)]
pub struct PurgeContacts {
    /// Ids of the contacts.
    pub ids: Vec<String>,
}

impl Command for PurgeContacts {
    fn max_contacts(&self) -> usize {
        self.ids.len().min(MAX_IDS)
    }

    fn needs(&self) -> Needs<'_> {
        Needs {
            drafts: &[],
            nulls: Nulls::Clear,
            ids: &self.ids,
            match_keys: &[],
            filter: None,
            restores: false,
        }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, _loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        let mut problems = Problems::default();
        let records = find_by_ids(work.contacts(), &mut problems, "ids", &self.ids, |record| {
            record.row.operation != Operation::Purged
        });
        let mut rows = Vec::with_capacity(records.len());
        for (old, path) in records {
            work.check_team(&mut problems, &path, &old);
            let mut record = old.clone();
            record.erase()?;
            rows.push(work.put(Some(&old), record, Operation::Purged)?);
        }
        Ok(Written { value: rows, problems: problems.into_vec() })
    }
}
