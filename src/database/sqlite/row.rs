//! Rows that outlive their statement.

use std::{ops::Range, str, sync::Arc};

use entity::Tenanted;
use rusqlite::types::ValueRef;
use sea_orm::{
    ActiveModelTrait, ColumnTrait as _, DbErr, IdenStatic as _, Iterable as _, TryIntoModel as _, Value,
    sea_query::ValueType,
};
use uuid::Uuid;

use crate::database::kind::Kind;

/// The rows of a statement, kept in one piece.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Names of the selected columns.
    names: Vec<String>,
    /// Cells of all rows, one row after the other.
    cells: Vec<Cell>,
    /// Texts and bytes of the cells.
    content: Vec<u8>,
}

#[derive(Debug)]
enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(Range<usize>),
    Bytes(Range<usize>),
}

/// A row that was selected. Its statement's other rows are kept as long as it is.
#[derive(Clone, Debug)]
pub(in crate::database) struct Row {
    page: Arc<Page>,
    /// Place of its first cell among those of the page.
    start: usize,
}

impl Page {
    /// Adds a row.
    pub(super) fn push(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        if self.names.is_empty() {
            self.names = row.as_ref().column_names().into_iter().map(str::to_owned).collect();
        }
        for place in 0..self.names.len() {
            let cell = match row.get_ref(place)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(value) => Cell::Integer(value),
                ValueRef::Real(value) => Cell::Real(value),
                ValueRef::Text(text) => Cell::Text(self.keep(text)),
                ValueRef::Blob(bytes) => Cell::Bytes(self.keep(bytes)),
            };
            self.cells.push(cell);
        }
        Ok(())
    }

    fn keep(&mut self, content: &[u8]) -> Range<usize> {
        let start = self.content.len();
        self.content.extend_from_slice(content);
        start..self.content.len()
    }

    pub(super) fn into_rows(self) -> Vec<Row> {
        let (cells, width) = (self.cells.len(), self.names.len().max(1));
        let page = Arc::new(self);
        (0..cells).step_by(width).map(|start| Row { page: page.clone(), start }).collect()
    }
}

impl Row {
    /// Returns the value in the column of this name.
    pub(in crate::database) fn get<T: ValueType>(&self, name: &str) -> Result<T, DbErr> {
        let kind = Kind::of_value(&T::array_type()).ok_or_else(|| mismatch(name))?;
        let value = self.value(self.place(name, 0)?, kind).ok_or_else(|| mismatch(name))?;
        T::try_from(value).map_err(|_| mismatch(name))
    }

    /// Returns the model of a row of which every column was selected.
    pub(in crate::database) fn model<E: Tenanted>(&self) -> Result<E::Model, DbErr> {
        let mut model = <E::ActiveModel as ActiveModelTrait>::default();
        for (place, column) in E::Column::iter().enumerate() {
            let name = column.as_str();
            let kind = Kind::of_column(column.def().get_column_type()).ok_or_else(|| mismatch(name))?;
            let value = self.value(self.place(name, place)?, kind).ok_or_else(|| mismatch(name))?;
            model.try_set(column, value)?;
        }
        model.try_into_model()
    }

    /// Returns the place of the column of this name, which is tried first where it may be expected.
    fn place(&self, name: &str, expected: usize) -> Result<usize, DbErr> {
        let names = &self.page.names;
        if names.get(expected).is_some_and(|found| found == name) {
            return Ok(expected);
        }
        let place = names.iter().position(|found| found == name);
        place.ok_or_else(|| DbErr::Type(format!("column {name} was not selected")))
    }

    /// Returns a cell as a value of a type, or `None` if it has another one.
    fn value(&self, place: usize, kind: Kind) -> Option<Value> {
        let cell = self.page.cells.get(self.start + place)?;
        Some(match (kind, cell) {
            (Kind::Boolean, Cell::Null) => Value::Bool(None),
            (Kind::Boolean, Cell::Integer(value)) => Value::Bool(Some(*value != 0)),
            (Kind::Integer, Cell::Null) => Value::Int(None),
            (Kind::Integer, Cell::Integer(value)) => Value::Int(Some((*value).try_into().ok()?)),
            (Kind::LongInteger, Cell::Null) => Value::BigInt(None),
            (Kind::LongInteger, Cell::Integer(value)) => Value::BigInt(Some(*value)),
            (Kind::Double, Cell::Null) => Value::Double(None),
            (Kind::Double, Cell::Real(value)) => Value::Double(Some(*value)),
            (Kind::Text, Cell::Null) => Value::String(None),
            (Kind::Text, Cell::Text(range)) => {
                Value::String(Some(str::from_utf8(self.content(range)?).ok()?.to_owned()))
            }
            (Kind::Bytes, Cell::Null) => Value::Bytes(None),
            (Kind::Bytes, Cell::Bytes(range)) => Value::Bytes(Some(self.content(range)?.to_vec())),
            (Kind::Id, Cell::Null) => Value::Uuid(None),
            (Kind::Id, Cell::Bytes(range)) => Value::Uuid(Some(Uuid::from_slice(self.content(range)?).ok()?)),
            (
                Kind::Boolean
                | Kind::Integer
                | Kind::LongInteger
                | Kind::Double
                | Kind::Text
                | Kind::Bytes
                | Kind::Id,
                Cell::Integer(_) | Cell::Real(_) | Cell::Text(_) | Cell::Bytes(_),
            ) => return None,
        })
    }

    fn content(&self, range: &Range<usize>) -> Option<&[u8]> {
        self.page.content.get(range.clone())
    }
}

fn mismatch(name: &str) -> DbErr {
    DbErr::Type(format!("column {name} has another type"))
}
