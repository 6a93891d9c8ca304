//! `team` and `teams`.

use async_graphql::{Context, ID, Object};
use entity::team;
use futures_util::FutureExt as _;

use crate::{
    access::Scope,
    graphql::{context::ContextExt as _, error::ApiResult, team::Team},
    teams,
};

/// Resolvers of queries of teams.
#[derive(Default)]
pub(super) struct TeamQuery;

#[Object]
impl TeamQuery {
    /// One team; null when it does not exist, it is deleted, or it is another organization's.
    async fn team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The team's id.")] id: ID,
    ) -> Option<ApiResult<Team>> {
        let found = async {
            let loaders = context.loaders_for(Scope::ContactsRead)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            let row = loaders.by_id::<team::Entity>(id).await?;
            Ok(row.map(|row| Team::new(row, loaders)))
        };
        found.boxed().await.transpose()
    }

    /// Teams this key may use, by name. An organization has at most 500.
    async fn teams(&self, context: &Context<'_>) -> Option<ApiResult<Vec<Team>>> {
        let found = async {
            let caller = context.require(Scope::ContactsRead)?;
            let loaders = context.loaders()?;
            let rows = teams::usable(loaders.tenant(), caller).await?;
            loaders.size.add_objects(rows.len())?;
            Ok(rows.into_iter().map(|row| Team::new(row.into(), loaders.clone())).collect())
        };
        Some(found.boxed().await)
    }
}
