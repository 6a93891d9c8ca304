//! Values of rows as PostgreSQL is given them: an array for each column.

use sea_orm::{
    Value,
    sqlx::{self, AssertSqlSafe, Postgres, postgres::PgArguments, query::Query},
};
use uuid::Uuid;

use crate::database::{kind::Kind, rows::Rows};

/// Returns the query of this text that writes the rows.
pub(super) fn query(
    text: &str,
    several: Vec<Rows>,
    prepare: bool,
) -> Result<Query<'_, Postgres, PgArguments>, sqlx::Error> {
    let mut query = sqlx::query(AssertSqlSafe(text)).persistent(prepare);
    for Rows { kinds, mut values, .. } in several {
        query = bind(query, &kinds, &mut values)?;
    }
    Ok(query)
}

fn bind<'q>(
    mut query: Query<'q, Postgres, PgArguments>,
    kinds: &[Kind],
    rows: &mut [Vec<Value>],
) -> Result<Query<'q, Postgres, PgArguments>, sqlx::Error> {
    for (place, kind) in kinds.iter().enumerate() {
        query = match kind {
            Kind::Boolean => query.bind(column::<bool>(rows, place)?),
            Kind::Integer => query.bind(column::<i32>(rows, place)?),
            Kind::LongInteger => query.bind(column::<i64>(rows, place)?),
            Kind::Double => query.bind(column::<f64>(rows, place)?),
            Kind::Text => query.bind(column::<String>(rows, place)?),
            Kind::Bytes => query.bind(column::<Vec<u8>>(rows, place)?),
            Kind::Id => query.bind(column::<Uuid>(rows, place)?),
        };
    }
    Ok(query)
}

/// Takes the values at one place out of all rows. Where none has a value the list is empty: `unnest` fills lists up to
/// the longest, which the primary key has, and so the server has less to read.
fn column<T>(rows: &mut [Vec<Value>], place: usize) -> Result<Vec<Option<T>>, sqlx::Error>
where
    Option<T>: sea_orm::sea_query::ValueType,
{
    let take = |row: &mut Vec<Value>| {
        let value = row.get_mut(place).map(|value| std::mem::replace(value, Value::Bool(None)));
        let value =
            value.and_then(|value| <Option<T> as sea_orm::sea_query::ValueType>::try_from(value).ok());
        value.ok_or_else(|| sqlx::Error::Encode("a value has another type than its column".into()))
    };
    let values: Vec<Option<T>> = rows.iter_mut().map(take).collect::<Result<_, _>>()?;
    Ok(if values.iter().any(Option::is_some) { values } else { Vec::new() })
}
