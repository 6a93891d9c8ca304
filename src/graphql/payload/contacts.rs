//! What contact mutations answer.

use std::sync::Arc;

use async_graphql::{Enum, ID, SimpleObject};

use super::{UserError, user_errors};
use crate::{
    contacts::{self, Written, WrittenRow},
    graphql::{
        contact::Contact,
        error::ApiResult,
        loaders::{Loaders, loaded},
    },
};

/// Contacts that a payload shows, at most.
const SHOWN: usize = 200;

/// A contact that was written, as it is now.
async fn shown(row: &WrittenRow, loaders: &Arc<Loaders>) -> ApiResult<Option<Contact>> {
    if let Some(contact) = &row.contact {
        return Ok(Some(Contact::written(contact.clone(), loaders.clone())));
    }
    let Some(id) = row.contact_id else {
        return Ok(None);
    };
    let found = loaded(loaders.contacts.try_load(id).await)?;
    Ok(found.map(|row| Contact::written(row, loaders.clone())))
}

async fn one(written: &Written, loaders: &Arc<Loaders>) -> ApiResult<Option<Contact>> {
    match written.contact() {
        Some(row) => shown(row, loaders).await,
        None => Ok(None),
    }
}

async fn first(written: &Written, loaders: &Arc<Loaders>) -> ApiResult<Vec<Contact>> {
    let rows = written.rows.iter().filter(|_| written.problems.is_empty()).take(SHOWN);
    let found = futures_util::future::try_join_all(rows.map(|row| shown(row, loaders))).await?;
    Ok(found.into_iter().flatten().collect())
}

fn ids(written: &Written) -> Vec<ID> {
    let rows = written.rows.iter().filter(|_| written.problems.is_empty()).take(SHOWN);
    rows.filter_map(|row| row.contact_id.map(ID::from)).collect()
}

fn affected(written: &Written) -> i32 {
    let rows = if written.problems.is_empty() { written.rows.len() } else { 0 };
    i32::try_from(rows).unwrap_or(i32::MAX)
}

/// The new contact, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CreateContactPayload {
    /// The new contact; null when there are `userErrors`, and nothing was written.
    contact: Option<Contact>,
    /// Empty if and only if the contact was created.
    user_errors: Vec<UserError>,
}

impl CreateContactPayload {
    pub(in crate::graphql) async fn new(written: Written, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let contact = one(&written, loaders).await?;
        Ok(Self { contact, user_errors: user_errors(written.problems, loaders) })
    }
}

/// The contact after the change, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct UpdateContactPayload {
    /// The contact as it is now; null when there are `userErrors`, and nothing was written.
    contact: Option<Contact>,
    /// Empty if and only if the contact is as it was asked to be.
    user_errors: Vec<UserError>,
}

impl UpdateContactPayload {
    pub(in crate::graphql) async fn new(written: Written, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let contact = one(&written, loaders).await?;
        Ok(Self { contact, user_errors: user_errors(written.problems, loaders) })
    }
}

/// The contact that was found or made, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct UpsertContactPayload {
    /// The contact as it is now; null when there are `userErrors`.
    contact: Option<Contact>,
    /// False: an existing contact was updated. Null: nothing was written.
    created: Option<bool>,
    /// Empty if and only if the contact is as it was asked to be.
    user_errors: Vec<UserError>,
}

impl UpsertContactPayload {
    pub(in crate::graphql) async fn new(written: Written, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let contact = one(&written, loaders).await?;
        let created = written.contact().map(|row| row.outcome == contacts::RowOutcome::Created);
        Ok(Self { contact, created, user_errors: user_errors(written.problems, loaders) })
    }
}

/// What became of a row of `createContacts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::RowOutcome")]
pub(in crate::graphql) enum RowOutcome {
    /// The contact is new.
    Created,
    /// The contact was there, and was updated.
    Updated,
    /// The contact was there, and was left as it is.
    Skipped,
    /// The row has problems, and was not written.
    Failed,
    /// A sound row of an `atomic` request that failed.
    NotApplied,
}

/// What became of a row of `createContacts`.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ContactRowResult {
    /// The row's place in the input, from 0.
    index: i32,
    /// What happened.
    outcome: RowOutcome,
    /// The contact; null for a row that was not written.
    contact: Option<Contact>,
    /// What is wrong with the row.
    user_errors: Vec<UserError>,
}

