//! `createContact`.

use async_graphql::{Context, Object, SimpleObject};
use futures_util::FutureExt as _;

use super::written_contacts::only_contact;
use crate::{
    access::Scope,
    contacts::commands,
    graphql::{
        contact::{Contact, input::CreateContactInput},
        context::ContextExt as _,
        error::ApiResult,
        user_error::{UserError, user_errors},
    },
};

/// The new contact, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CreateContactPayload {
    /// The new contact; null when there are `userErrors`, and nothing was written.
    contact: Option<Contact>,
    /// Empty if and only if the contact was created.
    user_errors: Vec<UserError>,
}

/// Resolver of `createContact`.
#[derive(Default)]
pub(super) struct CreateContact;

#[Object]
impl CreateContact {
    /// Create one contact. `createContact(input: {firstName: "Jane"}) { contact { id } userErrors { code field message } }`
    async fn create_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Fields of the contact.")] input: CreateContactInput,
    ) -> Option<ApiResult<CreateContactPayload>> {
        let payload = async {
            let command = || Ok(commands::CreateContact::new(input.try_into()?));
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            let contact = only_contact(&written, &loaders).await?;
            Ok(CreateContactPayload { contact, user_errors: user_errors(written.problems, &loaders) })
        };
        Some(payload.boxed().await)
    }
}
