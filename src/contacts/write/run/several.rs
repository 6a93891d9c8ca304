//! Commands on several contacts.

use entity::contact::{self, Operation};
use uuid::Uuid;

use super::Run;
use crate::{
    contacts::{
        changes::Changes,
        live,
        record::Record,
        stage,
        write::{
            RowOutcome, Written, WrittenRow,
            command::{Command, IDS, MATCHING, MatchKey, OnConflict, Selection},
            conflicts,
        },
    },
    database::{Read as _, WriteTx},
    error::DatabaseError,
    input::problem::{Problem, ProblemCode, Problems, Referent},
    organizations::Settings,
};

impl Command {
    /// The ids it names, as far as they are UUIDs.
    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        let (one, many) = match self {
            Self::Update { id, .. }
            | Self::Enrich { id, .. }
            | Self::Delete { selection: Selection::One(id), .. } => (Some(id), None),
            Self::UpdateMany { selection: Selection::Ids(ids), .. }
            | Self::Delete { selection: Selection::Ids(ids), .. }
            | Self::Restore { ids }
            | Self::Purge { ids } => (None, Some(ids.iter().take(IDS))),
            _ => (None, None),
        };
        one.into_iter().chain(many.into_iter().flatten()).filter_map(|id| id.parse().ok())
    }
}

/// The live contacts that a command selects by a filter, or more than it expects; `None` when it
/// selects by ids.
pub(super) async fn select(
    tx: &WriteTx<'_>,
    command: &Command,
    settings: &Settings,
) -> Result<Option<Vec<Uuid>>, DatabaseError> {
    let Some((matching, expected)) = command.matching() else {
        return Ok(None);
    };
    // What is refused for its size or its sign alone is not looked for.
    let Some(expected) = usize::try_from(expected).ok().filter(|expected| *expected <= MATCHING) else {
        return Ok(Some(Vec::new()));
    };
    let matched = matching.resolve(tx, settings.policy.phone_region()).await?;
    let select = tx
        .select::<contact::Entity>()
        .column(contact::Column::Id)
        .filter(live().add(matched.all))
        .limit(expected as u64 + 1);
    let mut ids = Vec::new();
    for row in tx.rows(select).await? {
        ids.push(row.get(contact::Column::Id)?);
    }
    Ok(Some(ids))
}

