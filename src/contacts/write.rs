//! Writing contacts: one job runs every command.
//!
//! A batch of commands runs while the change clock is held: those whose settings have changed are
//! checked again; everything that any of them touches is loaded in a few statements; they run one
//! after the other in memory; and the contacts that have changed are saved.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use serde_json::Value;
use uuid::Uuid;

use super::{
    MAX_PART,
    apply::WriteContext,
    check::CheckedDraft,
    commands::{Command, Loaded, MAX_IDS, Matching},
    contact_set::{ContactKeys, ContactSet},
    draft::ContactDraft,
    filter::Criteria,
    matching::Found,
    outcome::WrittenContacts,
    references::References,
    store,
    tags::TagSet,
    uniqueness::MatchKey,
    unit_of_work::UnitOfWork,
};
use crate::{
    access::Caller,
    database::{Database, Job, Outcome, WriteTx},
    error::DatabaseError,
    organizations::{Settings, SettingsCache},
    writing::{Written, idempotency::Replay},
};

/// Number of contacts that an answer shows, of those that a command has changed by criteria.
const MAX_SHOWN: usize = MAX_IDS;

/// A command with its caller, checked.
#[derive(Clone, Debug)]
pub struct Write {
    command: Arc<dyn Command>,
    caller: Caller,
    prepared: Prepared,
    cache: SettingsCache,
    /// Contacts that match the command's criteria, if it has any.
    found: Option<Found>,
}

/// Result of running a command.
#[derive(Clone, Debug)]
pub enum Ran {
    /// It was carried out, or refused.
    Written(WrittenContacts),
    /// The criteria mean something else by now: the contacts are to be found again. Nothing was written.
    Stale,
}

impl Replay for Ran {
    fn record(&self) -> Value {
        match self {
            Self::Written(written) => written.record(),
            // What has written nothing is not recorded.
            Self::Stale => Value::Null,
        }
    }

    fn replay(record: Value) -> Option<Self> {
        Written::replay(record).map(Self::Written)
    }
}

/// The drafts of a command, checked under one state of the settings.
#[derive(Clone, Debug)]
struct Prepared {
    settings: Arc<Settings>,
    drafts: Vec<CheckedDraft>,
}

impl Prepared {
    fn new(command: &dyn Command, caller: &Caller, settings: Arc<Settings>) -> Self {
        let needs = command.needs();
        let check = |draft: &ContactDraft| CheckedDraft::new(draft.clone(), needs.nulls, caller, &settings);
        let drafts = needs.drafts.iter().map(check).collect();
        Self { settings, drafts }
    }
}

impl Write {
    /// Checks a command's drafts under the settings as this server knows them, and finds the contacts that match its
    /// criteria.
    pub(super) async fn new(
        command: Arc<dyn Command>,
        caller: &Caller,
        settings: Arc<Settings>,
        cache: SettingsCache,
        database: &Database,
    ) -> Result<Self, DatabaseError> {
        let found = match command.needs().filter {
            Some((criteria, expected)) => {
                Some(Found::find(database, caller.org_id, criteria, expected, &settings).await?)
            }
            None => None,
        };
        let prepared = Prepared::new(&*command, caller, settings);
        Ok(Self { command, caller: caller.clone(), prepared, cache, found })
    }

    /// Returns the checked drafts, checked again if the settings have changed since.
    async fn current(&self, tx: &WriteTx<'_>) -> Result<Cow<'_, Prepared>, DatabaseError> {
        if self.prepared.settings.seq == tx.clock().settings_seq {
            return Ok(Cow::Borrowed(&self.prepared));
        }
        let settings = self.cache.in_transaction(tx).await?;
        Ok(Cow::Owned(Prepared::new(&*self.command, &self.caller, settings)))
    }

    /// Runs a command on the contacts that match its criteria.
    async fn run_by_criteria(
        &self,
        tx: &WriteTx<'_>,
        found: &Found,
        criteria: &Criteria,
    ) -> Result<Outcome<Ran>, DatabaseError> {
        let prepared = self.current(tx).await?;
        let Some(matching) = found.now(tx, criteria, &prepared.settings).await? else {
            return Ok(Outcome::Unchanged(Ran::Stale));
        };
        let count = matching.len();
        // If another number matches than was expected, nothing is changed.
        let ids = if count == found.expected() { &matching[..] } else { &[] };
        let mut all = WrittenContacts::default();
        let mut has_changed = false;
        for ids in ids.chunks(MAX_PART).chain(ids.is_empty().then_some(&[][..])) {
            let part = Run { job: self, prepared: &prepared, matching: Matching { count, ids } };
            let (changed, written) = match run_together(tx, &[part]).await?.pop() {
                Some(Outcome::Changed(written)) => (true, written),
                Some(Outcome::Unchanged(written)) => (false, written),
                None => return Err(DatabaseError::internal("running a command", "its outcome is missing")),
            };
            if !written.problems.is_empty() {
                // What other parts have written is rolled back: a command of several is a batch of its own.
                return Ok(Outcome::Unchanged(Ran::Written(written)));
            }
            has_changed |= changed;
            all.value.extend(written.value);
            for contact in all.value.iter_mut().skip(MAX_SHOWN) {
                contact.row = None;
            }
        }
        Ok(if has_changed {
            Outcome::Changed(Ran::Written(all))
        } else {
            Outcome::Unchanged(Ran::Written(all))
        })
    }
}

impl Job for Write {
    type Answer = Ran;

