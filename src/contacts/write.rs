//! Writing contacts: one job runs every command.
//!
//! A batch of commands runs while the change clock is held: those whose settings have changed are
//! checked again; everything that any of them touches is loaded in a few statements; they run one
//! after the other in memory; and the contacts that have changed are saved.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use entity::contact;
use uuid::Uuid;

use super::{
    apply::WriteContext,
    check::CheckedDraft,
    commands::{Command, Loaded, MAX_IDS, MAX_MATCHING},
    contact_set::{ContactKeys, ContactSet},
    draft::ContactDraft,
    filter::Criteria,
    find::live,
    outcome::WrittenContacts,
    references::References,
    store,
    tags::TagSet,
    uniqueness::MatchKey,
    unit_of_work::UnitOfWork,
};
use crate::{
    access::Caller,
    database::{Job, Outcome, Read as _, WriteTx},
    error::DatabaseError,
    organizations::{Settings, SettingsCache},
};

/// A command with its caller, checked.
#[derive(Debug)]
pub struct Write {
    command: Box<dyn Command>,
    caller: Caller,
    prepared: Prepared,
    cache: SettingsCache,
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
    /// Checks a command's drafts under the settings as this server knows them.
    pub(super) fn new(
        command: impl Command,
        caller: &Caller,
        settings: Arc<Settings>,
        cache: SettingsCache,
    ) -> Self {
        let prepared = Prepared::new(&command, caller, settings);
        Self { command: Box::new(command), caller: caller.clone(), prepared, cache }
    }

    /// Returns the checked drafts, checked again if the settings have changed since.
    async fn current(&self, tx: &WriteTx<'_>) -> Result<Cow<'_, Prepared>, DatabaseError> {
        if self.prepared.settings.seq == tx.clock().settings_seq {
            return Ok(Cow::Borrowed(&self.prepared));
        }
        let settings = self.cache.in_transaction(tx).await?;
        Ok(Cow::Owned(Prepared::new(&*self.command, &self.caller, settings)))
    }
}

impl Job for Write {
    type Answer = WrittenContacts;

    fn rows(&self) -> u32 {
        u32::try_from(self.command.max_contacts().max(1)).unwrap_or(u32::MAX)
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<WrittenContacts>>, DatabaseError> {
        // A filter is evaluated by the database, so a command that has one begins a new group: the changes
        // of those before it are saved first.
        let mut outcomes = Vec::with_capacity(jobs.len());
        for jobs in jobs.chunk_by(|_, next| next.command.needs().filter.is_none()) {
            outcomes.extend(run_together(tx, jobs).await?);
        }
        Ok(outcomes)
    }
}

/// Runs commands on one set of loaded contacts.
async fn run_together(
    tx: &WriteTx<'_>,
    jobs: &[&Write],
) -> Result<Vec<Outcome<WrittenContacts>>, DatabaseError> {
    let mut prepared = Vec::with_capacity(jobs.len());
    for job in jobs {
        prepared.push(job.current(tx).await?);
    }
    let drafts = || prepared.iter().flat_map(|prepared| &prepared.drafts).map(|checked| &checked.draft);
    let companies = drafts().filter_map(|draft| draft.company_id.as_ref().value().copied());
    // One load for the whole group: the number of statements does not grow with the batch.
    let references = References::load(tx, companies, drafts().flat_map(ContactDraft::users)).await?;
    let mut tags = TagSet::load(tx, drafts().flat_map(ContactDraft::tag_names)).await?;
    let mut contacts = ContactSet::default();
    let matching = load(tx, &mut contacts, jobs, &prepared).await?;

    let mut outcomes = Vec::with_capacity(jobs.len());
    for ((job, prepared), matching) in jobs.iter().zip(&prepared).zip(matching) {
        let Prepared { settings, drafts } = prepared.as_ref();
        let context = WriteContext { tx, settings, references: &references, caller: &job.caller };
        let savepoint = contacts.savepoint();
        let mut work = UnitOfWork::new(context, &mut tags, &mut contacts);
        let written = job.command.run(&mut work, &Loaded { drafts, matching })?;
        if !written.problems.is_empty() {
            contacts.roll_back_to(savepoint);
        }
        let has_changed = contacts.savepoint() > savepoint;
        outcomes.push(if has_changed { Outcome::Changed(written) } else { Outcome::Unchanged(written) });
    }
    let to_save: Vec<_> = contacts.changed().collect();
    let used: HashSet<Uuid> = to_save.iter().flat_map(|(_, record)| &record.tags).map(|tag| tag.id).collect();
    // Tags first: the rows of contacts refer to them.
    tags.save(tx, &used).await?;
    store::save(tx, to_save.into_iter()).await?;
    Ok(outcomes)
}

/// Loads the contacts that the commands touch or might conflict with. Returns those that each
/// command's filter matches.
async fn load(
    tx: &WriteTx<'_>,
    contacts: &mut ContactSet,
    jobs: &[&Write],
    prepared: &[Cow<'_, Prepared>],
) -> Result<Vec<Vec<Uuid>>, DatabaseError> {
    let mut keys = ContactKeys::default();
    let mut all_matching = Vec::with_capacity(jobs.len());
    for (job, prepared) in jobs.iter().zip(prepared) {
        let needs = job.command.needs();
        let policy = &prepared.settings.policy;
        let mut matching = Vec::new();
        if let Some((filter, expected)) = needs.filter {
            matching = matching_ids(tx, filter, expected, &prepared.settings).await?;
            // If another number matches than was expected, the command changes nothing.
            if usize::try_from(expected) == Ok(matching.len()) {
                keys.ids.extend(&matching);
            }
        }
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
        all_matching.push(matching);
    }
    contacts.load(tx, keys).await?;
    // A restored contact conflicts with live holders of its keys, which are known only now that it is
    // loaded.
    let mut keys = ContactKeys::default();
    for needs in jobs.iter().map(|job| job.command.needs()).filter(|needs| needs.restores) {
        for record in parsed(needs.ids).filter_map(|id| contacts.any(id)) {
            keys.external_ids.extend(record.row.external_id.clone());
            keys.numbers.extend(record.identifying_numbers().map(str::to_owned));
            keys.addresses.extend(record.emails.iter().map(|email| email.address_key.clone()));
        }
    }
    contacts.load(tx, keys).await?;
    Ok(all_matching)
}

/// Returns those of a command's ids that are UUIDs.
fn parsed(ids: &[String]) -> impl Iterator<Item = Uuid> {
    ids.iter().take(MAX_IDS).filter_map(|id| id.parse().ok())
}

/// Returns the live contacts that match, or one more than expected.
async fn matching_ids(
    tx: &WriteTx<'_>,
    filter: &Criteria,
    expected: i32,
    settings: &Settings,
) -> Result<Vec<Uuid>, DatabaseError> {
    // An expected number that is refused anyway is not looked up.
    let Some(expected) = usize::try_from(expected).ok().filter(|expected| *expected <= MAX_MATCHING) else {
        return Ok(Vec::new());
    };
    let resolved = filter.resolve(tx, settings.policy.phone_region()).await?;
    let select = tx
        .select::<contact::Entity>()
        .column(contact::Column::Id)
        .filter(live().add(resolved.all))
        .limit(expected as u64 + 1);
    tx.rows(select).await?.iter().map(|row| row.get(contact::Column::Id)).collect()
}
