//! `createContacts`.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use futures_util::FutureExt as _;

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

/// Treatment of a contact that exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::commands::OnConflict")]
pub(in crate::graphql) enum ConflictStrategy {
    /// The row fails.
    Fail,
    /// Keep the existing contact.
    Skip,
    /// Fill and overwrite with the given values; null and blank are as omitted.
    Update,
}

/// Contacts to create.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateContactsInput {
    /// At most 200.
    contacts: Vec<CreateContactInput>,
    /// Treatment of a contact that exists already.
    #[graphql(default_with = "Some(ConflictStrategy::Fail)")]
    on_conflict: Option<ConflictStrategy>,
    /// Keys by which an existing contact is found. Default: all three, or with FAIL none, so that only
    /// values that must be unique conflict.
    #[graphql(name = "match")]
    keys: Option<Vec<ContactMatchKey>>,
    /// If true, one problem in any row means that nothing is written.
    #[graphql(default_with = "Some(false)")]
    atomic: Option<bool>,
}

impl CreateContactsInput {
    fn into_command(self) -> ApiResult<commands::CreateContacts> {
        let Self { contacts, on_conflict, keys, atomic } = self;
        if contacts.len() > commands::MAX_IDS {
            return Err(ApiError::too_many("contacts", commands::MAX_IDS));
        }
        let drafts = contacts.into_iter().map(TryInto::try_into).collect::<ApiResult<_>>()?;
        let on_conflict = on_conflict.unwrap_or(ConflictStrategy::Fail).into();
        Ok(commands::CreateContacts::new(drafts, on_conflict, match_keys(keys)?, atomic.unwrap_or(false)))
    }
}

/// Outcome of a row of `createContacts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "contacts::RowOutcome")]
pub(in crate::graphql) enum RowOutcome {
    /// The contact is new.
    Created,
    /// The contact existed, and was updated.
    Updated,
    /// The contact existed, and was left as it is.
    Skipped,
    /// The row has problems, and was not written.
    Failed,
    /// The row has no problems, but another row of an `atomic` request has.
    NotApplied,
}

/// Result of a row of `createContacts`.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ContactRowResult {
    /// Index of the row in the input, from 0.
    index: i32,
    /// Outcome of the row.
    outcome: RowOutcome,
    /// The contact; null for a row that was not written.
    contact: Option<Contact>,
    /// Problems of the row.
    user_errors: Vec<UserError>,
}

impl ContactRowResult {
    async fn new(index: i32, row: WrittenContact, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let contact = if row.problems.is_empty() { contact_of(&row, loaders).await? } else { None };
        let outcome = row.outcome.into();
        Ok(Self { index, outcome, contact, user_errors: user_errors(row.problems, loaders) })
    }
}

/// Results of the rows, and their counts.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CreateContactsPayload {
    /// One for each input row, in the same order.
    results: Vec<ContactRowResult>,
    /// Number of rows that created a contact.
    created_count: i32,
    /// Number of rows that updated an existing contact.
    updated_count: i32,
    /// Number of rows whose contact existed and was left as it is.
    skipped_count: i32,
    /// Number of rows with problems.
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
        #[graphql(desc = "The contacts, and the treatment of those that exist already.")]
        input: CreateContactsInput,
    ) -> Option<ApiResult<CreateContactsPayload>> {
        let payload = async {
            let command = || input.into_command();
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            CreateContactsPayload::new(written, &loaders).await
        };
        Some(payload.boxed().await)
    }
}
