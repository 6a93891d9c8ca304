//! Contacts by their ids, and by what a person is known by elsewhere.

use entity::contact::{self, Column};
use rlibphonenumber::Region;
use sea_orm::{ColumnTrait as _, Order, sea_query::Condition};
use uuid::Uuid;

use super::{
    MAX_KEYS_PER_STATEMENT,
    filter::{
        Criteria, Filter, Predicate, TextComparison, TextField,
        access::{Conditions, Place},
    },
    list::PricedArguments,
};
use crate::{
    database::{Read, Row, any_of},
    error::DatabaseError,
    input::phone::identifies,
    paging::Window,
};

/// Maximum contacts that one identifier finds.
const MAX_IDENTIFIED: u64 = 200;

/// Returns the condition that a contact is live: neither deleted, merged away nor purged.
#[must_use]
pub fn live() -> Condition {
    Condition::all().add(Column::DeletedAt.is_null())
}

/// Returns the live contacts among these ids, in no particular order, with these columns.
///
/// # Errors
/// The database failed.
pub async fn find(
    read: &impl Read,
    ids: &[Uuid],
    columns: &[Column],
) -> Result<Vec<Row<contact::Entity>>, DatabaseError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(MAX_KEYS_PER_STATEMENT) {
        let mut select =
            read.select::<contact::Entity>().filter(live().add(any_of(Column::Id, ids.iter().copied())));
        for column in columns {
            select = select.column(*column);
        }
        found.extend(read.rows(select).await?);
    }
    Ok(found)
}

/// Identifier of a person: a key that systems of the caller know them by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// Any of the addresses, whatever its case.
    Email(String),
    /// Any of the numbers, in any notation. A text with fewer than five digits identifies nobody.
    Phone(String),
    /// The caller's own key, exactly.
    ExternalId(String),
}

/// Returns the ids of the live contacts that have the identifier, at most 200.
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
    // By a filter, so that an identifier finds the same contacts as `eq` does.
    let predicate = Predicate::Text(field, TextComparison::In(vec![value]));
    let filter = Filter { predicates: vec![predicate], ..Filter::default() };
    let priced = PricedArguments::default();
    let mut conditions = Conditions::default();
    conditions.add_filter(&filter, Place::Required, priced.order());
    let price = priced.price(conditions).of_statement(&Window::default());
    let resolved = Criteria::from(filter).resolve(read, region).await?;
    let select = read
        .select::<contact::Entity>()
        .column(Column::Id)
        .filter(live().add(resolved.rows))
        .order_by(Column::Id, Order::Asc)
        .limit(MAX_IDENTIFIED);
    read.rows(select.priced(price)).await?.iter().map(|row| row.get(Column::Id)).collect()
}
