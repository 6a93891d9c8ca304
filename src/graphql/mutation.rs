//! Writing.

use std::sync::Arc;

use async_graphql::{Context, MergedObject, Object};

use super::{
    contact::{
        changes::{
            CreateContactsInput, DeleteContactInput, DeleteContactsInput, PurgeContactsInput,
            RecordContactEnrichmentInput, RestoreContactsInput, UpdateContactInput, UpdateContactsInput,
            UpsertContactInput,
        },
        input::CreateContactInput,
    },
    error::{ApiError, ApiResult, answered},
    guard,
    loaders::Loaders,
    payload::{
        CreateContactPayload, CreateContactsPayload, DeleteContactPayload, DeleteContactsPayload,
        PurgeContactsPayload, RestoreContactsPayload, UpdateContactPayload, UpdateContactsPayload,
        UpsertContactPayload,
    },
    related::{PipelineMutation, RelatedMutation},
    settings::SettingsMutation,
};
use crate::{
    access::Scope,
    contacts::{self, Command, Written},
    writing::Request,
};

/// Writing. Every mutation takes one `input` and returns a payload whose `userErrors` is empty if
/// and only if the request was accepted whole. A request with the header `Idempotency-Key` can be
/// repeated safely for 24 h.
#[derive(Default, MergedObject)]
pub(super) struct Mutation(ContactMutation, RelatedMutation, PipelineMutation, SettingsMutation);

/// Writing contacts.
#[derive(Default)]
struct ContactMutation;

/// Writing contacts.
#[Object]
impl ContactMutation {
    /// Create one contact. `createContact(input: {firstName: "Jane"}) { contact { id } userErrors { code field message } }`
    async fn create_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is known of the contact.")] input: CreateContactInput,
    ) -> Option<ApiResult<CreateContactPayload>> {
        let payload = async {
            let (written, loaders) = write(context, Scope::ContactsWrite, input).await?;
            CreateContactPayload::new(written, &loaders).await
        };
        Some(payload.await)
    }

    /// Omitted fields stay; null clears. A change that changes nothing leaves `version` and `updatedAt` as they are.
    async fn update_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which contact, and what to change.")] input: UpdateContactInput,
    ) -> Option<ApiResult<UpdateContactPayload>> {
        let payload = async {
            let (written, loaders) = write(context, Scope::ContactsWrite, input).await?;
            UpdateContactPayload::new(written, &loaders).await
        };
        Some(payload.await)
    }

    /// Update the contact that `match` finds, else create it. Two matches are an error, never a guess.
    async fn upsert_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contact, and what to look it up by.")] input: UpsertContactInput,
    ) -> Option<ApiResult<UpsertContactPayload>> {
        let payload = async {
            let (written, loaders) = write(context, Scope::ContactsWrite, input).await?;
            UpsertContactPayload::new(written, &loaders).await
        };
        Some(payload.await)
    }

    /// Create up to 200 contacts. Each row succeeds or fails on its own unless `atomic`.
    async fn create_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contacts, and what to do with those that are there.")]
        input: CreateContactsInput,
    ) -> Option<ApiResult<CreateContactsPayload>> {
        let payload = async {
            let (written, loaders) = write(context, Scope::ContactsWrite, input).await?;
            CreateContactsPayload::new(written, &loaders).await
        };
        Some(payload.await)
    }

    /// Apply one change to up to 200 ids. All or nothing.
    async fn update_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which contacts, and what to change in each.")] input: UpdateContactsInput,
    ) -> Option<ApiResult<UpdateContactsPayload>> {
        let payload = async {
            let (written, loaders) = write(context, Scope::ContactsWrite, input).await?;
            UpdateContactsPayload::new(written, &loaders).await
        };
        Some(payload.await)
    }

    /// Soft delete; `restoreContacts` undoes it.
    async fn delete_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which contact.")] input: DeleteContactInput,
    ) -> Option<ApiResult<DeleteContactPayload>> {
        let payload = async {
            let (written, loaders) = write(context, Scope::ContactsWrite, input).await?;
            DeleteContactPayload::new(written, &loaders).await
        };
        Some(payload.await)
    }

    /// Soft delete of several, all or nothing; `restoreContacts` undoes it.
    async fn delete_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which contacts.")] input: DeleteContactsInput,
    ) -> Option<ApiResult<DeleteContactsPayload>> {
        let written = write(context, Scope::ContactsWrite, input).await;
        Some(written.map(|(written, loaders)| DeleteContactsPayload::new(written, &loaders)))
    }

    /// Undo deletions, all or nothing. What must be unique is checked again.
    async fn restore_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which contacts.")] input: RestoreContactsInput,
    ) -> Option<ApiResult<RestoreContactsPayload>> {
        let payload = async {
            let (written, loaders) = write(context, Scope::ContactsWrite, input).await?;
            RestoreContactsPayload::new(written, &loaders).await
        };
        Some(payload.await)
    }

    /// Erase for good (requires `contacts:purge`), all or nothing. Only the id survives.
    async fn purge_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which contacts.")] input: PurgeContactsInput,
    ) -> Option<ApiResult<PurgeContactsPayload>> {
        let written = write(context, Scope::ContactsPurge, input).await;
        Some(written.map(|(written, loaders)| PurgeContactsPayload::new(written, &loaders)))
    }

    /// Store the result of an enrichment run; sets `enrichedAt`.
    async fn record_contact_enrichment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which contact, and what the run found.")] input: RecordContactEnrichmentInput,
    ) -> Option<ApiResult<UpdateContactPayload>> {
        let payload = async {
            let (written, loaders) = write(context, Scope::ContactsWrite, input).await?;
            UpdateContactPayload::new(written, &loaders).await
        };
        Some(payload.await)
    }
}

/// Runs an input's command, if the key has the scope.
async fn write<I>(context: &Context<'_>, scope: Scope, input: I) -> ApiResult<(Written, Arc<Loaders>)>
where
    I: TryInto<Command>,
    ApiError: From<I::Error>,
{
    let caller = guard::require(context, scope)?;
    let Request { database, settings, caller, repeatable } = guard::request(context, caller)?;
    let repeats = repeatable.is_some();
    let written = contacts::write_once(database, settings, caller, input.try_into()?, repeatable).await;
    Ok((answered(written, repeats)?, guard::loaders(context, caller)?))
}
