//! Running a statement.

use rusqlite::{
    Connection,
    types::{ToSql, ToSqlOutput, ValueRef},
};
use sea_orm::{Statement, Value, sea_query::OptionEnum};

use crate::database::rows::Rows;

/// Runs a statement, and gives each of its rows to `take`. If `prepare` is true, the connection keeps the
/// prepared statement.
pub(super) fn run(
    connection: &Connection,
    statement: &Statement,
    prepare: bool,
    take: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let values = statement.values.as_ref().map_or(&[][..], |values| &values.0);
    if prepare {
        step(&mut *connection.prepare_cached(&statement.sql)?, values, take)
    } else {
        step(&mut connection.prepare(&statement.sql)?, values, take)
    }
}

/// Runs a statement, which the connection keeps, for each row of values.
pub(super) fn run_for_each(connection: &Connection, rows: &Rows) -> rusqlite::Result<()> {
    let mut prepared = connection.prepare_cached(&rows.text)?;
    rows.values.iter().try_for_each(|values| step(&mut prepared, values, |_| Ok(())))
}

fn step(
    prepared: &mut rusqlite::Statement<'_>,
    values: &[Value],
    mut take: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    // A place without a value would be null.
    if prepared.parameter_count() != values.len() {
        return Err(rusqlite::Error::InvalidParameterCount(values.len(), prepared.parameter_count()));
    }
    for (place, value) in values.iter().enumerate() {
        prepared.raw_bind_parameter(place + 1, Bound(value))?;
    }
    // Resets the statement when it is dropped, and so ends its transaction.
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

/// A value in the form in which SQLite stores it.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self.0 {
            Value::Bool(value) => value.map(|value| ValueRef::Integer(value.into())),
            Value::TinyInt(value) => value.map(|value| ValueRef::Integer(value.into())),
            Value::SmallInt(value) => value.map(|value| ValueRef::Integer(value.into())),
            Value::Int(value) => value.map(|value| ValueRef::Integer(value.into())),
            Value::BigInt(value) => value.map(ValueRef::Integer),
            Value::TinyUnsigned(value) => value.map(|value| ValueRef::Integer(value.into())),
            Value::SmallUnsigned(value) => value.map(|value| ValueRef::Integer(value.into())),
            Value::Unsigned(value) => value.map(|value| ValueRef::Integer(value.into())),
            Value::BigUnsigned(value) => {
                let value = value.map(i64::try_from).transpose();
                value
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?
                    .map(ValueRef::Integer)
            }
            Value::Float(value) => value.map(|value| ValueRef::Real(value.into())),
            Value::Double(value) => value.map(ValueRef::Real),
            Value::String(value) => value.as_ref().map(|value| ValueRef::Text(value.as_bytes())),
            Value::Bytes(value) => value.as_ref().map(|value| ValueRef::Blob(value)),
            Value::Uuid(value) => value.as_ref().map(|value| ValueRef::Blob(value.as_bytes())),
            Value::Enum(OptionEnum::Some(value)) => Some(ValueRef::Text(value.value.as_bytes())),
            Value::Enum(OptionEnum::None(_)) => None,
            // No statement of ours has any: times are integers, and lists and objects are texts.
            _ => {
                let error = "a value of a type that SQLite does not have";
                return Err(rusqlite::Error::ToSqlConversionFailure(error.into()));
            }
        };
        Ok(ToSqlOutput::Borrowed(value.unwrap_or(ValueRef::Null)))
    }
}
