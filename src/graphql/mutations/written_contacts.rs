//! Contacts in the payload of a mutation.

use std::sync::Arc;

use async_graphql::ID;

use crate::{
    contacts::{Written, WrittenRow},
    graphql::{
        contact::Contact,
        error::ApiResult,
        loaders::{Loaders, loaded},
    },
};

/// Maximum number of contacts that a payload shows.
const MAX_SHOWN: usize = 200;

/// Returns a contact that was written: as it was written, or in a repeat as it is now.
pub(super) async fn contact_of(row: &WrittenRow, loaders: &Arc<Loaders>) -> ApiResult<Option<Contact>> {
    if let Some(contact) = &row.contact {
        return Ok(Some(Contact::written(contact.clone(), loaders.clone())));
    }
    let Some(id) = row.contact_id else {
        return Ok(None);
    };
    let found = loaded(loaders.contacts.try_load(id).await)?;
    Ok(found.map(|row| Contact::written(row, loaders.clone())))
}

/// Returns the contact of a mutation of one, if it was written.
pub(super) async fn only_contact(written: &Written, loaders: &Arc<Loaders>) -> ApiResult<Option<Contact>> {
    match written.contact() {
        Some(row) => contact_of(row, loaders).await,
        None => Ok(None),
    }
}

/// Returns the first contacts that were written.
pub(super) async fn first_contacts(written: &Written, loaders: &Arc<Loaders>) -> ApiResult<Vec<Contact>> {
    let rows = shown(written).map(|row| contact_of(row, loaders));
    let found = futures_util::future::try_join_all(rows).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Returns the ids of the first contacts that were written.
pub(super) fn first_ids(written: &Written) -> Vec<ID> {
    shown(written).filter_map(|row| row.contact_id.map(ID::from)).collect()
}

/// Returns how many contacts were written.
pub(super) fn affected_count(written: &Written) -> i32 {
    let rows = if written.problems.is_empty() { written.rows.len() } else { 0 };
    i32::try_from(rows).unwrap_or(i32::MAX)
}

fn shown(written: &Written) -> impl Iterator<Item = &WrittenRow> {
    written.rows.iter().filter(|_| written.problems.is_empty()).take(MAX_SHOWN)
}
