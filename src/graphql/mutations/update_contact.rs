//! `updateContact`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use futures_util::FutureExt as _;

use super::written_contacts::only_contact;
use crate::{
    access::Scope,
    contacts::commands,
    graphql::{
        contact::{Contact, input::ContactPatchInput},
        context::ContextExt as _,
        error::ApiResult,
        user_error::{UserError, user_errors},
    },
};

/// Change to one contact.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateContactInput {
    /// Id of the contact.
    id: ID,
    /// `STALE_VERSION` if the contact changed meanwhile.
    expected_version: Option<i64>,
    /// Fields to change.
    set: ContactPatchInput,
}

impl UpdateContactInput {
    fn into_command(self) -> ApiResult<commands::UpdateContact> {
        let Self { id, expected_version, set } = self;
        Ok(commands::UpdateContact { id: id.0, expected_version, draft: set.try_into()? })
    }
}

/// The contact after the change, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct UpdateContactPayload {
    /// The contact as it is now; null when there are `userErrors`, and nothing was written.
    pub(super) contact: Option<Contact>,
    /// Empty if and only if the contact is as it was asked to be.
    pub(super) user_errors: Vec<UserError>,
}

/// Resolver of `updateContact`.
#[derive(Default)]
pub(super) struct UpdateContact;

#[Object]
impl UpdateContact {
    /// Omitted fields stay; null clears. A change that changes nothing leaves `version` and `updatedAt` as they are.
    async fn update_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contact, and the fields to change.")] input: UpdateContactInput,
    ) -> Option<ApiResult<UpdateContactPayload>> {
        let payload = async {
            let command = || input.into_command();
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            let contact = only_contact(&written, &loaders).await?;
            Ok(UpdateContactPayload { contact, user_errors: user_errors(written.problems, &loaders) })
        };
        Some(payload.boxed().await)
    }
}
