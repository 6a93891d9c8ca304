//! Queries.

mod api_keys;
mod by_name;
mod companies;
mod pipelines;
mod tags;
mod teams;
mod users;

use std::sync::Arc;

use async_graphql::{Context, ID, MergedObject, Object};
use futures_util::FutureExt as _;
use uuid::Uuid;

use self::{
    api_keys::ApiKeyQuery, companies::CompanyQuery, pipelines::PipelineQuery, tags::TagQuery,
    teams::TeamQuery, users::UserQuery,
};
use super::{
    api_key::Viewer,
    contact::{
        Contact, columns,
        filter::ContactIdentifierInput,
        nested::{ContactOwner, with_contacts},
    },
    context::ContextExt as _,
    error::{ApiError, ApiResult},
    loaders::Loaders,
    node::{self, Node},
};
use crate::{
    access::Scope,
    contacts::{self, Parent},
};

/// Maximum number of ids of one `nodes`.
pub(super) const MAX_NODES: usize = 200;

/// Reading. Every root field may be null together with an error of its own, so one refused field
/// never hides the others.
// The schema lists the fields in this order.
#[derive(Default, MergedObject)]
pub(super) struct Query(
    ContactQuery,
    CompanyQuery,
    TeamQuery,
    UserQuery,
    TagQuery,
    PipelineQuery,
    ApiKeyQuery,
);

/// Contacts, whatever has an id, and who is asking.
#[derive(Default)]
struct ContactQuery;

impl ContactOwner for ContactQuery {
    fn contacts_of(&self, context: &Context<'_>) -> ApiResult<(Arc<Loaders>, Option<Parent>)> {
        Ok((context.loaders()?, None))
    }
}

with_contacts! {
    #[Object]
    impl ContactQuery {
        /// The caller: organization, scopes, teams and policy of this key. Run this first when something is FORBIDDEN.
        async fn viewer(&self, context: &Context<'_>) -> Option<ApiResult<Viewer>> {
            Some(viewer(context))
        }

        /// Any object by its id; null when it does not exist, or is another organization's.
        async fn node(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The object's id.")] id: ID,
        ) -> Option<ApiResult<Node>> {
            let found = nodes(context, &[id]).boxed().await;
            found.map(|mut found| found.pop().flatten()).transpose()
        }

        /// Objects by id, in the order of the ids, null for those that do not exist. At most 200 ids.
        async fn nodes(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "At most 200.")] ids: Vec<ID>,
        ) -> Option<ApiResult<Vec<Option<Node>>>> {
            Some(nodes(context, &ids).boxed().await)
        }

        /// One contact; null when it does not exist, it is deleted, or it is another organization's.
        async fn contact(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "The contact's id.")] id: ID,
        ) -> Option<ApiResult<Contact>> {
            contact(context, id).boxed().await.transpose()
        }

        /// One contact by any of its emails or phones (normalized first) or its external id. Several: null with `AMBIGUOUS_MATCH`.
        async fn contact_by_identifier(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "Exactly one field.")] identifier: ContactIdentifierInput,
        ) -> Option<ApiResult<Contact>> {
            identified(context, identifier).boxed().await.transpose()
        }
    }

    /// Contacts of your organization, newest first. `{ contacts { nodes { id firstName } } }` is a complete query.
    /// Page size defaults to 100; more than 200 is an error, never a silent cut.
    contacts
}

fn viewer(context: &Context<'_>) -> ApiResult<Viewer> {
    Ok(Viewer::new(context.caller()?.clone(), context.loaders()?))
}

async fn nodes(context: &Context<'_>, ids: &[ID]) -> ApiResult<Vec<Option<Node>>> {
    let caller = context.require(Scope::ContactsRead)?;
    if ids.len() > MAX_NODES {
        return Err(ApiError::too_many("ids", MAX_NODES));
    }
    node::nodes(caller, &context.loaders()?, ids).await
}

async fn contact(context: &Context<'_>, id: ID) -> ApiResult<Option<Contact>> {
    let loaders = context.loaders_for(Scope::ContactsRead)?;
    let Ok(id) = id.parse::<Uuid>() else {
        return Ok(None);
    };
    let mut found = contacts::find(loaders.tenant(), &[id], &columns([context.field()])).await?;
    found.pop().map(|row| Contact::new(row, loaders)).transpose()
}

async fn identified(context: &Context<'_>, identifier: ContactIdentifierInput) -> ApiResult<Option<Contact>> {
    let loaders = context.loaders_for(Scope::ContactsRead)?;
    let region = context.phone_region().await?;
    let ids = contacts::identified(loaders.tenant(), identifier.into(), region).await?;
    if ids.len() > 1 {
        return Err(ApiError::ambiguous(&ids));
    }
    let mut found = contacts::find(loaders.tenant(), &ids, &columns([context.field()])).await?;
    found.pop().map(|row| Contact::new(row, loaders)).transpose()
}
