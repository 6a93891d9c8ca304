//! `purgeContacts`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use futures_util::FutureExt as _;

use super::written_contacts::first_ids;
use crate::{
    access::Scope,
    contacts::commands,
    graphql::{
        contact::selection::texts,
        context::ContextExt as _,
        error::ApiResult,
        user_error::{UserError, user_errors},
    },
};

/// Contacts to erase for good.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct PurgeContactsInput {
    /// At most 200 ids, of contacts that are deleted or not.
    ids: Vec<ID>,
}

impl PurgeContactsInput {
    fn into_command(self) -> commands::PurgeContacts {
        let Self { ids } = self;
        commands::PurgeContacts { ids: texts(ids) }
    }
}

/// The contacts that were erased, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PurgeContactsPayload {
    /// Their ids, which are all that is kept.
    contact_ids: Vec<ID>,
    /// Empty if and only if all were erased; else none was.
    user_errors: Vec<UserError>,
}

/// Resolver of `purgeContacts`.
#[derive(Default)]
pub(super) struct PurgeContacts;

#[Object]
impl PurgeContacts {
    /// Erase for good (requires `contacts:purge`), all or nothing. Only the id survives. A key that is
    /// limited to teams erases no contacts of others: `TEAM_ACCESS_DENIED`.
    async fn purge_contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contacts to erase.")] input: PurgeContactsInput,
    ) -> Option<ApiResult<PurgeContactsPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::ContactsPurge, command).await?;
            let contact_ids = first_ids(&written);
            Ok(PurgeContactsPayload { contact_ids, user_errors: user_errors(written.problems, &loaders) })
        };
        Some(payload.boxed().await)
    }
}
