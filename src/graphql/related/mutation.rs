//! Writing companies, teams, users and tags; and how all related things are written.

use std::sync::Arc;

use async_graphql::{Context, Object};
use entity::{company, tag, team, user};

use super::{
    input::{
        CreateCompanyInput, CreateTeamInput, CreateUserInput, DeleteCompanyInput, DeleteTagInput,
        DeleteTeamInput, DeleteUserInput, RenameTagInput, UpdateCompanyInput, UpdateTeamInput,
        UpdateUserInput,
    },
    payload::{CompanyPayload, DeletePayload, TagPayload, TeamPayload, UserPayload},
};
use crate::{
    access::Scope,
    database::lookup::Identified,
    graphql::{
        company::Company,
        context::ContextExt as _,
        error::ApiResult,
        loaders::Loaders,
        tag::Tag,
        team::Team,
        user::User,
        user_error::{UserError, user_errors},
    },
    related::{Command, Kind, Run, Saved},
    tags,
    writing::Written,
};

/// Writing what contacts refer to.
#[derive(Default)]
pub(in crate::graphql) struct RelatedMutation;

#[Object]
impl RelatedMutation {
    /// Create a company, for contacts to link to.
    async fn create_company(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is known of the company.")] input: CreateCompanyInput,
    ) -> Option<ApiResult<CompanyPayload>> {
        Some(write_company(context, input).await)
    }

    /// Omitted fields stay; null clears. A new name shows on linked contacts too: on all of them when this answers, or, when they are very many, soon after.
    async fn update_company(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which company, and what to change.")] input: UpdateCompanyInput,
    ) -> Option<ApiResult<CompanyPayload>> {
        Some(write_company(context, input).await)
    }

    /// Delete a company for good. Its contacts are unlinked and keep its name as text: all of them when this answers, or, when they are very many, soon after.
    async fn delete_company(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which company.")] input: DeleteCompanyInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let deleted = write::<company::Entity>(context, Scope::ContactsWrite, input).await;
        Some(deleted.map(Answer::deleted))
    }

    /// Create a team. Requires `settings:write`.
    async fn create_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name and members.")] input: CreateTeamInput,
    ) -> Option<ApiResult<TeamPayload>> {
        Some(write_team(context, input).await)
    }

    /// Omitted fields stay; null clears; `memberIds` replaces the members. Requires `settings:write`.
    async fn update_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which team, and what to change.")] input: UpdateTeamInput,
    ) -> Option<ApiResult<TeamPayload>> {
        Some(write_team(context, input).await)
    }

    /// Delete a team for good; its contacts then belong to none. `IN_USE` while an API key is limited to it. Requires `settings:write`.
    async fn delete_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which team.")] input: DeleteTeamInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let deleted = write::<team::Entity>(context, Scope::SettingsWrite, input).await;
        Some(deleted.map(Answer::deleted))
    }

    /// Create a user. Requires `settings:write`.
    async fn create_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who it is.")] input: CreateUserInput,
    ) -> Option<ApiResult<UserPayload>> {
        Some(write_user(context, input).await)
    }

    /// Omitted fields stay; null clears. Requires `settings:write`.
    async fn update_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which user, and what to change.")] input: UpdateUserInput,
    ) -> Option<ApiResult<UserPayload>> {
        Some(write_user(context, input).await)
    }

    /// Delete a user for good. Contacts lose them as owner and assignee; `createdBy` and `updatedBy` are then null. Their API keys stay valid and belong to nobody. Requires `settings:write`.
    async fn delete_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which user.")] input: DeleteUserInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let deleted = write::<user::Entity>(context, Scope::SettingsWrite, input).await;
        Some(deleted.map(Answer::deleted))
    }

    /// Give a tag another name, on every contact that has it; it is not a new tag of theirs, so their `tagAddedAt` stays.
    async fn rename_tag(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which tag, and its new name.")] input: RenameTagInput,
    ) -> Option<ApiResult<TagPayload>> {
        let payload = async {
            let answer = write_tag(context, input).await?;
            let row = answer.row::<tag::Entity>().await?;
            let tag = row.map(|row| Tag::new(row, answer.loaders));
            Ok(TagPayload { tag, user_errors: answer.user_errors })
        };
        Some(payload.await)
    }

    /// Delete a tag for good, and take it from every contact.
    async fn delete_tag(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which tag.")] input: DeleteTagInput,
    ) -> Option<ApiResult<DeletePayload>> {
        Some(write_tag(context, input).await.map(Answer::deleted))
    }
}

async fn write_company(
    context: &Context<'_>,
    input: impl Into<Command<crate::companies::Draft>>,
) -> ApiResult<CompanyPayload> {
    let answer = write::<company::Entity>(context, Scope::ContactsWrite, input).await?;
    let row = answer.row::<company::Entity>().await?;
    let company = row.map(|row| Company::new(row, answer.loaders));
    Ok(CompanyPayload { company, user_errors: answer.user_errors })
}

async fn write_team(
    context: &Context<'_>,
    input: impl Into<Command<crate::teams::Draft>>,
) -> ApiResult<TeamPayload> {
    let answer = write::<team::Entity>(context, Scope::SettingsWrite, input).await?;
    let row = answer.row::<team::Entity>().await?;
    let team = row.map(|row| Team::new(row, answer.loaders));
    Ok(TeamPayload { team, user_errors: answer.user_errors })
}

async fn write_user(
    context: &Context<'_>,
    input: impl Into<Command<crate::users::Draft>>,
) -> ApiResult<UserPayload> {
    let answer = write::<user::Entity>(context, Scope::SettingsWrite, input).await?;
    let row = answer.row::<user::Entity>().await?;
    Ok(UserPayload { user: row.map(User::new), user_errors: answer.user_errors })
}

/// What was written, on its way into a payload.
pub(super) struct Answer<M> {
    saved: Option<Saved<M>>,
    pub(super) loaders: Arc<Loaders>,
    pub(super) user_errors: Vec<UserError>,
}

impl<M> Answer<M> {
    fn new((written, loaders): (Written<Option<Saved<M>>>, Arc<Loaders>)) -> Self {
        let user_errors = user_errors(written.problems, &loaders);
        Self { saved: written.value, loaders, user_errors }
    }

    /// The row as it was written; in a repeat, as it is now.
    pub(super) async fn row<E: Identified<Model = M>>(&self) -> ApiResult<Option<Arc<M>>>
    where
        M: Sync,
    {
        match &self.saved {
            Some(Saved { row: Some(row), .. }) => Ok(Some(row.clone())),
            Some(Saved { id, row: None, .. }) => self.loaders.by_id::<E>(*id).await,
            None => Ok(None),
        }
    }

    pub(super) fn deleted(self) -> DeletePayload {
        DeletePayload { deleted_id: self.saved.map(|saved| saved.id.into()), user_errors: self.user_errors }
    }
}

/// Runs an input's command, if the key has the scope.
pub(super) async fn write<E: Kind>(
    context: &Context<'_>,
    scope: Scope,
    input: impl Into<Command<E::Draft>>,
) -> ApiResult<Answer<E::Model>> {
    let command = input.into();
    Ok(Answer::new(context.write(scope, || Ok(Run::<E>(command))).await?))
}

async fn write_tag(context: &Context<'_>, input: impl Into<tags::Command>) -> ApiResult<Answer<tag::Model>> {
    let command: tags::Command = input.into();
    Ok(Answer::new(context.write(Scope::ContactsWrite, || Ok(command)).await?))
}
