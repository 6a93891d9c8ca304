//! Selects that come again with other values.

use entity::Tenanted;
use sea_orm::{Statement, Value, Values};
use uuid::Uuid;

use super::Scoped;
use crate::database::Engine;

/// Text of a select, and the places of the values that differ from one time to the next.
#[derive(Debug)]
pub struct Template {
    engine: Engine,
    sql: String,
    values: Box<[Place]>,
    is_bounded: bool,
}

/// Value in a place of a template.
#[derive(Debug)]
enum Place {
    Organization,
    /// One of those that are given each time, by its index.
    Given(usize),
    Same(Value),
}

impl<E: Tenanted> Scoped<E> {
    /// Returns the template of the selects that differ from this one in the given values, and the organization.
    /// `None` if two of them are equal here, so that nothing tells them apart.
    #[must_use]
    pub fn template(self, engine: Engine, given: &[Option<Value>]) -> Option<Template> {
        let organization = Value::from(self.org_id());
        let index = |value: &Value| given.iter().position(|given| given.as_ref() == Some(value));
        let are_distinct = given.iter().enumerate().all(|(at, given)| match given {
            Some(given) => *given != organization && index(given) == Some(at),
            None => true,
        });
        if !are_distinct {
            return None;
        }
        let is_bounded = self.is_bounded();
        let Statement { sql, values, .. } = self.build(engine);
        let place = |value| match index(&value) {
            Some(index) => Place::Given(index),
            None if value == organization => Place::Organization,
            None => Place::Same(value),
        };
        let values = values.into_iter().flat_map(|Values(values)| values).map(place).collect();
        Some(Template { engine, sql, values, is_bounded })
    }
}

impl Template {
    /// Engine for which the text is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Returns true if it finds few rows by an index, whatever the values.
    pub(in crate::database) fn is_bounded(&self) -> bool {
        self.is_bounded
    }

    /// Returns the statement for an organization, with the given values.
    pub(in crate::database) fn statement(&self, org_id: Uuid, given: &[Option<Value>]) -> Statement {
        // Without a value that should be given, there are too few, and the database refuses the statement.
        let values = self.values.iter().filter_map(|place| match place {
            Place::Organization => Some(org_id.into()),
            Place::Given(index) => given.get(*index).cloned().flatten(),
            Place::Same(value) => Some(value.clone()),
        });
        Statement {
            sql: self.sql.clone(),
            values: Some(Values(values.collect())),
            db_backend: self.engine.backend(),
        }
    }

    /// Returns true if a select would be built as the same statement.
    #[must_use]
    pub fn is_of<E: Tenanted>(&self, select: Scoped<E>, given: &[Option<Value>]) -> bool {
        self.statement(select.org_id(), given) == select.build(self.engine)
    }
}
