//! Companies, teams, users, pipelines and tags: how they are read and written.

mod connection;
mod input;
mod mutation;
mod payload;
mod pipelines;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::{company, team, user};

use self::connection::{Arguments, CompanyConnection, TagConnection, UserConnection};
pub(super) use self::{
    mutation::RelatedMutation,
    pipelines::{PipelineMutation, PipelineQuery},
};
use super::{
    company::Company, context::ContextExt as _, error::ApiResult, loaders::Loaders, tag::Tag, team::Team,
    user::User,
};
use crate::{access::Scope, tags, teams};

/// Reading what contacts refer to.
#[derive(Default)]
pub(super) struct RelatedQuery;

#[Object]
impl RelatedQuery {
    /// One company; null when there is none, it is deleted, or it is another organization's.
    async fn company(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The company's id.")] id: ID,
    ) -> Option<ApiResult<Company>> {
        let found = async {
            let loaders = loaders(context)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            let row = loaders.by_id::<company::Entity>(id).await?;
            Ok(row.map(|row| Company::new(row, loaders)))
        };
        found.await.transpose()
    }

    /// Companies by name, then id. Page size defaults to 100; more than 200 is an error.
    async fn companies(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Page size going forward, 0-200.")] first: Option<i64>,
        #[graphql(desc = "Return rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Page size going backward, 0-200. Not together with `first`.")] last: Option<i64>,
        #[graphql(desc = "Return rows before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Only those whose name contains this, whatever case and accents. `%` and `_` are literal; blank is as omitted."
        )]
        query: Option<String>,
    ) -> Option<ApiResult<CompanyConnection>> {
        let arguments = Arguments { first, after, last, before, query };
        let page = async { CompanyConnection::read(context, &loaders(context)?, arguments).await };
        Some(page.await)
    }

    /// One team; null when there is none, it is deleted, or it is another organization's.
    async fn team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team's id.")] id: ID,
    ) -> Option<ApiResult<Team>> {
        let found = async {
            let loaders = loaders(context)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            let row = loaders.by_id::<team::Entity>(id).await?;
            Ok(row.map(|row| Team::new(row, loaders)))
        };
        found.await.transpose()
    }

    /// Teams this key may use, by name.
    async fn teams(&self, context: &Context<'_>) -> Option<ApiResult<Vec<Team>>> {
        let found = async {
            let caller = context.require(Scope::ContactsRead)?;
            let loaders = context.loaders()?;
            let rows = teams::usable(loaders.tenant(), caller).await?;
            Ok(rows.into_iter().map(|row| Team::new(row.into(), loaders.clone())).collect())
        };
        Some(found.await)
    }

    /// One user; null when there is none, it is deleted, or it is another organization's.
    async fn user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The user's id.")] id: ID,
    ) -> Option<ApiResult<User>> {
        let found = async {
            let loaders = loaders(context)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(loaders.by_id::<user::Entity>(id).await?.map(User::new))
        };
        found.await.transpose()
    }

    /// Users by name, then id. Page size defaults to 100; more than 200 is an error.
    async fn users(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Page size going forward, 0-200.")] first: Option<i64>,
        #[graphql(desc = "Return rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Page size going backward, 0-200. Not together with `first`.")] last: Option<i64>,
        #[graphql(desc = "Return rows before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Only those whose name contains this, whatever case and accents. `%` and `_` are literal; blank is as omitted."
        )]
        query: Option<String>,
    ) -> Option<ApiResult<UserConnection>> {
        let arguments = Arguments { first, after, last, before, query };
        let page = async { UserConnection::read(context, &loaders(context)?, arguments).await };
        Some(page.await)
    }

    /// One tag; null when there is none.
    async fn tag(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name, whatever the case.")] name: String,
    ) -> Option<ApiResult<Tag>> {
        let found = async {
            let loaders = loaders(context)?;
            let row = tags::find(loaders.tenant(), &name).await?;
            Ok(row.map(|row| Tag::new(row.into(), loaders)))
        };
        found.await.transpose()
    }

    /// Tags by name. Page size defaults to 100; more than 200 is an error.
    async fn tags(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Page size going forward, 0-200.")] first: Option<i64>,
        #[graphql(desc = "Return rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Page size going backward, 0-200. Not together with `first`.")] last: Option<i64>,
        #[graphql(desc = "Return rows before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Only those whose name contains this, whatever the case; accents count, as they do in telling tags apart. `%` and `_` are literal; blank is as omitted."
        )]
        query: Option<String>,
    ) -> Option<ApiResult<TagConnection>> {
        let arguments = Arguments { first, after, last, before, query };
        let page = async { TagConnection::read(context, &loaders(context)?, arguments).await };
        Some(page.await)
    }
}

/// Loaders for a caller who may read contacts.
fn loaders(context: &Context<'_>) -> ApiResult<Arc<Loaders>> {
    context.loaders_for(Scope::ContactsRead)
}
