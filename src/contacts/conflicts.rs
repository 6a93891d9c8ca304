//! What only one live contact of an organization may hold: its external id and, if the policy
//! says so, each phone number and email address.
//!
//! Conflicts are looked up under the clock, which keeps every other writer of the organization
//! out; so the answer is exact, and names the holder.

use std::collections::HashMap;

use entity::{contact, contact_email, contact_phone};
use sea_orm::sea_query::Condition;
use uuid::Uuid;

use super::find::live;
use crate::{
    database::{Read as _, WriteTx, any_of},
    error::DatabaseError,
};

/// Who holds what: in the database, and in the batch so far.
#[derive(Debug, Default)]
pub(super) struct Holders {
    external_ids: HashMap<String, Uuid>,
    phones: HashMap<String, Uuid>,
    emails: HashMap<String, Uuid>,
}

/// The kinds of thing that are held.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    ExternalId,
    Phone,
    Email,
}

impl Holders {
    /// Looks up who holds any of these; pass only what must be unique.
    pub(super) async fn load<'a>(
        tx: &WriteTx<'_>,
        external_ids: impl Iterator<Item = &'a str>,
        phones: impl Iterator<Item = &'a str>,
        emails: impl Iterator<Item = &'a str>,
    ) -> Result<Self, DatabaseError> {
        let mut holders = Self::default();
        for ids in distinct(external_ids).chunks(256) {
            let held = live().add(any_of(contact::Column::ExternalId, ids.iter().copied()));
            for row in tx.find::<contact::Entity>(held).await? {
                holders.external_ids.extend(row.external_id.map(|external_id| (external_id, row.id)));
            }
        }
        for numbers in distinct(phones).chunks(256) {
            let held = any_of(contact_phone::Column::Number, numbers.iter().copied());
            let rows = tx.find::<contact_phone::Entity>(Condition::all().add(held)).await?;
            let rows = rows.into_iter().map(|row| (row.number, row.contact_id)).collect();
            holders.phones.extend(of_live_contacts(tx, rows).await?);
        }
        for keys in distinct(emails).chunks(256) {
            let held = any_of(contact_email::Column::AddressKey, keys.iter().copied());
            let rows = tx.find::<contact_email::Entity>(Condition::all().add(held)).await?;
            let rows = rows.into_iter().map(|row| (row.address_key, row.contact_id)).collect();
            holders.emails.extend(of_live_contacts(tx, rows).await?);
        }
        Ok(holders)
    }

    /// Who holds this, if anyone.
    pub(super) fn holder(&self, held: Held, key: &str) -> Option<Uuid> {
        match held {
            Held::ExternalId => self.external_ids.get(key),
            Held::Phone => self.phones.get(key),
            Held::Email => self.emails.get(key),
        }
        .copied()
    }

    /// From now on, within the batch, this contact holds it.
    pub(super) fn take(&mut self, held: Held, key: &str, contact_id: Uuid) {
        let map = match held {
            Held::ExternalId => &mut self.external_ids,
            Held::Phone => &mut self.phones,
            Held::Email => &mut self.emails,
        };
        map.insert(key.to_owned(), contact_id);
    }
}

async fn of_live_contacts(
    tx: &WriteTx<'_>,
    rows: Vec<(String, Uuid)>,
) -> Result<Vec<(String, Uuid)>, DatabaseError> {
    let mut live_ids = Vec::new();
    for rows in rows.chunks(256) {
        let select = tx
            .select::<contact::Entity>()
            .column(contact::Column::Id)
            .filter(live().add(any_of(contact::Column::Id, rows.iter().map(|(_, id)| *id))));
        for row in tx.rows(select).await? {
            live_ids.push(row.get::<Uuid>(contact::Column::Id)?);
        }
    }
    Ok(rows.into_iter().filter(|(_, id)| live_ids.contains(id)).collect())
}

fn distinct<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
