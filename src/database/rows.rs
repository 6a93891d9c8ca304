//! Rows to write into a table: one statement for all of them.
//!
//! PostgreSQL is given a list of values for each column, and the insertions into several tables as one statement.
//! SQLite's thread runs the statement of a table for each row without being asked anew, which takes it less time than
//! one statement of many rows.

use std::fmt::Write as _;

use entity::Tenanted;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait as _, DbErr, IdenStatic as _, IntoActiveModel, Iterable as _,
    PrimaryKeyToColumn, Value,
};
use uuid::Uuid;

use super::{Engine, kind::Kind, parameters};
use crate::error::{DatabaseError, During as _};

const INSERTING: &str = "inserting rows";

/// Maximum number of rows in a statement for PostgreSQL.
const MAX_ROWS: usize = 1_000;

/// Values of rows, and the statement that writes them.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) text: String,
    /// Types of the values of a row.
    pub(super) kinds: Vec<Kind>,
    /// Values of each row.
    pub(super) values: Vec<Vec<Value>>,
}

impl Rows {
    /// Returns the insertion of rows of an organization.
    pub(super) fn insert<E>(
        engine: Engine,
        org_id: Uuid,
        models: impl IntoIterator<Item = E::Model>,
    ) -> Result<Self, DbErr>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let columns: Vec<E::Column> = E::Column::iter().collect();
        let kinds = kinds::<E>(&columns)?;
        let rows = models.into_iter().map(|model| values::<E>(&columns, org_id, model)).collect();
        let table = E::default();
        let names = list(&columns, |column| quoted(column.as_str()));
        let values = match engine {
            Engine::Sqlite => format!("VALUES ({})", list(&columns, |_| "?".to_owned())),
            Engine::Postgres => format!("SELECT * FROM {}", unnested(&kinds)),
        };
        let text = format!("INSERT INTO {} ({names}) {values}", quoted(table.table_name()));
        Ok(Self { text, kinds, values: rows })
    }

    /// Returns the insertion of rows that take the place of those with the same primary keys.
    pub(super) fn replace<E>(
        engine: Engine,
        org_id: Uuid,
        models: impl IntoIterator<Item = E::Model>,
    ) -> Result<Self, DbErr>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let mut rows = Self::insert::<E>(engine, org_id, models)?;
        let keys = keys::<E>();
        let others: Vec<E::Column> = E::Column::iter().filter(|column| !contains(&keys, *column)).collect();
        let set = list(&others, |column| {
            let name = quoted(column.as_str());
            format!("{name} = excluded.{name}")
        });
        let keys = list(&keys, |column| quoted(column.as_str()));
        rows.text = format!("{} ON CONFLICT ({keys}) DO UPDATE SET {set}", rows.text);
        Ok(rows)
    }

    /// Returns the change of rows from one state to another: of those columns only that differ in any of them, as
    /// the indexes of the others need not be touched. `None` if all are as they were.
    pub(super) fn update<E>(
        engine: Engine,
        org_id: Uuid,
        changes: impl IntoIterator<Item = (E::Model, E::Model)>,
    ) -> Result<Option<Self>, DbErr>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let columns: Vec<E::Column> = E::Column::iter().collect();
        let mut differs = vec![false; columns.len()];
        let mut rows = Vec::new();
        for (old, new) in changes {
            let (old, new) = (values::<E>(&columns, org_id, old), values::<E>(&columns, org_id, new));
            for ((differs, old), new) in differs.iter_mut().zip(&old).zip(&new) {
                *differs |= old != new;
            }
            rows.push(new);
        }
        let keys = keys::<E>();
        let is_key: Vec<bool> = columns.iter().map(|column| contains(&keys, *column)).collect();
        if !differs.contains(&true) {
            return Ok(None);
        }
        // The changed columns first, as SQLite numbers the places of values in the order of the text.
        let changed: Vec<usize> = (0..columns.len()).filter(|at| differs[*at] && !is_key[*at]).collect();
        let places: Vec<usize> =
            changed.iter().copied().chain((0..columns.len()).filter(|at| is_key[*at])).collect();
        for row in &mut rows {
            *row = places.iter().map(|at| std::mem::replace(&mut row[*at], Value::Bool(None))).collect();
        }
        let given: Vec<E::Column> = places.iter().map(|at| columns[*at]).collect();
        let kinds = kinds::<E>(&given)?;
        let (set, key) = given.split_at(changed.len());
        let table = quoted(E::default().table_name());
        let text = match engine {
            Engine::Sqlite => {
                let place = |column: &E::Column| format!("{} = ?", quoted(column.as_str()));
                let key: Vec<String> = key.iter().map(place).collect();
                format!("UPDATE {table} SET {} WHERE {}", list(set, place), key.join(" AND "))
            }
            Engine::Postgres => {
                let given_names = list(&given, |column| quoted(column.as_str()));
                let set = list(set, |column| {
                    let name = quoted(column.as_str());
                    format!("{name} = given.{name}")
                });
                let of_key = |column: &E::Column| {
                    let name = quoted(column.as_str());
                    format!("{table}.{name} = given.{name}")
                };
                let key: Vec<String> = key.iter().map(of_key).collect();
                format!(
                    "UPDATE {table} SET {set} FROM {} AS given ({given_names}) WHERE {}",
                    unnested(&kinds),
                    key.join(" AND ")
                )
            }
        };
        Ok(Some(Self { text, kinds, values: rows }))
    }

    /// Returns the statement for PostgreSQL that writes all of these, which depend on no order.
    pub(super) fn joined(several: &[Self]) -> String {
        let mut first_place = 0;
        let mut parts = Vec::with_capacity(several.len());
        for rows in several {
            let part = parameters::rewritten(&rows.text, |text, number| {
                let place: usize = number.parse().unwrap_or_default();
                write!(text, "${}", first_place + place)
            });
            first_place += rows.kinds.len();
            parts.push(part);
        }
        let last = parts.pop().unwrap_or_default();
        if parts.is_empty() {
            return last;
        }
        let others = parts.iter().enumerate().map(|(at, part)| format!("part_{at} AS ({part})"));
        format!("WITH {} {last}", others.collect::<Vec<_>>().join(", "))
    }

    /// Returns the same in parts of at most so many rows as one statement takes.
    pub(super) fn parts(mut self) -> Vec<Self> {
        let mut parts = Vec::new();
        while self.values.len() > MAX_ROWS {
            let rest = self.values.split_off(MAX_ROWS);
            parts.push(Self { text: self.text.clone(), kinds: self.kinds.clone(), values: self.values });
            self.values = rest;
        }
        parts.push(self);
        parts
    }
}

