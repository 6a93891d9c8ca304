//! Running a batch of commands.

mod several;

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use entity::contact::Operation;
use uuid::Uuid;

use super::{
    Prepared, RowOutcome, Write, Written, WrittenRow,
    command::{Command, MatchKey, Selection},
    conflicts,
    follow::Following,
};
use crate::{
    contacts::{
        apply::{self, Circumstances, Lists},
        book::{Book, Wanted},
        changes::Changes,
        record::Record,
        references::References,
        store,
        tags::TagBook,
    },
    database::{Outcome, WriteTx},
    error::DatabaseError,
    input::problem::{Problem, ProblemCode, Problems, Referent},
};

/// Runs commands one after the other, and saves what they have changed.
///
/// What a command selects by a filter is found by the database. So what the commands before it
/// have changed is saved first.
pub(super) async fn run(tx: &WriteTx<'_>, jobs: &[&Write]) -> Result<Vec<Outcome<Written>>, DatabaseError> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    for jobs in jobs.chunk_by(|_, next| next.command.matching().is_none()) {
        outcomes.extend(run_together(tx, jobs).await?);
    }
    Ok(outcomes)
}

async fn run_together(tx: &WriteTx<'_>, jobs: &[&Write]) -> Result<Vec<Outcome<Written>>, DatabaseError> {
    let mut prepared = Vec::with_capacity(jobs.len());
    for job in jobs {
        prepared.push(job.current(tx).await?);
    }
    let changes = || prepared.iter().flat_map(|prepared| &prepared.changes);
    let companies = changes().filter_map(|changes| changes.company_id.as_ref().value().copied());
    let references = References::load(tx, companies, changes().flat_map(Changes::users)).await?;
    let mut tags = TagBook::load(tx, changes().flat_map(Changes::tag_names)).await?;
    let mut book = Book::default();
    let mut followings = Vec::with_capacity(jobs.len());
    for (job, prepared) in jobs.iter().zip(&prepared) {
        followings.push(Following::load(tx, &job.command, &prepared.settings).await?);
    }
    let followers = followings.iter().flatten().flat_map(Following::ids);
    book.look_up(tx, Wanted { ids: followers.collect(), ..Wanted::default() }).await?;
    let selected = look_up(tx, &mut book, jobs, &prepared).await?;

    let mut outcomes = Vec::with_capacity(jobs.len());
    for (((job, prepared), selected), following) in jobs.iter().zip(&prepared).zip(selected).zip(&followings)
    {
        let circumstances =
            Circumstances { tx, settings: &prepared.settings, references: &references, by: &job.by };
        let mark = book.mark();
        let mut run = Run { circumstances, tags: &mut tags, book: &mut book };
        let written = match following {
            Some(following) => run.follow(following)?,
            None => run.command(job, prepared, selected)?,
        };
        if !written.problems.is_empty() {
            book.undo(mark);
        }
        let wrote = book.mark() > mark || following.is_some();
        outcomes.push(if wrote { Outcome::Changed(written) } else { Outcome::Unchanged(written) });
    }
    let to_save: Vec<_> = book.changed().collect();
    let used: HashSet<Uuid> = to_save.iter().flat_map(|(_, record)| &record.tags).map(|tag| tag.id).collect();
    tags.save(tx, &used).await?;
    store::save(tx, to_save.into_iter()).await?;
    for following in followings.iter().flatten() {
        following.save(tx).await?;
    }
    Ok(outcomes)
}

