//! Mutations: the input, the payload and the resolver of each stand in one file.
//!
//! Resolvers of root fields await a boxed future: the library compiles the future of a root type in
//! three places, and with it the parts that are not boxed.

mod api_keys;
mod companies;
mod create_contact;
mod create_contacts;
mod delete_contact;
mod delete_contacts;
mod pipelines;
mod policy;
mod purge_contacts;
mod record_contact_enrichment;
mod reference;
mod restore_contacts;
mod tags;
mod teams;
mod update_contact;
mod update_contacts;
mod upsert_contact;
mod users;
mod written_contacts;

use async_graphql::MergedObject;

use self::{
    api_keys::ApiKeyMutation, companies::CompanyMutation, create_contact::CreateContact,
    create_contacts::CreateContacts, delete_contact::DeleteContact, delete_contacts::DeleteContacts,
    pipelines::PipelineMutation, policy::PolicyMutation, purge_contacts::PurgeContacts,
    record_contact_enrichment::RecordContactEnrichment, restore_contacts::RestoreContacts, tags::TagMutation,
    teams::TeamMutation, update_contact::UpdateContact, update_contacts::UpdateContacts,
    upsert_contact::UpsertContact, users::UserMutation,
};

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
    CompanyMutation,
    TeamMutation,
    UserMutation,
    TagMutation,
    PipelineMutation,
    PolicyMutation,
    ApiKeyMutation,
);
