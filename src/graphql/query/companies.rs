//! `company` and `companies`.

use async_graphql::{Context, ID, Object};
use entity::company;
use futures_util::FutureExt as _;

use super::by_name::{Arguments, connection, read};
use crate::{
    access::Scope,
    graphql::{company::Company, context::ContextExt as _, error::ApiResult},
};

connection!(
    "A page of companies.",
    CompanyConnection,
    "A company in its place in a list.",
    CompanyEdge,
    Company of company,
    Company::new
);

/// Resolvers of queries of companies.
#[derive(Default)]
pub(super) struct CompanyQuery;

#[Object]
impl CompanyQuery {
    /// One company; null when it does not exist, it is deleted, or it is another organization's.
    async fn company(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The company's id.")] id: ID,
    ) -> Option<ApiResult<Company>> {
        let found = async {
            let loaders = context.loaders_for(Scope::ContactsRead)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            let row = loaders.by_id::<company::Entity>(id).await?;
            Ok(row.map(|row| Company::new(row, loaders)))
        };
        found.boxed().await.transpose()
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
        let page = async {
            let loaders = context.loaders_for(Scope::ContactsRead)?;
            Ok(CompanyConnection::new(read(context, &loaders, arguments).await?, &loaders))
        };
        Some(page.boxed().await)
    }
}
