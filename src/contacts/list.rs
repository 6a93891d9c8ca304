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
    database::Read,
    paging::{self, Page, PageError, Wanted},
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
    let mut listing = query.listing(read, wanted.total)?;
    let resolved = query.criteria.resolve(read, query.phone_region).await?;
    listing.rows.push(resolved.rows);
    listing.all.push(resolved.all);
    paging::read(read, &listing, wanted).await
}
