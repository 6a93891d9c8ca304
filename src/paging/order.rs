//! The orders that lists are sorted in.

use entity::Tenanted;
use sea_orm::{EntityTrait, IdenStatic as _, sea_query::Expr};

use super::{Key, Mark, Position};
use crate::{database::Row, error::DatabaseError};

/// Type of a sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// A time or a score.
    Number,
    /// The sort key of a name.
    Bytes,
}

/// Column of the rows that an order sorts.
pub(super) type ColumnOf<O> = <<O as Order>::Entity as EntityTrait>::Column;

/// An order of the rows of one table: by a sort key and, among equal keys, by a tie-break that is
/// unique.
///
/// Rows whose sort key is null come last in both directions, sorted by id.
pub trait Order: Copy + Send + Sync {
    /// Table whose rows are sorted.
    type Entity: Tenanted;

    /// Primary key within an organization.
    const ID: ColumnOf<Self>;

    /// Returns the mark that tells cursors of this order from those of any other. Marks are kept
    /// in cursors that clients hold, so they never change.
    fn mark(self) -> Mark;

    /// Returns true if the largest key comes first.
    fn is_descending(self) -> bool;

    /// Column of the sort key.
    fn key(self) -> ColumnOf<Self>;

    /// Column of the tie-break.
    fn tie(self) -> ColumnOf<Self>;

    /// Returns the type of the sort key.
    fn key_type(self) -> KeyType;

    /// Returns true if the sort key of a row may be null.
    fn is_nullable(self) -> bool;

    /// Returns true if a position can be one in this order, as that of a forged cursor may not.
    fn accepts(self, position: &Position) -> bool;

    /// Returns a sort key as a value of its column's type.
    fn value(self, key: &Key) -> Expr {
        match key {
            Key::Bytes(key) => Expr::value(key.clone()),
            Key::Number(number) => Expr::value(*number),
        }
    }

    /// Returns the position of a row that was selected with the columns of the order.
    ///
    /// # Errors
    /// A column was not selected.
    fn position(self, row: &Row<Self::Entity>) -> Result<Position, DatabaseError>;
}

/// Returns the columns that make up a position. Rows without a sort key are found by id.
pub(super) fn columns<O: Order>(order: O) -> Vec<ColumnOf<O>> {
    let mut columns = vec![order.key(), order.tie()];
    if order.is_nullable() && !is_same::<O>(order.tie(), O::ID) {
        columns.push(O::ID);
    }
    columns
}

/// Returns true if two columns are the same one; their enums are not comparable.
pub(super) fn is_same<O: Order>(a: ColumnOf<O>, b: ColumnOf<O>) -> bool {
    a.as_str() == b.as_str()
}
