//! Mutations: the input, the payload and the resolver of each stand in one file.

mod api_keys;
mod create_contact;
mod create_contacts;
mod delete_contact;
mod delete_contacts;
mod policy;
mod purge_contacts;
mod record_contact_enrichment;
mod restore_contacts;
mod update_contact;
mod update_contacts;
mod upsert_contact;
mod written_contacts;

use async_graphql::MergedObject;

use self::{
    api_keys::ApiKeyMutation, create_contact::CreateContact, create_contacts::CreateContacts,
    delete_contact::DeleteContact, delete_contacts::DeleteContacts, policy::PolicyMutation,
    purge_contacts::PurgeContacts, record_contact_enrichment::RecordContactEnrichment,
    restore_contacts::RestoreContacts, update_contact::UpdateContact, update_contacts::UpdateContacts,
    upsert_contact::UpsertContact,
};
use super::related::{PipelineMutation, RelatedMutation};

/// Writing. Every mutation takes one `input` and returns a payload whose `userErrors` is empty if
/// and only if the request was accepted whole. A request with the header `Idempotency-Key` can be
/// repeated safely for 24 h.
// The schema lists the fields in this order.
#[derive(Default, MergedObject)]
pub(super) struct Mutation(
    CreateContact,
    UpdateContact,
    UpsertContact,
    CreateContacts,
    UpdateContacts,
    DeleteContact,
    DeleteContacts,
    RestoreContacts,
    PurgeContacts,
    RecordContactEnrichment,
    RelatedMutation,
    PipelineMutation,
    PolicyMutation,
    ApiKeyMutation,
);
