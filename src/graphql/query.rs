//! Reading.

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::{
    api_key::Viewer,
    contact::{
        Contact, columns,
        connection::{ContactConnection, ContactEvent, ContactSortKey, OrderDirection},
    },
    error::{ApiError, ApiResult},
    guard,
    node::{self, Node},
    scalars::DateTime,
};
use crate::{
    access::Scope,
    contacts::{self, ListQuery, Window},
};

/// Ids of one `nodes`, at most.
const NODES: i32 = 200;

/// Reading. Every root field may be null together with an error of its own, so one refused field
/// never hides the others.
pub(super) struct Query;

/// Reading. Every root field may be null together with an error of its own, so one refused field
/// never hides the others.
#[Object]
impl Query {
    /// Who this key is: organization, scopes, teams, policy. Run this first when something is FORBIDDEN.
    async fn viewer(&self, context: &Context<'_>) -> Option<ApiResult<Viewer>> {
        Some(viewer(context))
    }

    /// Any object by its id; null when there is none, or it is another organization's.
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The object's id.")] id: ID,
    ) -> Option<ApiResult<Node>> {
        let found = nodes(context, &[id]).await;
        found.map(|mut found| found.pop().flatten()).transpose()
    }

    /// Objects by id, in the order asked, null where there is none. At most 200 ids.
    async fn nodes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most 200.")] ids: Vec<ID>,
    ) -> Option<ApiResult<Vec<Option<Node>>>> {
        Some(nodes(context, &ids).await)
    }

    /// One contact; null when there is none, it is deleted, or it is another organization's.
    async fn contact(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contact's id.")] id: ID,
    ) -> Option<ApiResult<Contact>> {
        contact(context, id).await.transpose()
    }

    /// Contacts of your organization, newest first. `{ contacts { nodes { id firstName } } }` is a complete query.
    /// Page size defaults to 100; more than 200 is an error, never a silent cut.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the connection")]
    async fn contacts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Page size going forward, 0-200.")] first: Option<i64>,
        #[graphql(desc = "Return rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Page size going backward, 0-200. Not together with `first`.")] last: Option<i64>,
        #[graphql(desc = "Return rows before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Rows to skip, 0-10000. For numbered pages only: not with `after`, `before` or `last`."
        )]
        offset: Option<i64>,
        #[graphql(
            desc = "Only rows whose event time is at or after this instant (inclusive). The event time is `updatedAt` unless `event` says otherwise."
        )]
        updated_since: Option<DateTime>,
        #[graphql(desc = "Only rows with this kind of change. It also sets the sort key.")] event: Option<
            ContactEvent,
        >,
        #[graphql(
            desc = "Default DESC for times and SCORE, ASC for NAME and COMPANY. Rows with equal keys keep a fixed order."
        )]
        order: Option<OrderDirection>,
        #[graphql(desc = "Sort key when `event` is absent. Default `UPDATED_AT`.")] sort_key: Option<
            ContactSortKey,
        >,
        #[graphql(desc = "Deleted and merged-away contacts too.", default_with = "Some(false)")]
        include_deleted: Option<bool>,
    ) -> Option<ApiResult<ContactConnection>> {
        let query = ListQuery {
            event: event.map(Into::into),
            updated_since: updated_since.map(DateTime::ms_rounded_up),
            sort_key: sort_key.map(Into::into),
            descending: order.map(|order| order == OrderDirection::Desc),
            include_deleted: include_deleted.unwrap_or(false),
            window: Window { first, last, after, before, offset },
        };
        Some(list(context, query).await)
    }
}

fn viewer(context: &Context<'_>) -> ApiResult<Viewer> {
    let caller = guard::caller(context)?;
    Ok(Viewer::new(caller.clone(), guard::loaders(context, caller)?))
}

async fn nodes(context: &Context<'_>, ids: &[ID]) -> ApiResult<Vec<Option<Node>>> {
    let caller = guard::require(context, Scope::ContactsRead)?;
    if ids.len() > NODES as usize {
        return Err(ApiError::too_many("ids", NODES));
    }
    node::nodes(caller, &guard::loaders(context, caller)?, ids).await
}

async fn contact(context: &Context<'_>, id: ID) -> ApiResult<Option<Contact>> {
    let caller = guard::require(context, Scope::ContactsRead)?;
    let loaders = guard::loaders(context, caller)?;
    let Ok(id) = id.parse::<Uuid>() else {
        return Ok(None);
    };
    let mut found = contacts::find(loaders.tenant(), &[id], &columns([context.field()])).await?;
    found.pop().map(|row| Contact::new(row, loaders)).transpose()
}

async fn list(context: &Context<'_>, query: ListQuery) -> ApiResult<ContactConnection> {
    let caller = guard::require(context, Scope::ContactsRead)?;
    ContactConnection::read(context, guard::loaders(context, caller)?, query).await
}
