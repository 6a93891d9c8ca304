//! `pipeline` and `pipelines`.

use async_graphql::{Context, ID, Object};
use entity::pipeline;
use futures_util::FutureExt as _;

use crate::{
    access::Scope,
    graphql::{context::ContextExt as _, error::ApiResult, pipeline::Pipeline},
    pipelines,
};

/// Resolvers of queries of pipelines.
#[derive(Default)]
pub(super) struct PipelineQuery;

#[Object]
impl PipelineQuery {
    /// One pipeline; null when it does not exist, it is deleted, or it is another organization's.
    async fn pipeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The pipeline's id.")] id: ID,
    ) -> Option<ApiResult<Pipeline>> {
        let found = async {
            let loaders = context.loaders_for(Scope::ContactsRead)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            let row = loaders.by_id::<pipeline::Entity>(id).await?;
            Ok(row.map(|row| Pipeline::new(row, loaders)))
        };
        found.boxed().await.transpose()
    }

    /// All pipelines, by name. An organization has at most 200.
    async fn pipelines(&self, context: &Context<'_>) -> Option<ApiResult<Vec<Pipeline>>> {
        let found = async {
            let loaders = context.loaders_for(Scope::ContactsRead)?;
            let rows = pipelines::all(loaders.tenant()).await?;
            loaders.size.add_objects(rows.len())?;
            Ok(rows.into_iter().map(|row| Pipeline::new(row.into(), loaders.clone())).collect())
        };
        Some(found.boxed().await)
    }
}
