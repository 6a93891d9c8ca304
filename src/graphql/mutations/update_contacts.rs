//! `updateContacts`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use futures_util::FutureExt as _;

use super::written_contacts::{affected_count, first_contacts};
use crate::{
    access::Scope,
    contacts::commands,
    graphql::{
        contact::{Contact, input::ContactPatchInput, selection::ContactSelectionInput},
        context::ContextExt as _,
        error::ApiResult,
        user_error::{UserError, user_errors},
    },
};

/// Change to several contacts.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateContactsInput {
    /// Selection of the contacts to change.
    #[graphql(name = "where")]
    selection: ContactSelectionInput,
    /// Fields to change in each contact.
    set: ContactPatchInput,
}

impl UpdateContactsInput {
    fn into_command(self) -> ApiResult<commands::UpdateContacts> {
        let Self { selection, set } = self;
        Ok(commands::UpdateContacts { selection: selection.try_into()?, draft: set.try_into()? })
    }
}

/// The contacts after the change, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct UpdateContactsPayload {
    /// Number of contacts that were selected, and now are as asked.
    affected_count: i32,
    /// The first 200 of them.
    contacts: Vec<Contact>,
    /// Empty if and only if all contacts are as they were asked to be; else none was changed.
    user_errors: Vec<UserError>,
}

/// Resolver of `updateContacts`.
#[derive(Default)]
pub(super) struct UpdateContacts;

#[Object]
impl UpdateContacts {
    /// Apply one change to up to 200 ids, or to up to 10,000 contacts that match. All or nothing.
    async fn update_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contacts to select, and the fields to change in each.")]
        input: UpdateContactsInput,
    ) -> Option<ApiResult<UpdateContactsPayload>> {
        let payload = async {
            let command = || input.into_command();
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            Ok(UpdateContactsPayload {
                affected_count: affected_count(&written),
                contacts: first_contacts(&written, &loaders).await?,
                user_errors: user_errors(written.problems, &loaders),
            })
        };
        // Boxed, as every mutation has room for the largest.
        Some(payload.boxed().await)
    }
}
