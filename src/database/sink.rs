//! Rows as the driver has them, handed on one by one: for whoever needs neither models nor values.

use rusqlite::types::{FromSqlError, FromSqlResult, ValueRef};
use sea_orm::sqlx::{self, Decode, Postgres, Row as _, ValueRef as _, postgres::PgRow};
use uuid::Uuid;

use super::connection::driver_error;
use crate::error::{DatabaseError, During as _};

const DURING: &str = "reading a cell";

/// Receiver of the rows of a statement, in their order.
///
/// It may be called on a thread of the database's, and should not wait for anything.
pub trait Sink: Send + 'static {
    /// Takes a row.
    ///
    /// # Errors
    /// A cell has another type than was expected. The statement fails with the error.
    fn row(&mut self, row: &RawRow<'_>) -> Result<(), DatabaseError>;

    /// Learns that the rows of a statement have ended, and that those of the next one follow.
    fn next_statement(&mut self) {}
}

/// A sink during a statement.
pub(super) struct Receiver<S> {
    sink: S,
    is_unused: bool,
    refusal: Option<DatabaseError>,
}

impl<S: Sink> Receiver<S> {
    pub(super) fn new(sink: S) -> Self {
        Self { sink, is_unused: true, refusal: None }
    }

    /// Hands a row on, unless the sink has refused one: the driver has to read the others all the same.
    pub(super) fn take(&mut self, row: &RawRow<'_>) {
        self.is_unused = false;
        if self.refusal.is_none() {
            self.refusal = self.sink.row(row).err();
        }
    }

    /// Says that the rows of the next statement follow.
    pub(super) fn next_statement(&mut self) {
        self.sink.next_statement();
    }

    /// Returns the sink with all rows.
    pub(super) fn finish(self) -> Result<S, DatabaseError> {
        self.refusal.map_or(Ok(self.sink), Err)
    }

    /// Returns true if the sink has taken no row.
    pub(super) fn is_unused(&self) -> bool {
        self.is_unused
    }

    /// Returns the sink, and the error with which it has refused a row.
    pub(super) fn into_parts(self) -> (S, Option<DatabaseError>) {
        (self.sink, self.refusal)
    }

    /// Returns the sink if it has taken no row.
    pub(super) fn unused(self) -> Option<S> {
        self.is_unused.then_some(self.sink)
    }
}

/// A row whose cells are read by their place among the selected columns, without a copy.
pub struct RawRow<'a>(Driver<'a>);

enum Driver<'a> {
    Postgres(&'a PgRow),
    Sqlite(&'a rusqlite::Row<'a>),
}

impl<'a> From<&'a PgRow> for RawRow<'a> {
    fn from(row: &'a PgRow) -> Self {
        Self(Driver::Postgres(row))
    }
}

impl<'a> From<&'a rusqlite::Row<'a>> for RawRow<'a> {
    fn from(row: &'a rusqlite::Row<'a>) -> Self {
        Self(Driver::Sqlite(row))
    }
}

impl<'a> RawRow<'a> {
    /// Returns the integer in its last cell.
    ///
    /// # Errors
    /// The cell has another type.
    pub(super) fn last_integer(&self) -> Result<Option<i64>, DatabaseError> {
        let width = match self.0 {
            Driver::Postgres(row) => row.len(),
            Driver::Sqlite(row) => row.as_ref().column_count(),
        };
        self.integer(width.saturating_sub(1))
    }

    /// Returns a text.
    ///
    /// # Errors
    /// The cell has another type.
    pub fn text(&self, place: usize) -> Result<Option<&'a str>, DatabaseError> {
        self.cell(place, |cell| cell.as_str())
    }

    /// Returns bytes.
    ///
    /// # Errors
    /// The cell has another type.
    pub fn bytes(&self, place: usize) -> Result<Option<&'a [u8]>, DatabaseError> {
        self.cell(place, |cell| cell.as_blob())
    }

    /// Returns an id.
    ///
    /// # Errors
    /// The cell has another type.
    pub fn id(&self, place: usize) -> Result<Option<Uuid>, DatabaseError> {
        self.cell(place, |cell| Uuid::from_slice(cell.as_blob()?).map_err(FromSqlError::other))
    }

    /// Returns true or false.
    ///
    /// # Errors
    /// The cell has another type.
    pub fn boolean(&self, place: usize) -> Result<Option<bool>, DatabaseError> {
        self.cell(place, |cell| Ok(cell.as_i64()? != 0))
    }

    /// Returns an integer, of 32 bits or of 64.
    ///
    /// # Errors
    /// The cell has another type.
    pub fn integer(&self, place: usize) -> Result<Option<i64>, DatabaseError> {
        self.cell(place, |cell| cell.as_i64())
    }

    /// Decodes a cell. Its type's name is not compared with the declared one, which would take longer than the
    /// decoding: PostgreSQL's integers are decoded by their length.
    fn cell<T: Decode<'a, Postgres>>(
        &self,
        place: usize,
        of_sqlite: impl FnOnce(ValueRef<'a>) -> FromSqlResult<T>,
    ) -> Result<Option<T>, DatabaseError> {
        let cell = match self.0 {
            Driver::Postgres(row) => decoded(row, place),
            Driver::Sqlite(row) => match row.get_ref(place) {
                Ok(ValueRef::Null) => Ok(None),
                Ok(cell) => of_sqlite(cell).map(Some).map_err(|error| sqlx::Error::Decode(error.into())),
                Err(error) => Err(sqlx::Error::Decode(error.into())),
            },
        };
        cell.map_err(driver_error).during(DURING)
    }
}

fn decoded<'a, T: Decode<'a, Postgres>>(row: &'a PgRow, place: usize) -> Result<Option<T>, sqlx::Error> {
    let cell = row.try_get_raw(place)?;
    if cell.is_null() {
        return Ok(None);
    }
    T::decode(cell).map(Some).map_err(sqlx::Error::Decode)
}
