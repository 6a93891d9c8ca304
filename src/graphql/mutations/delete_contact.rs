//! `deleteContact`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use futures_util::FutureExt as _;

use super::written_contacts::{first_ids, only_contact};
use crate::{
    access::Scope,
    contacts::commands,
    graphql::{
        contact::Contact,
        context::ContextExt as _,
        error::ApiResult,
        user_error::{UserError, user_errors},
    },
};

/// Contact to delete.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteContactInput {
    /// Id of the contact.
    id: ID,
    /// `STALE_VERSION` if the contact changed meanwhile.
    expected_version: Option<i64>,
}

impl DeleteContactInput {
    fn into_command(self) -> commands::DeleteContact {
        let Self { id, expected_version } = self;
        commands::DeleteContact { id: id.0, expected_version }
    }
}

/// The contact that was deleted, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct DeleteContactPayload {
    /// Id of what was deleted; null when there are `userErrors`.
    contact_id: Option<ID>,
    /// The contact as it is now, with `deletedAt`; null when there are `userErrors`.
    contact: Option<Contact>,
    /// Empty if and only if the contact was deleted.
    user_errors: Vec<UserError>,
}

/// Resolver of `deleteContact`.
#[derive(Default)]
pub(super) struct DeleteContact;

#[Object]
impl DeleteContact {
    /// Soft delete; `restoreContacts` undoes it. A key that is limited to teams deletes no contacts of others:
    /// `TEAM_ACCESS_DENIED`.
    async fn delete_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contact to delete.")] input: DeleteContactInput,
    ) -> Option<ApiResult<DeleteContactPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            Ok(DeleteContactPayload {
                contact_id: first_ids(&written).pop(),
                contact: only_contact(&written, &loaders).await?,
                user_errors: user_errors(written.problems, &loaders),
            })
        };
        Some(payload.boxed().await)
    }
}
