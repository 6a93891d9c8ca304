//! `deleteContacts`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use futures_util::FutureExt as _;

use super::written_contacts::{affected_count, first_ids};
use crate::{
    access::Scope,
    contacts::commands,
    graphql::{
        contact::selection::ContactSelectionInput,
        context::ContextExt as _,
        error::ApiResult,
        user_error::{UserError, user_errors},
    },
};

/// Contacts to delete.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteContactsInput {
    /// Selection of the contacts to delete.
    #[graphql(name = "where")]
    selection: ContactSelectionInput,
}

impl DeleteContactsInput {
    fn into_command(self) -> ApiResult<commands::DeleteContacts> {
        let Self { selection } = self;
        Ok(commands::DeleteContacts { selection: selection.try_into()? })
    }
}

/// The contacts that were deleted, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct DeleteContactsPayload {
    /// Number of contacts that were deleted.
    affected_count: i32,
    /// Ids of the first 200 of them.
    contact_ids: Vec<ID>,
    /// Empty if and only if all were deleted; else none was.
    user_errors: Vec<UserError>,
}

/// Resolver of `deleteContacts`.
#[derive(Default)]
pub(super) struct DeleteContacts;

#[Object]
impl DeleteContacts {
    /// Soft delete of several, all or nothing; `restoreContacts` undoes it. A key that is limited to teams deletes no
    /// contacts of others: `TEAM_ACCESS_DENIED`.
    async fn delete_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contacts to delete.")] input: DeleteContactsInput,
    ) -> Option<ApiResult<DeleteContactsPayload>> {
        let payload = async {
            let command = || input.into_command();
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            Ok(DeleteContactsPayload {
                affected_count: affected_count(&written),
                contact_ids: first_ids(&written),
                user_errors: user_errors(written.problems, &loaders),
            })
        };
        Some(payload.boxed().await)
    }
}
