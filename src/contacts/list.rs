//! Lists of contacts: any order, both directions, by cursors or numbered pages.

mod arguments;
mod order;
mod parent;
mod price;

use entity::contact;

pub use arguments::ListQuery;
pub use order::{Event, Order, SortKey};
pub use parent::Parent;
pub(in crate::contacts) use price::LOOK_UP_POINTS;
pub use price::{ParentTable, PricedArguments};

use crate::{
    database::{Read, Sink, Tenant},
    paging::{self, Listing, Page, PageError, PageReader, RawPage, Wanted},
};

/// Reads a page of contacts.
///
/// # Errors
/// An argument is refused, or the database failed.
pub async fn list(
    read: &impl Read,
    query: &ListQuery,
    wanted: &Wanted<contact::Column>,
) -> Result<Page<Order>, PageError> {
    paging::read(read, &listing(read, query, wanted.total).await?, wanted).await
}

/// Reads a page of contacts into a sink, which takes the columns that the reader wants in their places.
///
/// # Errors
/// An argument is refused, the database failed, or the sink refused a row.
pub async fn list_into<S: Sink>(
    tenant: &Tenant,
    query: &ListQuery,
    reader: &PageReader<Order>,
    sink: S,
) -> Result<RawPage<S>, PageError> {
    let listing = listing(tenant, query, reader.counts_all()).await?;
    reader.read_into(tenant, &listing, sink).await
}

/// Resolves the criteria, by a look at the database if they need one.
async fn listing(read: &impl Read, query: &ListQuery, total: bool) -> Result<Listing<Order>, PageError> {
    let mut listing = query.listing(read, total)?;
    let resolved = query.criteria.resolve(read, query.phone_region).await?;
    listing.rows.push(resolved.rows);
    listing.all.push(resolved.all);
    Ok(listing)
}
