//! Writing.

use async_graphql::{Context, Object};

use super::{
    contact::input::CreateContactInput,
    error::{ApiError, ApiResult},
    guard,
    payload::CreateContactPayload,
};
use crate::{access::Scope, contacts, database::Database, organizations::SettingsCache};

/// Writing.
pub(super) struct Mutation;

/// Writing. Every mutation takes one `input` and returns a payload whose `userErrors` is empty if
/// and only if the request was accepted whole.
#[Object]
impl Mutation {
    /// Create one contact. `createContact(input: {firstName: "Jane"}) { contact { id } userErrors { code field message } }`
    async fn create_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is known of the contact.")] input: CreateContactInput,
    ) -> Option<ApiResult<CreateContactPayload>> {
        Some(create_contact(context, input).await)
    }
}

async fn create_contact(context: &Context<'_>, input: CreateContactInput) -> ApiResult<CreateContactPayload> {
    let caller = guard::require(context, Scope::ContactsWrite)?;
    let database = context.data::<Database>().map_err(|_| ApiError::internal())?;
    let settings = context.data::<SettingsCache>().map_err(|_| ApiError::internal())?;
    let created = contacts::create(database, settings, caller, input.try_into()?).await?;
    Ok(CreateContactPayload::new(created, guard::loaders(context, caller)?))
}