/// Loads what the commands touch or might conflict with; gives what each one selects by a filter.
async fn look_up(
    tx: &WriteTx<'_>,
    book: &mut Book,
    jobs: &[&Write],
    prepared: &[Cow<'_, Prepared>],
) -> Result<Vec<Option<Vec<Uuid>>>, DatabaseError> {
    let mut wanted = Wanted::default();
    let mut selected = Vec::with_capacity(jobs.len());
    for (job, prepared) in jobs.iter().zip(prepared) {
        let ids = several::select(tx, &job.command, &prepared.settings).await?;
        let expected = job.command.matching().and_then(|(_, expected)| usize::try_from(expected).ok());
        let found = ids.iter().filter(|ids| Some(ids.len()) == expected).flatten().copied();
        wanted.ids.extend(found.chain(job.command.ids()));
        let policy = &prepared.settings.policy;
        let keys = job.command.match_keys();
        let by = |key| keys.contains(&key);
        for changes in &prepared.changes {
            wanted.external_ids.extend(changes.external_id().map(str::to_owned));
            if policy.unique_phone || by(MatchKey::Phone) {
                wanted.numbers.extend(changes.numbers().map(str::to_owned));
            }
            if policy.unique_email || by(MatchKey::Email) {
                wanted.addresses.extend(changes.addresses().map(str::to_owned));
            }
        }
        selected.push(ids);
    }
    book.look_up(tx, wanted).await?;
    // What comes back from deletion must not meet another holder either.
    let mut wanted = Wanted::default();
    for job in jobs {
        if let Command::Restore { .. } = &job.command {
            for record in job.command.ids().filter_map(|id| book.any(id)) {
                wanted.external_ids.extend(record.row.external_id.clone());
                wanted.numbers.extend(record.numbers().map(str::to_owned));
                wanted.addresses.extend(record.emails.iter().map(|email| email.address_key.clone()));
            }
        }
    }
    book.look_up(tx, wanted).await?;
    Ok(selected)
}

/// One command at its work.
struct Run<'a> {
    circumstances: Circumstances<'a>,
    tags: &'a mut TagBook,
    book: &'a mut Book,
}

