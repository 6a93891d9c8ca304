//! Tags as objects of their own: finding, counting, renaming and deleting them. Contacts create
//! them, by having them.

mod delete;
mod rename;

use std::collections::HashMap;

use entity::{
    contact, contact_tag,
    tag::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait as _, IntoSimpleExpr as _,
    sea_query::{Condition, Expr},
};
use uuid::Uuid;

pub(crate) use self::{delete::DeleteTag, rename::RenameTag};
use crate::{
    contacts::live,
    database::{Read, any_of},
    error::DatabaseError,
    input::{problem::Problems, tag_name::TagName},
    paging::price::COUNTS,
};

/// Returns the tag with this name, whatever its case.
///
/// # Errors
/// The database failed.
pub async fn find(read: &impl Read, name: &str) -> Result<Option<Model>, DatabaseError> {
    match TagName::check(&mut Problems::default(), "", name) {
        Some(TagName { key, .. }) => by_key(read, &key).await,
        None => Ok(None),
    }
}

async fn by_key(read: &impl Read, key: &str) -> Result<Option<Model>, DatabaseError> {
    let named = Condition::all().add(Column::NameKey.eq(key)).add(Column::DeletedAt.is_null());
    Ok(read.find::<Entity>(named).await?.pop())
}

/// Counts the live contacts that have each of these tags; tags without any are left out.
///
/// # Errors
/// The database failed.
pub async fn count(read: &impl Read, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, DatabaseError> {
    let live = read.select::<contact::Entity>().column(contact::Column::Id).filter(live());
    let select = read
        .select::<contact_tag::Entity>()
        .column(contact_tag::Column::TagId)
        .expr(Expr::cust("COUNT(*)"), "contacts")
        .filter(any_of(contact_tag::Column::TagId, ids.iter().copied()))
        .filter(live.holds(contact_tag::Column::ContactId.into_simple_expr()))
        .group_by(contact_tag::Column::TagId);
    let mut counts = HashMap::new();
    for row in read.rows(select.priced(COUNTS)).await? {
        counts.insert(row.get(contact_tag::Column::TagId)?, row.value("contacts")?);
    }
    Ok(counts)
}