impl Run<'_> {
    pub(super) fn create_many<'b>(
        &mut self,
        rows: impl Iterator<Item = (Uuid, &'b Changes)>,
        on_conflict: OnConflict,
        keys: Option<&[MatchKey]>,
        atomic: bool,
    ) -> Result<Written, DatabaseError> {
        let mut written = Written::default();
        for (id, changes) in rows {
            written.rows.push(self.create_one_of_many(id, changes, on_conflict, keys)?);
        }
        for (row, index) in written.rows.iter_mut().zip(0..) {
            let at = format!("contacts.{index}");
            row.problems =
                std::mem::take(&mut row.problems).into_iter().map(|problem| problem.at(&at)).collect();
        }
        let failed = written.rows.iter().any(|row| row.outcome == RowOutcome::Failed);
        if atomic && failed {
            for row in &mut written.rows {
                written.problems.extend(row.problems.iter().cloned());
                if row.outcome != RowOutcome::Failed {
                    *row = WrittenRow {
                        outcome: RowOutcome::NotApplied,
                        contact_id: None,
                        contact: None,
                        problems: Vec::new(),
                    };
                }
            }
        }
        Ok(written)
    }

    fn create_one_of_many(
        &mut self,
        id: Uuid,
        changes: &Changes,
        on_conflict: OnConflict,
        keys: Option<&[MatchKey]>,
    ) -> Result<WrittenRow, DatabaseError> {
        let keys = match (keys, on_conflict) {
            (Some(keys), _) => keys,
            (None, OnConflict::Fail) => &[],
            (None, _) => &MatchKey::ALL,
        };
        let found = conflicts::found(self.book, changes, keys);
        match (on_conflict, found.as_slice()) {
            (_, []) => self.create(id, changes),
            (OnConflict::Skip, [one]) if changes.problems.is_empty() => {
                let record = self.book.live(*one).cloned();
                let skipped = record.map(|record| WrittenRow::of(RowOutcome::Skipped, record));
                skipped.ok_or_else(|| DatabaseError::internal("skipping a contact", "it is gone"))
            }
            (OnConflict::Update | OnConflict::Skip, _) => self.upsert(id, changes, keys),
            (OnConflict::Fail, _) => Ok(self.matched(changes, keys)),
        }
    }

    /// The problems of a row whose keys are those of contacts that are there.
    fn matched(&self, changes: &Changes, keys: &[MatchKey]) -> WrittenRow {
        let mut problems = changes.problems.clone();
        for key in keys {
            let holders = conflicts::found(self.book, changes, &[*key]);
            if holders.is_empty() {
                continue;
            }
            let (path, code, what) = match key {
                MatchKey::ExternalId => ("externalId", ProblemCode::ExternalIdTaken, "external id"),
                MatchKey::Email => ("email", ProblemCode::EmailTaken, "email address"),
                MatchKey::Phone => ("phone", ProblemCode::PhoneTaken, "phone number"),
            };
            problems.conflict(path, code, format!("is taken: another contact has this {what}"), holders);
        }
        WrittenRow::failed(None, problems.into_vec())
    }

    pub(super) fn update_many(
        &mut self,
        selection: &Selection,
        selected: Option<Vec<Uuid>>,
        changes: &Changes,
    ) -> Result<Written, DatabaseError> {
        let mut problems = Problems::default();
        problems.extend_at("set", changes.problems.clone().into_vec());
        let records = self.selected(&mut problems, selection, selected);
        let mut rows = Vec::with_capacity(records.len());
        if problems.is_empty() {
            for old in records {
                let row = self.update(&old, changes)?;
                // The same problem of many contacts is said once.
                let new = row.problems.iter().map(|problem| problem.clone().at("set"));
                let known = problems.clone().into_vec();
                problems.extend_at("", new.filter(|problem| !known.iter().any(|known| same(known, problem))));
                rows.push(row);
            }
        }
        Ok(Written { rows, problems: problems.into_vec() })
    }

    pub(super) fn delete_many(
        &mut self,
        selection: &Selection,
        selected: Option<Vec<Uuid>>,
    ) -> Result<Written, DatabaseError> {
        let mut problems = Problems::default();
        let records = self.selected(&mut problems, selection, selected);
        let mut rows = Vec::with_capacity(records.len());
        if problems.is_empty() {
            for old in records {
                rows.push(self.delete(&old)?);
            }
        }
        Ok(Written { rows, problems: problems.into_vec() })
    }

    /// Undoes deletions; a contact that is live stays as it is.
    pub(super) fn restore(&mut self, ids: &[String]) -> Result<Written, DatabaseError> {
        let mut problems = Problems::default();
        let restorable = |record: &Record| record.is_live() || record.row.operation == Operation::Deleted;
        let records = self.by_ids(&mut problems, "ids", ids, restorable);
        let mut rows = Vec::with_capacity(records.len());
        for (old, path) in records {
            if old.is_live() {
                rows.push(WrittenRow::of(RowOutcome::Skipped, old));
                continue;
            }
            let mut record = old.clone();
            record.row.deleted_at = None;
            let mut own = Problems::default();
            let settings = self.circumstances.settings;
            stage::restore(&mut own, settings, &mut record.row);
            let policy = &settings.policy;
            conflicts::check(&mut own, self.book, policy, None, &record, None);
            problems.extend_at(
                &path,
                own.into_vec().into_iter().map(|problem| Problem { path: Vec::new(), ..problem }),
            );
            self.stamp(Some(&old), &mut record, Operation::Restored)?;
            rows.push(self.put(RowOutcome::Updated, record));
        }
        Ok(Written { rows, problems: problems.into_vec() })
    }

    /// Erases contacts, deleted or not.
    pub(super) fn purge(&mut self, ids: &[String]) -> Result<Written, DatabaseError> {
        let mut problems = Problems::default();
        let records =
            self.by_ids(&mut problems, "ids", ids, |record| record.row.operation != Operation::Purged);
        let mut rows = Vec::with_capacity(records.len());
        for (old, _) in records {
            let mut record = old.clone();
            record.erase()?;
            self.stamp(Some(&old), &mut record, Operation::Purged)?;
            record.row.deleted_at = record.row.deleted_at.or(Some(record.row.updated_at));
            rows.push(self.put(RowOutcome::Updated, record));
        }
        Ok(Written { rows, problems: problems.into_vec() })
    }

    fn selected(
        &self,
        problems: &mut Problems,
        selection: &Selection,
        selected: Option<Vec<Uuid>>,
    ) -> Vec<Record> {
        match selection {
            Selection::One(id) => {
                let ids = std::slice::from_ref(id);
                self.by_ids(problems, "id", ids, Record::is_live)
                    .into_iter()
                    .map(|(record, _)| record)
                    .collect()
            }
            Selection::Ids(ids) => {
                let records = self.by_ids(problems, "where.ids", ids, Record::is_live);
                records.into_iter().map(|(record, _)| record).collect()
            }
            Selection::Matching { expected, .. } => {
                let path = "where.matching.expectedCount";
                let ids = selected.unwrap_or_default();
                let asked = usize::try_from(*expected);
                if asked.is_ok_and(|asked| asked > MATCHING) {
                    let message =
                        format!("is more than {MATCHING}, which is the most that can be changed at once");
                    problems.add(path, ProblemCode::TooMany, message);
                } else if asked != Ok(ids.len()) {
                    let message = "is not how many match now; nothing was changed";
                    problems.add(path, ProblemCode::CountMismatch, message);
                }
                if !problems.is_empty() {
                    return Vec::new();
                }
                ids.into_iter().filter_map(|id| self.book.live(id).cloned()).collect()
            }
        }
    }

    /// The contacts with these ids, each once, and where each id was given.
    fn by_ids(
        &self,
        problems: &mut Problems,
        path: &str,
        ids: &[String],
        suits: impl Fn(&Record) -> bool,
    ) -> Vec<(Record, String)> {
        if ids.len() > IDS {
            problems.add(path, ProblemCode::TooMany, format!("has more than {IDS} ids"));
            return Vec::new();
        }
        let mut records: Vec<(Record, String)> = Vec::with_capacity(ids.len());
        for (index, id) in ids.iter().enumerate() {
            let path = format!("{path}.{index}");
            let found = id.parse().ok().and_then(|id| self.book.any(id)).filter(|record| suits(record));
            match found {
                Some(found) if records.iter().any(|(record, _)| record.row.id == found.row.id) => {}
                Some(found) => records.push((found.clone(), path)),
                None => problems.not_found(&path, Referent::Contact),
            }
        }
        records
    }
}

fn same(one: &Problem, other: &Problem) -> bool {
    one.path == other.path && one.code == other.code
}
