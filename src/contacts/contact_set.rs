//! The set of contacts that a batch of writes works on.
//!
//! Every contact that the batch's commands touch or might conflict with is loaded under the clock in a few
//! statements; the commands then run one after the other in memory, each seeing the changes of those
//! before it; and the changed contacts are saved at the end.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::{contact, contact_assignee, contact_email, contact_phone, contact_tag};
use sea_orm::sea_query::Condition;
use uuid::Uuid;

use super::{MAX_KEYS_PER_STATEMENT, record::Record, tags::Tag, unique_key::UniqueKey};
use crate::{
    database::{Read as _, WriteTx, any_of},
    error::DatabaseError,
};

/// Ids and unique keys of the contacts to load.
#[derive(Debug, Default)]
pub(super) struct ContactKeys {
    pub(super) ids: HashSet<Uuid>,
    pub(super) external_ids: HashSet<String>,
    pub(super) numbers: HashSet<String>,
    pub(super) addresses: HashSet<String>,
}

/// Contacts in memory, as they are now, and as they are stored.
#[derive(Debug, Default)]
pub(super) struct ContactSet {
    entries: BTreeMap<Uuid, Entry>,
    by_external_id: HashMap<String, Vec<Uuid>>,
    by_number: HashMap<String, Vec<Uuid>>,
    by_address: HashMap<String, Vec<Uuid>>,
    /// Every contact that was put, in order, and its previous state.
    journal: Vec<(Uuid, Option<Record>)>,
}

#[derive(Debug)]
struct Entry {
    /// Stored state; `None` for a new contact.
    stored: Option<Record>,
    current: Record,
}

impl ContactSet {
    /// Loads every contact with one of the ids, and every live one that holds one of the keys. A contact
    /// that is in the set already stays as it is.
    pub(super) async fn load(&mut self, tx: &WriteTx<'_>, keys: ContactKeys) -> Result<(), DatabaseError> {
        let ContactKeys { mut ids, external_ids, numbers, addresses } = keys;
        for held in chunks(&external_ids) {
            let select = tx
                .select::<contact::Entity>()
                .column(contact::Column::Id)
                .filter(super::live().add(any_of(contact::Column::ExternalId, held)));
            for row in tx.rows(select).await? {
                ids.insert(row.get(contact::Column::Id)?);
            }
        }
        // Numbers and addresses may be those of deleted contacts too: `holders` leaves them out.
        for held in chunks(&numbers) {
            let held = Condition::all().add(any_of(contact_phone::Column::Number, held));
            let rows = tx.find::<contact_phone::Entity>(held).await?;
            ids.extend(rows.into_iter().map(|row| row.contact_id));
        }
        for held in chunks(&addresses) {
            let held = Condition::all().add(any_of(contact_email::Column::AddressKey, held));
            let rows = tx.find::<contact_email::Entity>(held).await?;
            ids.extend(rows.into_iter().map(|row| row.contact_id));
        }
        let ids: Vec<Uuid> = ids.into_iter().filter(|id| !self.entries.contains_key(id)).collect();
        for ids in ids.chunks(MAX_KEYS_PER_STATEMENT) {
            for record in records(tx, ids).await? {
                self.index(&record);
                let entry = Entry { stored: Some(record.clone()), current: record };
                self.entries.insert(entry.current.row.id, entry);
            }
        }
        Ok(())
    }

    /// Returns a contact as it is now, deleted or not.
    pub(super) fn any(&self, id: Uuid) -> Option<&Record> {
        self.entries.get(&id).map(|entry| &entry.current)
    }

    /// Returns a live contact as it is now.
    pub(super) fn live(&self, id: Uuid) -> Option<&Record> {
        self.any(id).filter(|record| record.is_live())
    }

    /// Returns the live contacts that hold the key, except one.
    pub(super) fn holders(&self, key: UniqueKey<'_>, except: Option<Uuid>) -> Vec<Uuid> {
        let candidates = match key {
            UniqueKey::ExternalId(external_id) => self.by_external_id.get(external_id),
            UniqueKey::Number(number) => self.by_number.get(number),
            UniqueKey::Address(address) => self.by_address.get(address),
        };
        // The index has every contact that ever held the key: a contact that gave it up is not removed
        // from it. So each is asked.
        let mut holders: Vec<Uuid> = candidates
            .into_iter()
            .flatten()
            .copied()
            .filter(|id| Some(*id) != except && self.live(*id).is_some_and(|record| record.holds(key)))
            .collect();
        holders.sort_unstable();
        holders.dedup();
        holders
    }

