//! `createTeam`, `updateTeam` and `deleteTeam`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::team;
use futures_util::FutureExt as _;
use uuid::Uuid;

use super::reference::{DeletePayload, saved_row};
use crate::{
    access::Scope,
    graphql::{
        contact::selection::texts,
        context::ContextExt as _,
        error::ApiResult,
        loaders::Loaders,
        team::Team,
        user_error::{UserError, user_errors},
    },
    input::patch::Patch,
    reference::{Create, Delete, Names, Saved, Update},
    teams::Details,
    writing::Written,
};

/// Team to create.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateTeamInput {
    /// Not blank, at most 256 characters; trimmed. Several teams may have the same name.
    name: String,
    /// Your own key for this team, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Option<String>,
    /// Users, at most 500, in the order they are to be shown; repeated ones count once.
    member_ids: Option<Vec<ID>>,
}

impl CreateTeamInput {
    fn into_command(self) -> Create<team::Entity> {
        let Self { name, external_id, member_ids } = self;
        let details = Details { member_ids: member_ids.map(texts).into() };
        Create { id: Uuid::now_v7(), names: Names::of_new(name, external_id), details }
    }
}

/// Change to a team. Omitted fields stay. Null clears a field, except the name.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateTeamInput {
    /// Id of the team.
    id: ID,
    /// Null or blank is `NAME_REQUIRED`.
    name: Patch<String>,
    /// Your own key for this team, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Patch<String>,
    /// Replaces all members; at most 500. Null or empty: none.
    member_ids: Patch<Vec<ID>>,
}

impl UpdateTeamInput {
    fn into_command(self) -> Update<team::Entity> {
        let Self { id, name, external_id, member_ids } = self;
        let details = Details { member_ids: member_ids.map(texts) };
        Update { id: id.0, names: Names { name, external_id }, details }
    }
}

/// Team to delete. Its contacts then belong to none.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteTeamInput {
    /// Id of the team.
    id: ID,
}

impl DeleteTeamInput {
    fn into_command(self) -> Delete<team::Entity> {
        let Self { id } = self;
        Delete::new(id.0)
    }
}

/// The team after the change, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct TeamPayload {
    /// The team as it is now; null when there are `userErrors`, and nothing was written.
    team: Option<Team>,
    /// Empty if and only if the team is as it was asked to be.
    user_errors: Vec<UserError>,
}

impl TeamPayload {
    async fn new(written: Written<Option<Saved<team::Model>>>, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let Written { value, problems } = written;
        let row = saved_row::<team::Entity>(value, loaders).await?;
        let team = row.map(|row| Team::new(row, loaders.clone()));
        Ok(Self { team, user_errors: user_errors(problems, loaders) })
    }
}

/// Resolvers of mutations of teams.
#[derive(Default)]
pub(super) struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Create a team. An organization has at most 500. A key that is limited to teams makes none: `TEAM_ACCESS_DENIED`. Requires `settings:write`.
    async fn create_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name and members.")] input: CreateTeamInput,
    ) -> Option<ApiResult<TeamPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            TeamPayload::new(written, &loaders).await
        };
        Some(payload.boxed().await)
    }

    /// Omitted fields stay; null clears; `memberIds` replaces the members. A key that is limited to teams changes these only: `TEAM_ACCESS_DENIED`. Requires `settings:write`.
    async fn update_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team, and the fields to change.")] input: UpdateTeamInput,
    ) -> Option<ApiResult<TeamPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            TeamPayload::new(written, &loaders).await
        };
        Some(payload.boxed().await)
    }

    /// Delete a team for good; its contacts then belong to none. `IN_USE` while an API key is limited to it. A key that is limited to teams deletes these only: `TEAM_ACCESS_DENIED`. Requires `settings:write`.
    async fn delete_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team to delete.")] input: DeleteTeamInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::SettingsWrite, command).await?;
            Ok(DeletePayload::new(written, &loaders))
        };
        Some(payload.boxed().await)
    }
}
