//! Contacts in the payload of a mutation.

use std::sync::Arc;

use async_graphql::ID;
use entity::contact;

use crate::{
    contacts::{WrittenContact, WrittenContacts},
    graphql::{contact::Contact, error::ApiResult, loaders::Loaders},
};

/// Maximum number of contacts that a payload shows.
const MAX_SHOWN: usize = 200;

/// Returns a contact that was written: as it was written, or in a repeat as it is now.
pub(super) async fn contact_of(
    contact: &WrittenContact,
    loaders: &Arc<Loaders>,
) -> ApiResult<Option<Contact>> {
    if let Some(row) = &contact.row {
        return Ok(Some(Contact::written(row.clone(), loaders.clone())));
    }
    let Some(id) = contact.id else {
        return Ok(None);
    };
    let found = loaders.by_id::<contact::Entity>(id).await?;
    Ok(found.map(|row| Contact::written(row, loaders.clone())))
}

/// Returns what became of the contact of a mutation of one, if it was written.
pub(super) fn written_contact(written: &WrittenContacts) -> Option<&WrittenContact> {
    written.value.first().filter(|contact| contact.problems.is_empty())
}

/// Returns the contact of a mutation of one, if it was written.
pub(super) async fn only_contact(
    written: &WrittenContacts,
    loaders: &Arc<Loaders>,
) -> ApiResult<Option<Contact>> {
    match written_contact(written) {
        Some(contact) => contact_of(contact, loaders).await,
        None => Ok(None),
    }
}

/// Returns the first contacts that were written.
pub(super) async fn first_contacts(
    written: &WrittenContacts,
    loaders: &Arc<Loaders>,
) -> ApiResult<Vec<Contact>> {
    let rows = shown(written).map(|contact| contact_of(contact, loaders));
    let found = futures_util::future::try_join_all(rows).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Returns the ids of the first contacts that were written.
pub(super) fn first_ids(written: &WrittenContacts) -> Vec<ID> {
    shown(written).filter_map(|contact| contact.id.map(ID::from)).collect()
}

/// Returns how many contacts were written.
pub(super) fn affected_count(written: &WrittenContacts) -> i32 {
    let rows = if written.problems.is_empty() { written.value.len() } else { 0 };
    i32::try_from(rows).unwrap_or(i32::MAX)
}

fn shown(written: &WrittenContacts) -> impl Iterator<Item = &WrittenContact> {
    written.value.iter().filter(|_| written.problems.is_empty()).take(MAX_SHOWN)
}
