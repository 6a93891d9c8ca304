//! Rows that were selected, on either engine.

use entity::Tenanted;
use sea_orm::{DbErr, FromQueryResult as _, QueryResult};

use super::{scope::ColumnValue, sqlite};

/// A row that was selected.
#[derive(Debug)]
pub(super) enum Selected {
    /// Row of the driver's.
    Driver(QueryResult),
    /// Row that a connection to SQLite has kept.
    Sqlite(sqlite::Row),
}

impl Selected {
    /// Returns the value in the column of this name.
    pub(super) fn get<T: ColumnValue>(&self, name: &str) -> Result<T, DbErr> {
        match self {
            Self::Driver(row) => row.try_get("", name),
            Self::Sqlite(row) => row.get(name),
        }
    }

    /// Returns the model of a row of which every column was selected.
    pub(super) fn model<E: Tenanted>(&self) -> Result<E::Model, DbErr> {
        match self {
            Self::Driver(row) => E::Model::from_query_result(row, ""),
            Self::Sqlite(row) => row.model::<E>(),
        }
    }
}
