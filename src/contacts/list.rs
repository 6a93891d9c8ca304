//! The contact list: any order, both directions, by cursors or numbered pages.

mod arguments;
mod order;
mod within;

use entity::contact;

pub use arguments::ListQuery;
pub use order::{Event, Order, SortKey};
pub use within::Within;

use crate::{
    database::Read,
    paging::{self, Page, PageError, Wanted},
};

/// Reads a page.
///
/// # Errors
/// An argument is refused, or the database failed.
pub async fn list(
    read: &impl Read,
    query: &ListQuery,
    wanted: &Wanted<contact::Column>,
) -> Result<Page<Order>, PageError> {
    let mut listing = query.listing(read)?;
    let matched = query.matching.resolve(read, query.phone_region).await?;
    listing.rows.push(matched.rows);
    listing.all.push(matched.all);
    paging::read(read, &listing, wanted).await
}
