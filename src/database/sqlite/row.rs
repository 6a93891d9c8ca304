//! Rows that outlive their statement.

use std::{ops::Range, str, sync::Arc};

use entity::Tenanted;
use rusqlite::types::ValueRef;
use sea_orm::{
    ActiveModelTrait, ColumnTrait as _, ColumnType, DbErr, IdenStatic as _, Iterable as _, TryIntoModel as _,
    Value,
    sea_query::{ArrayType, ValueType},
};
use uuid::Uuid;

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

/// Type of a value.
#[derive(Clone, Copy, Debug)]
enum Type {
    Boolean,
    Integer,
    LongInteger,
    Double,
    Text,
    Bytes,
    Id,
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
        let kind = Type::of_value(&T::array_type()).ok_or_else(|| mismatch(name))?;
        let value = self.value(self.place(name, 0)?, kind).ok_or_else(|| mismatch(name))?;
        T::try_from(value).map_err(|_| mismatch(name))
    }

    /// Returns the model of a row of which every column was selected.
    pub(in crate::database) fn model<E: Tenanted>(&self) -> Result<E::Model, DbErr> {
        let mut model = <E::ActiveModel as ActiveModelTrait>::default();
        for (place, column) in E::Column::iter().enumerate() {
            let name = column.as_str();
            let kind = Type::of_column(column.def().get_column_type()).ok_or_else(|| mismatch(name))?;
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
    fn value(&self, place: usize, kind: Type) -> Option<Value> {
        let cell = self.page.cells.get(self.start + place)?;
        Some(match (kind, cell) {
            (Type::Boolean, Cell::Null) => Value::Bool(None),
            (Type::Boolean, Cell::Integer(value)) => Value::Bool(Some(*value != 0)),
            (Type::Integer, Cell::Null) => Value::Int(None),
            (Type::Integer, Cell::Integer(value)) => Value::Int(Some((*value).try_into().ok()?)),
            (Type::LongInteger, Cell::Null) => Value::BigInt(None),
            (Type::LongInteger, Cell::Integer(value)) => Value::BigInt(Some(*value)),
            (Type::Double, Cell::Null) => Value::Double(None),
            (Type::Double, Cell::Real(value)) => Value::Double(Some(*value)),
            (Type::Text, Cell::Null) => Value::String(None),
            (Type::Text, Cell::Text(range)) => {
                Value::String(Some(str::from_utf8(self.content(range)?).ok()?.to_owned()))
            }
            (Type::Bytes, Cell::Null) => Value::Bytes(None),
            (Type::Bytes, Cell::Bytes(range)) => Value::Bytes(Some(self.content(range)?.to_vec())),
            (Type::Id, Cell::Null) => Value::Uuid(None),
            (Type::Id, Cell::Bytes(range)) => Value::Uuid(Some(Uuid::from_slice(self.content(range)?).ok()?)),
            (
                Type::Boolean
                | Type::Integer
                | Type::LongInteger
                | Type::Double
                | Type::Text
                | Type::Bytes
                | Type::Id,
                Cell::Integer(_) | Cell::Real(_) | Cell::Text(_) | Cell::Bytes(_),
            ) => return None,
        })
    }

    fn content(&self, range: &Range<usize>) -> Option<&[u8]> {
        self.page.content.get(range.clone())
    }
}

impl Type {
    /// Returns the type of a value, if rows have any of it.
    fn of_value(array: &ArrayType) -> Option<Self> {
        match array {
            ArrayType::Bool => Some(Self::Boolean),
            ArrayType::Int => Some(Self::Integer),
            ArrayType::BigInt => Some(Self::LongInteger),
            ArrayType::Double => Some(Self::Double),
            ArrayType::String => Some(Self::Text),
            ArrayType::Bytes => Some(Self::Bytes),
            ArrayType::Uuid => Some(Self::Id),
            _ => None,
        }
    }

    /// Returns the type of a column's values, if any column of ours has it.
    fn of_column(column: &ColumnType) -> Option<Self> {
        match column {
            ColumnType::Boolean => Some(Self::Boolean),
            ColumnType::Integer => Some(Self::Integer),
            ColumnType::BigInteger => Some(Self::LongInteger),
            ColumnType::Double => Some(Self::Double),
            ColumnType::String(_) | ColumnType::Text => Some(Self::Text),
            ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob => Some(Self::Bytes),
            ColumnType::Uuid => Some(Self::Id),
            _ => None,
        }
    }
}

fn mismatch(name: &str) -> DbErr {
    DbErr::Type(format!("column {name} has another type"))
}