    fn rows(&self) -> u32 {
        u32::try_from(self.command.max_contacts().max(1)).unwrap_or(u32::MAX)
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<Ran>>, DatabaseError> {
        // Criteria are evaluated by the database, so the changes of the commands before them are saved first.
        let mut outcomes = Vec::with_capacity(jobs.len());
        for jobs in jobs.chunk_by(|one, next| one.found.is_none() && next.found.is_none()) {
            if let [Self { found: Some(found), command, .. }] = jobs
                && let Some((criteria, _)) = command.needs().filter
            {
                outcomes.push(jobs[0].run_by_criteria(tx, found, criteria).await?);
                continue;
            }
            let mut prepared = Vec::with_capacity(jobs.len());
            for job in jobs {
                prepared.push(job.current(tx).await?);
            }
            let run = |(job, prepared)| Run { job, prepared, matching: Matching::default() };
            let runs: Vec<Run<'_>> =
                jobs.iter().copied().zip(prepared.iter().map(AsRef::as_ref)).map(run).collect();
            outcomes
                .extend(run_together(tx, &runs).await?.into_iter().map(|outcome| outcome.map(Ran::Written)));
        }
        Ok(outcomes)
    }
}

/// A command as it is run: with its drafts, and the contacts that match its criteria.
struct Run<'a> {
    job: &'a Write,
    prepared: &'a Prepared,
    matching: Matching<'a>,
}

/// Runs commands on one set of loaded contacts.
async fn run_together(
    tx: &WriteTx<'_>,
    runs: &[Run<'_>],
) -> Result<Vec<Outcome<WrittenContacts>>, DatabaseError> {
    let drafts = || runs.iter().flat_map(|run| &run.prepared.drafts).map(|checked| &checked.draft);
    let companies = drafts().filter_map(|draft| draft.company_id.as_ref().value().copied());
    // One load for the whole group: the number of statements does not grow with the batch.
    let references = References::load(tx, companies, drafts().flat_map(ContactDraft::users)).await?;
    let mut tags = TagSet::load(tx, drafts().flat_map(ContactDraft::tag_names)).await?;
    let mut contacts = ContactSet::default();
    load(tx, &mut contacts, runs).await?;

    let mut outcomes = Vec::with_capacity(runs.len());
    for Run { job, prepared: Prepared { settings, drafts }, matching } in runs {
        let context = WriteContext { tx, settings, references: &references, caller: &job.caller };
        let (savepoint, tags_before) = (contacts.savepoint(), tags.savepoint());
        let mut work = UnitOfWork::new(context, &mut tags, &mut contacts);
        let written = job.command.run(&mut work, &Loaded { drafts, matching: *matching })?;
        if !written.problems.is_empty() {
            contacts.roll_back_to(savepoint);
            tags.roll_back_to(tags_before);
        }
        let has_changed = contacts.savepoint() > savepoint;
        outcomes.push(if has_changed { Outcome::Changed(written) } else { Outcome::Unchanged(written) });
    }
    let to_save: Vec<_> = contacts.changed().collect();
    let used: HashSet<Uuid> = to_save.iter().flat_map(|(_, record)| &record.tags).map(|tag| tag.id).collect();
    store::save(tx, tags.into_new(&used), to_save.into_iter()).await?;
    Ok(outcomes)
}

/// Loads the contacts that the commands touch or might conflict with.
async fn load(tx: &WriteTx<'_>, contacts: &mut ContactSet, runs: &[Run<'_>]) -> Result<(), DatabaseError> {
    let mut keys = ContactKeys::default();
    for Run { job, prepared, matching } in runs {
        let needs = job.command.needs();
        let policy = &prepared.settings.policy;
        keys.ids.extend(matching.ids);
        keys.ids.extend(parsed(needs.ids));
        let is_matched_by = |key| needs.match_keys.contains(&key);
        for CheckedDraft { draft, .. } in &prepared.drafts {
            keys.external_ids.extend(draft.external_id().map(str::to_owned));
            if policy.unique_phone || is_matched_by(MatchKey::Phone) {
                keys.numbers.extend(draft.numbers().map(str::to_owned));
            }
            if policy.unique_email || is_matched_by(MatchKey::Email) {
                keys.addresses.extend(draft.address_keys().map(str::to_owned));
            }
        }
    }
    contacts.load(tx, keys).await?;
    // A restored contact conflicts with live holders of its keys, which are known only now that it is
    // loaded.
    let mut keys = ContactKeys::default();
    for needs in runs.iter().map(|run| run.job.command.needs()).filter(|needs| needs.restores) {
        for record in parsed(needs.ids).filter_map(|id| contacts.any(id)) {
            keys.external_ids.extend(record.row.external_id.clone());
            keys.numbers.extend(record.identifying_numbers().map(str::to_owned));
            keys.addresses.extend(record.emails.iter().map(|email| email.address_key.clone()));
        }
    }
    contacts.load(tx, keys).await
}

/// Returns those of a command's ids that are UUIDs.
fn parsed(ids: &[String]) -> impl Iterator<Item = Uuid> {
    ids.iter().take(MAX_IDS).filter_map(|id| id.parse().ok())
}