/// What became of each row.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CreateContactsPayload {
    /// One per input row, same order.
    results: Vec<ContactRowResult>,
    /// How many rows made a contact.
    created_count: i32,
    /// How many rows changed one that was there.
    updated_count: i32,
    /// How many rows found one that was left as it is.
    skipped_count: i32,
    /// How many rows have problems.
    failed_count: i32,
    /// Problems of the request; for `atomic` the rows' too. Rows report for themselves.
    user_errors: Vec<UserError>,
}

impl CreateContactsPayload {
    pub(in crate::graphql) async fn new(written: Written, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let count = |outcome| {
            let rows = written.rows.iter().filter(|row| row.outcome == outcome).count();
            i32::try_from(rows).unwrap_or(i32::MAX)
        };
        let [created_count, updated_count, skipped_count, failed_count] = [
            contacts::RowOutcome::Created,
            contacts::RowOutcome::Updated,
            contacts::RowOutcome::Skipped,
            contacts::RowOutcome::Failed,
        ]
        .map(count);
        let rows = written.rows.into_iter().zip(0..).map(async |(row, index)| {
            let contact = if row.problems.is_empty() { shown(&row, loaders).await? } else { None };
            let outcome = row.outcome.into();
            ApiResult::Ok(ContactRowResult {
                index,
                outcome,
                contact,
                user_errors: user_errors(row.problems, loaders),
            })
        });
        let results = futures_util::future::try_join_all(rows).await?;
        let user_errors = user_errors(written.problems, loaders);
        Ok(Self { results, created_count, updated_count, skipped_count, failed_count, user_errors })
    }
}

/// What became of the selected contacts.
#[derive(SimpleObject)]
pub(in crate::graphql) struct UpdateContactsPayload {
    /// All.
    affected_count: i32,
    /// The first 200.
    contacts: Vec<Contact>,
    /// Empty if and only if all contacts are as they were asked to be; else none was changed.
    user_errors: Vec<UserError>,
}

impl UpdateContactsPayload {
    pub(in crate::graphql) async fn new(written: Written, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let contacts = first(&written, loaders).await?;
        let affected_count = affected(&written);
        Ok(Self { affected_count, contacts, user_errors: user_errors(written.problems, loaders) })
    }
}

/// The contact that was deleted.
#[derive(SimpleObject)]
pub(in crate::graphql) struct DeleteContactPayload {
    /// Its id; null when there are `userErrors`.
    contact_id: Option<ID>,
    /// As it is now, with `deletedAt`; null when there are `userErrors`.
    contact: Option<Contact>,
    /// Empty if and only if the contact was deleted.
    user_errors: Vec<UserError>,
}

impl DeleteContactPayload {
    pub(in crate::graphql) async fn new(written: Written, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let (contact_id, contact) = (ids(&written).pop(), one(&written, loaders).await?);
        Ok(Self { contact_id, contact, user_errors: user_errors(written.problems, loaders) })
    }
}

/// The contacts that were deleted.
#[derive(SimpleObject)]
pub(in crate::graphql) struct DeleteContactsPayload {
    /// All.
    affected_count: i32,
    /// The first 200.
    contact_ids: Vec<ID>,
    /// Empty if and only if all were deleted; else none was.
    user_errors: Vec<UserError>,
}

impl DeleteContactsPayload {
    pub(in crate::graphql) fn new(written: Written, loaders: &Arc<Loaders>) -> Self {
        let (affected_count, contact_ids) = (affected(&written), ids(&written));
        Self { affected_count, contact_ids, user_errors: user_errors(written.problems, loaders) }
    }
}

/// The contacts that are live again.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RestoreContactsPayload {
    /// Each as it is now.
    contacts: Vec<Contact>,
    /// Empty if and only if all were restored; else none was.
    user_errors: Vec<UserError>,
}

impl RestoreContactsPayload {
    pub(in crate::graphql) async fn new(written: Written, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let contacts = first(&written, loaders).await?;
        Ok(Self { contacts, user_errors: user_errors(written.problems, loaders) })
    }
}

/// The contacts that were erased.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PurgeContactsPayload {
    /// Their ids, which is all that is left.
    contact_ids: Vec<ID>,
    /// Empty if and only if all were erased; else none was.
    user_errors: Vec<UserError>,
}

impl PurgeContactsPayload {
    pub(in crate::graphql) fn new(written: Written, loaders: &Arc<Loaders>) -> Self {
        let contact_ids = ids(&written);
        Self { contact_ids, user_errors: user_errors(written.problems, loaders) }
    }
}
