//! `restoreContacts`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use futures_util::FutureExt as _;

use super::written_contacts::first_contacts;
use crate::{
    access::Scope,
    contacts::commands,
    graphql::{
        contact::{Contact, selection::texts},
        context::ContextExt as _,
        error::ApiResult,
        user_error::{UserError, user_errors},
    },
};

/// Deleted contacts to restore.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RestoreContactsInput {
    /// At most 200 ids. A contact that is not deleted stays as it is.
    ids: Vec<ID>,
}

impl RestoreContactsInput {
    fn into_command(self) -> commands::RestoreContacts {
        let Self { ids } = self;
        commands::RestoreContacts { ids: texts(ids) }
    }
}

/// The contacts that were restored, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RestoreContactsPayload {
    /// The contacts as they are now.
    contacts: Vec<Contact>,
    /// Empty if and only if all were restored; else none was.
    user_errors: Vec<UserError>,
}

/// Resolver of `restoreContacts`.
#[derive(Default)]
pub(super) struct RestoreContacts;

#[Object]
impl RestoreContacts {
    /// Undo deletions, all or nothing. What must be unique is checked again. A key that is limited to teams restores
    /// no contacts of others: `TEAM_ACCESS_DENIED`.
    async fn restore_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contacts to restore.")] input: RestoreContactsInput,
    ) -> Option<ApiResult<RestoreContactsPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            let contacts = first_contacts(&written, &loaders).await?;
            Ok(RestoreContactsPayload { contacts, user_errors: user_errors(written.problems, &loaders) })
        };
        Some(payload.boxed().await)
    }
}