impl Run<'_> {
    fn command(
        &mut self,
        job: &Write,
        prepared: &Prepared,
        selected: Option<Vec<Uuid>>,
    ) -> Result<Written, DatabaseError> {
        let one = prepared.changes.first();
        match (&job.command, one) {
            (Command::Create { id, .. }, Some(changes)) => Ok(single(self.create(*id, changes)?)),
            (Command::Upsert { id, keys, .. }, Some(changes)) => {
                let mut written = single(self.upsert(*id, changes, keys)?);
                prefix(&mut written.problems, "contact", &[]);
                Ok(written)
            }
            (Command::Update { id, expected_version, .. }, Some(changes)) => {
                let mut written =
                    self.change_one(id, *expected_version, |run, old| run.update(&old, changes))?;
                prefix(&mut written.problems, "set", &["id", "expectedVersion"]);
                Ok(written)
            }
            (Command::Enrich { id, .. }, Some(changes)) => {
                let mut written = self.change_one(id, None, |run, old| run.enrich(&old, changes))?;
                prefix(&mut written.problems, "set", &["id", "score", "enrichmentStatus"]);
                // What the contact calls so is the run's `status`.
                for problem in
                    written.problems.iter_mut().filter(|problem| problem.path == ["enrichmentStatus"])
                {
                    problem.path = vec!["status".to_owned()];
                }
                Ok(written)
            }
            (Command::Delete { selection: Selection::One(id), expected_version }, _) => {
                self.change_one(id, *expected_version, |run, old| run.delete(&old))
            }
            (Command::CreateMany { rows, on_conflict, keys, atomic }, _) => {
                let ids = rows.iter().map(|(id, _)| *id);
                self.create_many(ids.zip(&prepared.changes), *on_conflict, keys.as_deref(), *atomic)
            }
            (Command::UpdateMany { selection, .. }, Some(changes)) => {
                self.update_many(selection, selected, changes)
            }
            (Command::Delete { selection, .. }, _) => self.delete_many(selection, selected),
            (Command::Restore { ids }, _) => self.restore(ids),
            (Command::Purge { ids }, _) => self.purge(ids),
            // There is nothing left to follow.
            (Command::Follow { .. }, _) => Ok(Written::default()),
            _ => Err(DatabaseError::internal("running a command", "it has no input")),
        }
    }

    fn create(&mut self, id: Uuid, changes: &Changes) -> Result<WrittenRow, DatabaseError> {
        let mut problems = changes.problems.clone();
        let mut record = apply::create(&self.circumstances, self.tags, &mut problems, id, changes)?;
        let policy = &self.circumstances.settings.policy;
        conflicts::check(&mut problems, self.book, policy, None, &record, Some(changes));
        if !problems.is_empty() {
            return Ok(WrittenRow::failed(None, problems.into_vec()));
        }
        self.stamp(None, &mut record, Operation::Created)?;
        Ok(self.put(RowOutcome::Created, record))
    }

    /// Changes a live contact; one that stays as it was is not written.
    fn update(&mut self, old: &Record, changes: &Changes) -> Result<WrittenRow, DatabaseError> {
        self.update_with(old, changes, Lists::Replace)
    }

    fn update_with(
        &mut self,
        old: &Record,
        changes: &Changes,
        lists: Lists,
    ) -> Result<WrittenRow, DatabaseError> {
        let mut problems = changes.problems.clone();
        let mut record = apply::update(&self.circumstances, self.tags, &mut problems, old, changes, lists)?;
        let policy = &self.circumstances.settings.policy;
        conflicts::check(&mut problems, self.book, policy, Some(old), &record, Some(changes));
        if !problems.is_empty() {
            return Ok(WrittenRow::failed(Some(old.row.id), problems.into_vec()));
        }
        if record == *old {
            return Ok(WrittenRow::of(RowOutcome::Updated, record));
        }
        self.stamp(Some(old), &mut record, Operation::Updated)?;
        Ok(self.put(RowOutcome::Updated, record))
    }

    /// Stores the result of a run: a change even when it found nothing new.
    fn enrich(&mut self, old: &Record, changes: &Changes) -> Result<WrittenRow, DatabaseError> {
        let mut problems = changes.problems.clone();
        let mut record =
            apply::update(&self.circumstances, self.tags, &mut problems, old, changes, Lists::Replace)?;
        let policy = &self.circumstances.settings.policy;
        conflicts::check(&mut problems, self.book, policy, Some(old), &record, Some(changes));
        if !problems.is_empty() {
            return Ok(WrittenRow::failed(Some(old.row.id), problems.into_vec()));
        }
        self.stamp(Some(old), &mut record, Operation::Updated)?;
        record.row.enriched_at = Some(record.row.updated_at);
        record.row.enriched_seq = Some(record.row.change_seq);
        Ok(self.put(RowOutcome::Updated, record))
    }

    fn delete(&mut self, old: &Record) -> Result<WrittenRow, DatabaseError> {
        let mut record = old.clone();
        self.stamp(Some(old), &mut record, Operation::Deleted)?;
        record.row.deleted_at = Some(record.row.updated_at);
        Ok(self.put(RowOutcome::Updated, record))
    }

    /// Changes the one contact that is found, else makes a new one.
    fn upsert(
        &mut self,
        id: Uuid,
        changes: &Changes,
        keys: &[MatchKey],
    ) -> Result<WrittenRow, DatabaseError> {
        match conflicts::found(self.book, changes, keys).as_slice() {
            [] => self.create(id, changes),
            [found] => match self.book.live(*found).cloned() {
                Some(old) => self.update_with(&old, changes, Lists::Add),
                None => self.create(id, changes),
            },
            several => {
                let mut problems = changes.problems.clone();
                let message = "matches several contacts by its keys";
                problems.conflict("", ProblemCode::AmbiguousMatch, message, several.to_vec());
                Ok(WrittenRow::failed(None, problems.into_vec()))
            }
        }
    }

    /// Does something to one live contact of the expected version.
    fn change_one(
        &mut self,
        id: &str,
        expected_version: Option<i64>,
        change: impl FnOnce(&mut Self, Record) -> Result<WrittenRow, DatabaseError>,
    ) -> Result<Written, DatabaseError> {
        let mut problems = Problems::default();
        let old = id.parse().ok().and_then(|id| self.book.live(id)).cloned();
        let Some(old) = old else {
            problems.not_found("id", Referent::Contact);
            return Ok(Written { rows: Vec::new(), problems: problems.into_vec() });
        };
        if expected_version.is_some_and(|expected| expected != i64::from(old.row.version)) {
            let message = format!("is stale: the contact has version {}", old.row.version);
            problems.conflict("expectedVersion", ProblemCode::StaleVersion, message, vec![old.row.id]);
            return Ok(Written { rows: Vec::new(), problems: problems.into_vec() });
        }
        Ok(single(change(self, old)?))
    }

    /// Brings contacts into line with what they follow. A deleted one follows too, and stays
    /// deleted.
    fn follow(&mut self, following: &Following) -> Result<Written, DatabaseError> {
        let mut written = Written::default();
        for old in following.ids().filter_map(|id| self.book.any(id).cloned()).collect::<Vec<_>>() {
            let mut record = old.clone();
            following.apply(&mut record);
            record.settle();
            if record == old {
                written.rows.push(WrittenRow::of(RowOutcome::Skipped, old));
                continue;
            }
            let operation = if old.is_live() { Operation::Updated } else { old.row.operation };
            self.stamp(Some(&old), &mut record, operation)?;
            written.rows.push(self.put(RowOutcome::Updated, record));
        }
        Ok(written)
    }

    /// Gives a changed contact its place in the order of changes.
    fn stamp(
        &self,
        old: Option<&Record>,
        record: &mut Record,
        operation: Operation,
    ) -> Result<(), DatabaseError> {
        let stamp = self.circumstances.tx.stamp()?;
        let by = self.circumstances.by;
        let known: HashSet<Uuid> = old.into_iter().flat_map(|old| &old.tags).map(|tag| tag.id).collect();
        let row = &mut record.row;
        if record.tags.iter().any(|tag| !known.contains(&tag.id)) {
            row.tag_added_at = Some(stamp.at);
            row.tag_added_seq = Some(stamp.seq);
        }
        if old.is_none() {
            row.created_at = stamp.at;
            row.created_seq = stamp.seq;
        }
        row.updated_at = stamp.at;
        row.change_seq = stamp.seq;
        row.updated_by = by.user_id;
        row.updated_by_key = Some(by.key_id);
        row.version += 1;
        row.operation = operation;
        Ok(())
    }

    fn put(&mut self, outcome: RowOutcome, record: Record) -> WrittenRow {
        self.book.put(record.clone());
        WrittenRow::of(outcome, record)
    }
}

impl WrittenRow {
    fn of(outcome: RowOutcome, record: Record) -> Self {
        Self {
            outcome,
            contact_id: Some(record.row.id),
            contact: Some(Arc::new(record.row)),
            problems: Vec::new(),
        }
    }

    fn failed(contact_id: Option<Uuid>, problems: Vec<Problem>) -> Self {
        Self { outcome: RowOutcome::Failed, contact_id, contact: None, problems }
    }
}

/// The outcome of a command on one contact: its problems are the command's.
fn single(row: WrittenRow) -> Written {
    if row.problems.is_empty() {
        Written { rows: vec![row], problems: Vec::new() }
    } else {
        Written { rows: Vec::new(), problems: row.problems }
    }
}

/// Puts problems under a path of the input, but for those at these fields, and those at no field.
fn prefix(problems: &mut [Problem], path: &str, except: &[&str]) {
    for problem in problems {
        if problem.path.first().is_some_and(|first| !except.contains(&first.as_str())) {
            *problem = problem.clone().at(path);
        }
    }
}
