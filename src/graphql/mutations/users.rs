//! `createUser`, `updateUser` and `deleteUser`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::user;
use futures_util::FutureExt as _;
use uuid::Uuid;

use super::reference::{DeletePayload, saved_row};
use crate::{
    access::Scope,
    graphql::{
        context::ContextExt as _,
        error::ApiResult,
        loaders::Loaders,
        user::User,
        user_error::{UserError, user_errors},
    },
    input::patch::Patch,
    reference::{Create, Delete, Names, Saved, Update},
    users::Details,
    writing::Written,
};

/// User to create.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateUserInput {
    /// Not blank, at most 256 characters; trimmed. Several users may have the same name.
    name: String,
    /// Email address of the user.
    email: Option<String>,
    /// Your own key for this user, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Option<String>,
}

impl CreateUserInput {
    fn into_command(self) -> Create<user::Entity> {
        let Self { name, email, external_id } = self;
        let details = Details { email: email.into() };
        Create { id: Uuid::now_v7(), names: Names::of_new(name, external_id), details }
    }
}

/// Change to a user. Omitted fields stay. Null clears a field, except the name.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateUserInput {
    /// Id of the user.
    id: ID,
    /// Null or blank is `NAME_REQUIRED`.
    name: Patch<String>,
    /// Email address of the user.
    email: Patch<String>,
    /// Your own key for this user, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Patch<String>,
}

impl UpdateUserInput {
    fn into_command(self) -> Update<user::Entity> {
        let Self { id, name, email, external_id } = self;
        let details = Details { email };
        Update { id: id.0, names: Names { name, external_id }, details }
    }
}

/// User to delete. Contacts lose them as owner and assignee, teams as member, and keys of theirs
/// stay and belong to nobody.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteUserInput {
    /// Id of the user.
    id: ID,
}

impl DeleteUserInput {
    fn into_command(self) -> Delete<user::Entity> {
        let Self { id } = self;
        Delete::new(id.0)
    }
}

/// The user after the change, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct UserPayload {
    /// The user as they are now; null when there are `userErrors`, and nothing was written.
    user: Option<User>,
    /// Empty if and only if the user is as it was asked to be.
    user_errors: Vec<UserError>,
}

impl UserPayload {
    async fn new(written: Written<Option<Saved<user::Model>>>, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let Written { value, problems } = written;
        let row = saved_row::<user::Entity>(value, loaders).await?;
        let user = row.map(User::new);
        Ok(Self { user, user_errors: user_errors(problems, loaders) })
    }
}

/// Resolvers of mutations of users.
#[derive(Default)]
pub(super) struct UserMutation;

#[Object]
impl UserMutation {
    /// Create a user. Requires `settings:write`.
    async fn create_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Fields of the user.")] input: CreateUserInput,
    ) -> Option<ApiResult<UserPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            UserPayload::new(written, &loaders).await
        };
        Some(payload.boxed().await)
    }

    /// Omitted fields stay; null clears. Requires `settings:write`.
    async fn update_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The user, and the fields to change.")] input: UpdateUserInput,
    ) -> Option<ApiResult<UserPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            UserPayload::new(written, &loaders).await
        };
        Some(payload.boxed().await)
    }

    /// Delete a user for good. Contacts lose them as owner and assignee; `createdBy` and `updatedBy` are then null. Their API keys stay valid and belong to nobody. A key that is limited to teams deletes no member of others: `TEAM_ACCESS_DENIED`. Requires `settings:write`.
    async fn delete_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The user to delete.")] input: DeleteUserInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            Ok(DeletePayload::new(written, &loaders))
        };
        Some(payload.boxed().await)
    }
}
