//! Contacts by their ids.

use entity::contact::{self, Column};
use rlibphonenumber::Region;
use sea_orm::{ColumnTrait as _, Order, sea_query::Condition};
use uuid::Uuid;

use super::filter::{Filter, Matching, Test, Text, TextField};
use crate::{
    database::{Read, Row, any_of},
    error::DatabaseError,
    input::phone::identifies,
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

/// What a person is known by elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// Any of the addresses, whatever its case.
    Email(String),
    /// Any of the numbers, in any notation; text with fewer than five digits is nobody's.
    Phone(String),
    /// The caller's own key, exactly.
    ExternalId(String),
}

/// The live contacts that an identifier is of, at most 200 of them.
///
/// # Errors
/// The database failed.
pub async fn identified(
    read: &impl Read,
    identifier: Identifier,
    region: Option<Region>,
) -> Result<Vec<Uuid>, DatabaseError> {
    if matches!(&identifier, Identifier::Phone(phone) if !identifies(phone)) {
        return Ok(Vec::new());
    }
    let (field, value) = match identifier {
        Identifier::Email(email) => (TextField::Email, email),
        Identifier::Phone(phone) => (TextField::Phone, phone),
        Identifier::ExternalId(external_id) => (TextField::ExternalId, external_id),
    };
    let test = Test::Text(field, Text::In(vec![value]));
    let filter = Filter { tests: vec![test], ..Filter::default() };
    let matched = Matching::from(filter).resolve(read, region).await?;
    let select = read
        .select::<contact::Entity>()
        .column(Column::Id)
        .filter(live().add(matched.rows))
        .order_by(Column::Id, Order::Asc)
        .limit(200);
    read.rows(select).await?.iter().map(|row| row.get(Column::Id)).collect()
}
