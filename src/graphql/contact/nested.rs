//! Arguments of every list of contacts, and the field `contacts` of the objects that contacts belong to.

use std::sync::Arc;

use async_graphql::Context;
use rlibphonenumber::Region;

use super::{
    connection::{ContactConnection, ContactEvent, ContactSortKey, OrderDirection},
    filter::{self, ContactFilter},
};
use crate::{
    access::Scope,
    contacts::{Criteria, ListQuery, Parent},
    graphql::{context::ContextExt as _, error::ApiResult, loaders::Loaders, scalars::DateTime},
    paging::Window,
};

/// Arguments of a list of contacts, as they were given.
pub(in crate::graphql) struct ContactsArguments {
    pub(in crate::graphql) first: Option<i64>,
    pub(in crate::graphql) after: Option<String>,
    pub(in crate::graphql) last: Option<i64>,
    pub(in crate::graphql) before: Option<String>,
    pub(in crate::graphql) offset: Option<i64>,
    pub(in crate::graphql) updated_since: Option<DateTime>,
    pub(in crate::graphql) event: Option<ContactEvent>,
    pub(in crate::graphql) order: Option<OrderDirection>,
    pub(in crate::graphql) sort_key: Option<ContactSortKey>,
    pub(in crate::graphql) query: Option<String>,
    pub(in crate::graphql) filter: Option<ContactFilter>,
    pub(in crate::graphql) include_deleted: Option<bool>,
}

impl ContactsArguments {
    /// Converts the arguments to a query of all contacts, or of those of one parent. `region` is asked for only
    /// if it is needed: the country of the organization's national phone numbers.
    pub(in crate::graphql) async fn into_query(
        self,
        region: impl Future<Output = ApiResult<Option<Region>>>,
        parent: Option<Parent>,
    ) -> ApiResult<ListQuery> {
        let Self {
            first,
            after,
            last,
            before,
            offset,
            updated_since,
            event,
            order,
            sort_key,
            query,
            filter,
            include_deleted,
        } = self;
        let (mut criteria, mut phone_region) = (Criteria::default(), None);
        if query.is_some() || filter.is_some() {
            criteria = filter::criteria(filter, query)?;
        }
        // The region is a setting, which a list without numbers does not have to read.
        if criteria.needs_phone_region() {
            phone_region = region.await?;
        }
        Ok(ListQuery {
            event: event.map(Into::into),
            updated_since: updated_since.map(DateTime::ms_rounded_up),
            sort_key: sort_key.map(Into::into),
            descending: order.map(|order| order == OrderDirection::Desc),
            include_deleted: include_deleted.unwrap_or(false),
            parent,
            criteria,
            phone_region,
            window: Window { first, last, after, before, offset },
        })
    }
}

/// Reads a page of the contacts of an owner. Scopes guard root fields, but a key that may only write
/// settings must not read contacts by way of the objects that it has written.
pub(in crate::graphql) async fn read(
    context: &Context<'_>,
    owner: &impl ContactOwner,
    arguments: ContactsArguments,
) -> ApiResult<ContactConnection> {
    context.require(Scope::ContactsRead)?;
    let (loaders, parent) = owner.contacts_of(context)?;
    let query = arguments.into_query(context.phone_region(), parent).await?;
    ContactConnection::read(context, loaders, query).await
}

/// Object that has a field `contacts`.
pub(in crate::graphql) trait ContactOwner {
    /// Returns the loaders of the page that shows the object, and the parent of its contacts; `None`
    /// for all contacts.
    fn contacts_of(&self, context: &Context<'_>) -> ApiResult<(Arc<Loaders>, Option<Parent>)>;
}

/// Gives a [`ContactOwner`] the field `contacts`, as its last one, under the given description. The
/// arguments of lists of contacts stand here and nowhere else.
macro_rules! with_contacts {
    ($(#[$meta:meta])* impl $object:ident { $($body:tt)* } $(#[$description:meta])+ contacts) => {
        $(#[$meta])*
        impl $object {
            $($body)*

            $(#[$description])+
            #[expect(clippy::too_many_arguments, reason = "the arguments of the connection")]
            async fn contacts(
                &self,
                context: &async_graphql::Context<'_>,
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
                updated_since: Option<$crate::graphql::scalars::DateTime>,
                #[graphql(desc = "Only rows with this kind of change. It also sets the sort key.")]
                event: Option<$crate::graphql::contact::connection::ContactEvent>,
                #[graphql(
                    desc = "Default DESC for times and SCORE, ASC for NAME and COMPANY. Rows with equal keys keep a fixed order."
                )]
                order: Option<$crate::graphql::contact::connection::OrderDirection>,
                #[graphql(desc = "Sort key when `event` is absent. Default `UPDATED_AT`.")]
                sort_key: Option<$crate::graphql::contact::connection::ContactSortKey>,
                #[graphql(
                    desc = "Free text over names, emails, phones, company and tags: every word must be found, in any place, without case, accents, apostrophes and hyphens; Latin letters also find what is written in another script. Five digits or more are a number in any notation. A word of one or two characters is the beginning of one. At most 256 characters."
                )]
                query: Option<String>,
                #[graphql(desc = "Only contacts that match.")]
                filter: Option<$crate::graphql::contact::filter::ContactFilter>,
                #[graphql(desc = "Deleted and merged-away contacts too.", default_with = "Some(false)")]
                include_deleted: Option<bool>,
            ) -> Option<ApiResult<$crate::graphql::contact::connection::ContactConnection>> {
                let arguments = $crate::graphql::contact::nested::ContactsArguments {
                    first, after, last, before, offset, updated_since, event, order, sort_key, query,
                    filter, include_deleted,
                };
                let page = $crate::graphql::contact::nested::read(context, self, arguments);
                Some(futures_util::FutureExt::boxed(page).await)
            }
        }
    };
}
pub(in crate::graphql) use with_contacts;
