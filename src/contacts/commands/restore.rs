//! Restoring deleted contacts.

use entity::contact::Operation;

use super::{Command, Loaded, MAX_IDS, Needs, selection::find_by_ids};
use crate::{
    contacts::{
        draft::Nulls,
        outcome::{RowOutcome, WrittenContact, WrittenContacts},
        record::Record,
        stage, uniqueness,
        unit_of_work::UnitOfWork,
    },
    error::DatabaseError,
    input::problem::{Problem, Problems},
    writing::Written,
};

/// Restores deleted contacts: all or none. A live contact stays as it is.
#[derive(Clone, Debug)]
pub struct RestoreContacts {
    /// Ids of the contacts.
    pub ids: Vec<String>,
}

impl Command for RestoreContacts {
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
            restores: true,
        }
    }

    fn run(&self, work: &mut UnitOfWork<'_>, _loaded: &Loaded<'_>) -> Result<WrittenContacts, DatabaseError> {
        let mut problems = Problems::default();
        let restorable = |record: &Record| record.is_live() || record.row.operation == Operation::Deleted;
        let records = find_by_ids(work.contacts(), &mut problems, "ids", &self.ids, restorable);
        let settings = work.context().settings;
        let mut rows = Vec::with_capacity(records.len());
        for (old, path) in records {
            if old.is_live() {
                rows.push(WrittenContact::new(RowOutcome::Skipped, old));
                continue;
            }
            work.check_team(&mut problems, &path, &old);
            let mut record = old.clone();
            record.row.deleted_at = None;
            let mut own = Problems::default();
            stage::restore(&mut own, settings, &mut record.row);
            uniqueness::check(&mut own, work.contacts(), &settings.policy, None, &record, None);
            // The problems are about fields of the contact, which the input does not have: they are reported
            // at the id.
            let own = own.into_vec().into_iter().map(|problem| Problem { path: Vec::new(), ..problem });
            problems.extend_at(&path, own);
            // It is put even if it has problems, which undo the whole command: so two restored contacts with
            // the same key conflict with each other.
            rows.push(work.put(Some(&old), record, Operation::Restored)?);
        }
        Ok(Written { value: rows, problems: problems.into_vec() })
    }
}
