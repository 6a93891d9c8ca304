//! `createContacts`.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use super::written_contacts::contact_of;
use crate::{
    access::Scope,
    contacts::{self, WrittenContact, WrittenContacts, commands},
    graphql::{
        contact::{
            Contact,
            input::CreateContactInput,
            selection::{ContactMatchKey, match_keys},
        },
        context::ContextExt as _,
        error::{ApiError, ApiResult},
        loaders::Loaders,
        user_error::{UserError, user_errors},
    },
};

/// Maximum number of rows of one `createContacts`.
const MAX_ROWS: i32 = 200;

/// What to do with a contact that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::commands::OnConflict")]
pub(in crate::graphql) enum ConflictStrategy {
    /// Report it.
    Fail,
    /// Keep the existing contact.
    Skip,
    /// Fill and overwrite with the given values; null and blank are as omitted.
    Update,
}

/// Several new contacts.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateContactsInput {
    /// At most 200.
    contacts: Vec<CreateContactInput>,
    /// What to do with a contact that is there already.
    #[graphql(default_with = "Some(ConflictStrategy::Fail)")]
    on_conflict: Option<ConflictStrategy>,
    /// What tells that a contact is there already. Default all three; with FAIL none, so that only
    /// what must be unique is a conflict.
    #[graphql(name = "match")]
    keys: Option<Vec<ContactMatchKey>>,
    /// One fault writes nothing.
    #[graphql(default_with = "Some(false)")]
    atomic: Option<bool>,
}

impl CreateContactsInput {
    fn into_command(self) -> ApiResult<commands::CreateContacts> {
        let Self { contacts, on_conflict, keys, atomic } = self;
        if contacts.len() > MAX_ROWS as usize {
            return Err(ApiError::too_many("contacts", MAX_ROWS));
        }
        let drafts = contacts.into_iter().map(TryInto::try_into).collect::<ApiResult<_>>()?;
        let on_conflict = on_conflict.unwrap_or(ConflictStrategy::Fail).into();
        Ok(commands::CreateContacts::new(drafts, on_conflict, match_keys(keys)?, atomic.unwrap_or(false)))
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

impl ContactRowResult {
    async fn new(index: i32, row: WrittenContact, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let contact = if row.problems.is_empty() { contact_of(&row, loaders).await? } else { None };
        let outcome = row.outcome.into();
        Ok(Self { index, outcome, contact, user_errors: user_errors(row.problems, loaders) })
    }
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
    async fn new(written: WrittenContacts, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let outcomes: Vec<_> = written.value.iter().map(|row| row.outcome).collect();
        let count = |outcome| {
            let rows = outcomes.iter().filter(|known| **known == outcome).count();
            i32::try_from(rows).unwrap_or(i32::MAX)
        };
        let rows = written.value.into_iter().zip(0..);
        let results = rows.map(|(row, index)| ContactRowResult::new(index, row, loaders));
        Ok(Self {
            results: futures_util::future::try_join_all(results).await?,
            created_count: count(contacts::RowOutcome::Created),
            updated_count: count(contacts::RowOutcome::Updated),
            skipped_count: count(contacts::RowOutcome::Skipped),
            failed_count: count(contacts::RowOutcome::Failed),
            user_errors: user_errors(written.problems, loaders),
        })
    }
}

/// Resolver of `createContacts`.
#[derive(Default)]
pub(super) struct CreateContacts;

#[Object]
impl CreateContacts {
    /// Create up to 200 contacts. Each row succeeds or fails on its own unless `atomic`.
    async fn create_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contacts, and what to do with those that are there.")]
        input: CreateContactsInput,
    ) -> Option<ApiResult<CreateContactsPayload>> {
        let payload = async {
            let command = || input.into_command();
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            CreateContactsPayload::new(written, &loaders).await
        };
        Some(payload.await)
    }
}
