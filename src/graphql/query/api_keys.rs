//! `apiKeys`.

use async_graphql::{Context, Object};
use entity::api_key;
use futures_util::FutureExt as _;

use super::by_name::{connection, row_page, wanted};
use crate::{
    access::Scope,
    api_keys,
    graphql::{api_key::ApiKey, context::ContextExt as _, error::ApiResult},
    paging::Window,
};

connection!(
    "A page of API keys.",
    ApiKeyConnection,
    "An API key in its place in a list.",
    ApiKeyEdge,
    ApiKey of api_key,
    ApiKey::new
);

/// Resolvers of queries of API keys.
#[derive(Default)]
pub(super) struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// API keys, oldest first. An organization has at most 1,000 that are neither revoked nor expired; others are
    /// removed after 30 days. Page size defaults to 100; more than 200 is an error. Secrets are never returned.
    /// Requires `keys:manage`.
    async fn api_keys(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Page size going forward, 0-200.")] first: Option<i64>,
        #[graphql(desc = "Return rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Page size going backward, 0-200. Not together with `first`.")] last: Option<i64>,
        #[graphql(desc = "Return rows before this cursor.")] before: Option<String>,
        #[graphql(default = false, desc = "Also keys that are revoked or have expired.")]
        include_inactive: bool,
    ) -> Option<ApiResult<ApiKeyConnection>> {
        let page = async {
            let loaders = context.loaders_for(Scope::KeysManage)?;
            let window = Window { first, after, last, before, offset: None };
            let wanted = wanted(context, api_keys::columns);
            let page = api_keys::list(loaders.tenant(), include_inactive, &window, &wanted).await?;
            Ok(ApiKeyConnection::new(row_page(&loaders, &page)?, &loaders))
        };
        Some(page.boxed().await)
    }
}