/// Rows to insert into several tables, which are sent together.
#[derive(Debug)]
pub struct Insertions {
    engine: Engine,
    org_id: Uuid,
    several: Vec<Rows>,
}

impl Insertions {
    pub(super) fn new(engine: Engine, org_id: Uuid) -> Self {
        Self { engine, org_id, several: Vec::new() }
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    pub(super) fn org_id(&self) -> Uuid {
        self.org_id
    }

    /// Adds rows, as rows of this organization.
    ///
    /// # Errors
    /// A fault of ours: a column has a type that no value has.
    pub fn insert<E>(&mut self, models: Vec<E::Model>) -> Result<(), DatabaseError>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        if !models.is_empty() {
            self.add(Rows::insert::<E>(self.engine, self.org_id, models).during(INSERTING)?);
        }
        Ok(())
    }

    /// Adds whole rows that take the place of those with the same primary keys.
    ///
    /// # Errors
    /// A fault of ours: a column has a type that no value has.
    pub fn replace<E>(&mut self, models: Vec<E::Model>) -> Result<(), DatabaseError>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        if !models.is_empty() {
            self.add(Rows::replace::<E>(self.engine, self.org_id, models).during(INSERTING)?);
        }
        Ok(())
    }

    /// Adds rows of another kind.
    pub(super) fn add(&mut self, rows: Rows) {
        self.several.push(rows);
    }

    /// Returns what is sent together, in order.
    pub(super) fn statements(self) -> Vec<Vec<Rows>> {
        if self.several.is_empty() {
            Vec::new()
        } else if self.engine == Engine::Sqlite
            || self.several.iter().all(|rows| rows.values.len() <= MAX_ROWS)
        {
            vec![self.several]
        } else {
            self.several.into_iter().flat_map(Rows::parts).map(|part| vec![part]).collect()
        }
    }
}

/// Columns of the primary key.
fn keys<E: Tenanted>() -> Vec<E::Column> {
    E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect()
}

fn contains<C: sea_orm::IdenStatic>(columns: &[C], column: C) -> bool {
    columns.iter().any(|known| known.as_str() == column.as_str())
}

fn kinds<E: Tenanted>(columns: &[E::Column]) -> Result<Vec<Kind>, DbErr> {
    let kind = |column: &E::Column| {
        let kind = Kind::of_column(column.def().get_column_type());
        kind.ok_or_else(|| DbErr::Type(format!("column {} has a type of no value", column.as_str())))
    };
    columns.iter().map(kind).collect()
}

/// Returns the values of a row, as one of this organization.
fn values<E>(columns: &[E::Column], org_id: Uuid, model: E::Model) -> Vec<Value>
where
    E: Tenanted,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let mut row = model.into_active_model();
    row.set(E::ORG_ID, org_id.into());
    let value = |column: &E::Column| match row.take(*column) {
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value,
        // A model has all its values.
        ActiveValue::NotSet => Value::Bool(None),
    };
    columns.iter().map(value).collect()
}

fn list<C>(columns: &[C], text: impl Fn(&C) -> String) -> String {
    columns.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// Returns the table of the rows whose columns are given as arrays.
fn unnested(kinds: &[Kind]) -> String {
    let arrays = kinds.iter().zip(1..).map(|(kind, place)| format!("${place}::{}", kind.postgres_array()));
    format!("unnest({})", arrays.collect::<Vec<_>>().join(", "))
}
