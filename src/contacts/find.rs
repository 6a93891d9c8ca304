//! Contacts by their ids.

use entity::contact::{self, Column};
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use uuid::Uuid;

use crate::{
    database::{Read, Row, any_of},
    error::DatabaseError,
};

/// Neither deleted, merged away nor purged.
#[must_use]
pub fn live() -> Condition {
    Condition::all().add(Column::DeletedAt.is_null())
}

/// The live contacts among these ids, in no promised order, with these columns.
///
/// # Errors
/// The database failed.
pub async fn find(
    read: &impl Read,
    ids: &[Uuid],
    columns: &[Column],
) -> Result<Vec<Row<contact::Entity>>, DatabaseError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(256) {
        let mut select =
            read.select::<contact::Entity>().filter(live().add(any_of(Column::Id, ids.iter().copied())));
        for column in columns {
            select = select.column(*column);
        }
        found.extend(read.rows(select).await?);
    }
    Ok(found)
}
