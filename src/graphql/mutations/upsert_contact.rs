//! `upsertContact`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use futures_util::FutureExt as _;

use super::written_contacts::{only_contact, written_contact};
use crate::{
    access::Scope,
    contacts::{MatchKey, RowOutcome, commands},
    graphql::{
        contact::{
            Contact,
            input::CreateContactInput,
            selection::{ContactMatchKey, match_keys},
        },
        context::ContextExt as _,
        error::ApiResult,
        user_error::{UserError, user_errors},
    },
};

/// Contact to update, or to create if it does not exist.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpsertContactInput {
    /// Fields of the contact. If it exists already, tags, phones and emails are added to its own, and
    /// null and blank count as omitted: only `updateContact` clears a field.
    contact: CreateContactInput,
    /// Keys to look the contact up by; all that have a value must agree. Default: all three.
    #[graphql(name = "match")]
    keys: Option<Vec<ContactMatchKey>>,
}

impl UpsertContactInput {
    fn into_command(self) -> ApiResult<commands::UpsertContact> {
        let Self { contact, keys } = self;
        let keys = match_keys(keys)?.unwrap_or_else(|| MatchKey::ALL.to_vec());
        Ok(commands::UpsertContact::new(contact.try_into()?, keys))
    }
}

/// The contact that was updated or created, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct UpsertContactPayload {
    /// The contact as it is now; null when there are `userErrors`.
    contact: Option<Contact>,
    /// False: an existing contact was updated. Null: nothing was written.
    created: Option<bool>,
    /// Empty if and only if the contact is as it was asked to be.
    user_errors: Vec<UserError>,
}

/// Resolver of `upsertContact`.
#[derive(Default)]
pub(super) struct UpsertContact;

#[Object]
impl UpsertContact {
    /// Update the contact that `match` finds, else create it. Two matches are an error, never a guess.
    async fn upsert_contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contact, and the keys to look it up by.")] input: UpsertContactInput,
    ) -> Option<ApiResult<UpsertContactPayload>> {
        let payload = async {
            let command = || input.into_command();
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            let contact = only_contact(&written, &loaders).await?;
            let created = written_contact(&written).map(|contact| contact.outcome == RowOutcome::Created);
            let user_errors = user_errors(written.problems, &loaders);
            Ok(UpsertContactPayload { contact, created, user_errors })
        };
        Some(payload.boxed().await)
    }
}
