//! Rows that were selected or written.

use std::sync::Arc;

use entity::Tenanted;
use sea_orm::{IdenStatic as _, ModelTrait as _, TryGetable, sea_query::ValueType};

use crate::{
    database::selected::Selected,
    error::{DatabaseError, During as _},
};

/// Value that can be read from a column, both of a selected and of a written row.
pub trait ColumnValue: TryGetable + ValueType {}

impl<T: TryGetable + ValueType> ColumnValue for T {}

/// A row of an entity: as it was selected, or as it was just written.
#[derive(Debug)]
pub struct Row<E: Tenanted>(Cells<E>);

#[derive(Debug)]
enum Cells<E: Tenanted> {
    Selected(Selected),
    Written(Arc<E::Model>),
}

impl<E: Tenanted> Row<E> {
    pub(in crate::database) fn selected(row: Selected) -> Self {
        Self(Cells::Selected(row))
    }

    /// Returns a row that has been written, and so need not be read.
    #[must_use]
    pub fn written(model: Arc<E::Model>) -> Self {
        Self(Cells::Written(model))
    }

    /// Returns the value in a column that was selected.
    ///
    /// # Errors
    /// The column was not selected, or holds another type.
    pub fn get<T: ColumnValue>(&self, column: E::Column) -> Result<T, DatabaseError> {
        const DURING: &str = "reading a column";
        match &self.0 {
            Cells::Selected(row) => row.get(column.as_str()).during(DURING),
            Cells::Written(model) => <T as ValueType>::try_from(model.get(column))
                .map_err(|_| DatabaseError::internal(DURING, column.as_str())),
        }
    }

    /// Returns the whole row, of which every column was selected.
    ///
    /// # Errors
    /// A column was not selected, or holds another type.
    pub fn model(&self) -> Result<E::Model, DatabaseError>
    where
        E::Model: Clone,
    {
        match &self.0 {
            Cells::Selected(row) => row.model::<E>().during("reading a row"),
            Cells::Written(model) => Ok(E::Model::clone(model)),
        }
    }

    /// Returns the value of an expression that was selected under a name.
    ///
    /// # Errors
    /// Nothing was selected under that name, or it holds another type.
    pub fn value<T: ColumnValue>(&self, alias: &str) -> Result<T, DatabaseError> {
        match &self.0 {
            Cells::Selected(row) => row.get(alias).during("reading a value"),
            Cells::Written(_) => {
                Err(DatabaseError::internal("reading a value", "the row was written, not selected"))
            }
        }
    }
}