    /// Puts a new or changed contact into the set.
    pub(super) fn put(&mut self, record: Record) {
        let id = record.row.id;
        self.index(&record);
        let before = match self.entries.get_mut(&id) {
            Some(entry) => Some(std::mem::replace(&mut entry.current, record)),
            None => {
                self.entries.insert(id, Entry { stored: None, current: record });
                None
            }
        };
        self.journal.push((id, before));
    }

    /// Returns a point to roll back to, in case the current command fails as a whole.
    pub(super) fn savepoint(&self) -> usize {
        self.journal.len()
    }

    /// Undoes everything that was put since the savepoint.
    pub(super) fn roll_back_to(&mut self, savepoint: usize) {
        for (id, before) in self.journal.drain(savepoint..).rev() {
            match (before, self.entries.get_mut(&id)) {
                (Some(before), Some(entry)) => entry.current = before,
                _ => drop(self.entries.remove(&id)),
            }
        }
    }

    /// Returns the contacts that have changed: the stored state, `None` for a new one, and the current.
    pub(super) fn changed(self) -> impl Iterator<Item = (Option<Record>, Record)> {
        self.entries
            .into_values()
            .filter(|entry| entry.stored.as_ref() != Some(&entry.current))
            .map(|entry| (entry.stored, entry.current))
    }

    fn index(&mut self, record: &Record) {
        if !record.is_live() {
            return;
        }
        let id = record.row.id;
        if let Some(external_id) = &record.row.external_id {
            self.by_external_id.entry(external_id.clone()).or_default().push(id);
        }
        for phone in &record.phones {
            self.by_number.entry(phone.number.clone()).or_default().push(id);
        }
        for email in &record.emails {
            self.by_address.entry(email.address_key.clone()).or_default().push(id);
        }
    }
}

fn chunks(keys: &HashSet<String>) -> Vec<Vec<&str>> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    keys.chunks(MAX_KEYS_PER_STATEMENT).map(<[&str]>::to_vec).collect()
}

/// Reads whole contacts by id: one statement for each table.
async fn records(tx: &WriteTx<'_>, ids: &[Uuid]) -> Result<Vec<Record>, DatabaseError> {
    let of = |column| Condition::all().add(column);
    let ids = || ids.iter().copied();
    let rows = tx.find::<contact::Entity>(of(any_of(contact::Column::Id, ids()))).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    // `find` returns rows in no particular order.
    let mut phones =
        tx.find::<contact_phone::Entity>(of(any_of(contact_phone::Column::ContactId, ids()))).await?;
    phones.sort_by_key(|row| row.position);
    let mut emails =
        tx.find::<contact_email::Entity>(of(any_of(contact_email::Column::ContactId, ids()))).await?;
    emails.sort_by_key(|row| row.position);
    let mut tags = tx.find::<contact_tag::Entity>(of(any_of(contact_tag::Column::ContactId, ids()))).await?;
    tags.sort_by_key(|row| row.position);
    let mut assignees =
        tx.find::<contact_assignee::Entity>(of(any_of(contact_assignee::Column::ContactId, ids()))).await?;
    assignees.sort_by_key(|row| row.position);

    let mut records: BTreeMap<Uuid, Record> = BTreeMap::new();
    for row in rows {
        let record = Record {
            phones: Vec::new(),
            emails: Vec::new(),
            tags: Vec::new(),
            assignees: Vec::new(),
            flagged_whatsapp: Vec::new(),
            row,
        };
        records.insert(record.row.id, record);
    }
    for phone in phones {
        if let Some(record) = records.get_mut(&phone.contact_id) {
            record.phones.push(phone);
        }
    }
    for email in emails {
        if let Some(record) = records.get_mut(&email.contact_id) {
            record.emails.push(email);
        }
    }
    for assignee in assignees {
        if let Some(record) = records.get_mut(&assignee.contact_id) {
            record.assignees.push(assignee.user_id);
        }
    }
    let mut tag_ids: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for tag in tags {
        tag_ids.entry(tag.contact_id).or_default().push(tag.tag_id);
    }
    for record in records.values_mut() {
        let ids = tag_ids.remove(&record.row.id).unwrap_or_default();
        let names: Vec<String> = serde_json::from_str(&record.row.tags).unwrap_or_default();
        // The row lists the names in the order of `contact_tag`, which saves reading the tags.
        record.tags = ids.into_iter().zip(names).map(|(id, name)| Tag { id, name }).collect();
    }
    Ok(records.into_values().collect())
}
