//! `user` and `users`.

use async_graphql::{Context, ID, Object};
use entity::user;
use futures_util::FutureExt as _;

use super::by_name::{Arguments, connection, read};
use crate::{
    access::Scope,
    graphql::{context::ContextExt as _, error::ApiResult, user::User},
};

connection!(
    "A page of users.",
    UserConnection,
    "A user in its place in a list.",
    UserEdge,
    User of user,
    |row, _| User::new(row)
);

/// Resolvers of queries of users.
#[derive(Default)]
pub(super) struct UserQuery;

#[Object]
impl UserQuery {
    /// One user; null when it does not exist, it is deleted, or it is another organization's.
    async fn user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The user's id.")] id: ID,
    ) -> Option<ApiResult<User>> {
        let found = async {
            let loaders = context.loaders_for(Scope::ContactsRead)?;
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(loaders.by_id::<user::Entity>(id).await?.map(User::new))
        };
        found.boxed().await.transpose()
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
        let page = async {
            let loaders = context.loaders_for(Scope::ContactsRead)?;
            Ok(UserConnection::new(read(context, &loaders, arguments).await?, &loaders))
        };
        Some(page.boxed().await)
    }
}
