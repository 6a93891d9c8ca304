//! The list of keys, oldest first.

use entity::api_key::{Column, Entity};
use sea_orm::{ColumnTrait as _, Iterable as _, sea_query::IntoCondition as _};
use uuid::Uuid;

use crate::{
    database::{Read, Row, live_keys},
    error::DatabaseError,
    paging::{
        self, Key, KeyType, Listing, Mark, Page, PageError, Position, Tie, Wanted, Window, price::ListPrice,
    },
};

/// The order of keys: by the time at which they were created.
#[derive(Clone, Copy, Debug)]
pub struct ByCreation;

/// Mark of the cursors of this order.
pub const MARK: Mark = Mark { key: 67, is_descending: false };

impl paging::Order for ByCreation {
    type Entity = Entity;

    const ID: Column = Column::Id;

    fn mark(self) -> Mark {
        MARK
    }

    fn is_descending(self) -> bool {
        false
    }

    fn key(self) -> Column {
        Column::CreatedAt
    }

    fn tie(self) -> Column {
        Column::Id
    }

    fn key_type(self) -> KeyType {
        KeyType::Number
    }

    fn is_nullable(self) -> bool {
        false
    }

    fn accepts(self, position: &Position) -> bool {
        matches!(position, Position { key: Some(Key::Number(_)), tie: Tie::Id(_) })
    }

    fn position(self, row: &Row<Entity>) -> Result<Position, DatabaseError> {
        let key = Key::Number(row.get::<i64>(Column::CreatedAt)?);
        Ok(Position { key: Some(key), tie: Tie::Id(row.get::<Uuid>(Column::Id)?) })
    }
}

/// Reads a page of the organization's keys; of those that are revoked or have expired only if they are asked for.
///
/// # Errors
/// An argument is refused, or the database failed.
pub async fn list(
    read: &impl Read,
    include_inactive: bool,
    window: &Window,
    wanted: &Wanted<Column>,
) -> Result<Page<ByCreation>, PageError> {
    let slice = window.slice(ByCreation)?;
    let kept = Column::RemovedAt.is_null().into_condition();
    let rows = vec![if include_inactive { kept } else { kept.add(live_keys()) }];
    let price = ListPrice { total: wanted.total, ..ListPrice::default() }.of_statement(window);
    let listing = Listing {
        order: ByCreation,
        all: rows.clone(),
        rows,
        min_key: None,
        with_nulls: false,
        slice,
        price,
        keeps_plan: false,
    };
    paging::read(read, &listing, wanted).await
}

/// Returns all columns, for rows that are wanted whole.
#[must_use]
pub fn columns() -> Vec<Column> {
    Column::iter().collect()
}
