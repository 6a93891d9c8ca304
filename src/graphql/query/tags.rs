//! `tag` and `tags`.

use async_graphql::{Context, Object};
use entity::tag;
use futures_util::FutureExt as _;

use super::by_name::{Arguments, connection, read};
use crate::{
    access::Scope,
    graphql::{context::ContextExt as _, error::ApiResult, tag::Tag},
    tags,
};

connection!(
    "A page of tags.",
    TagConnection,
    "A tag in its place in a list.",
    TagEdge,
    Tag of tag,
    Tag::new
);

/// Resolvers of queries of tags.
#[derive(Default)]
pub(super) struct TagQuery;

#[Object]
impl TagQuery {
    /// One tag; null when it does not exist.
    async fn tag(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Its name, whatever the case.")] name: String,
    ) -> Option<ApiResult<Tag>> {
        let found = async {
            let loaders = context.loaders_for(Scope::ContactsRead)?;
            let row = tags::find(loaders.tenant(), &name).await?;
            Ok(row.map(|row| Tag::new(row.into(), loaders)))
        };
        found.boxed().await.transpose()
    }

    /// Tags by name. An organization has at most 10,000. Page size defaults to 100; more than 200 is an error.
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
        let page = async {
            let loaders = context.loaders_for(Scope::ContactsRead)?;
            Ok(TagConnection::new(read(context, &loaders, arguments).await?, &loaders))
        };
        Some(page.boxed().await)
    }
}
