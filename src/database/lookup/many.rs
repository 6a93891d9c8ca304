//! Rows by many keys, by statements of which only the values differ.

use std::{fmt, iter, sync::OnceLock};

use entity::Tenanted;
use sea_orm::{Order, Statement, Value, Values, sea_query::ArrayType};
use uuid::Uuid;

use super::{Identified, Owned, live, with_columns};
use crate::{
    database::{Engine, Read as _, Scoped, Sink, Tenant},
    error::DatabaseError,
};

/// Maximum number of keys of a statement whose text is remembered, as a power of two.
const MAX_KEYS_LOG2: usize = 10;

/// Select of live rows by their ids, or by the rows that they belong to. Its text is built once for each number of
/// keys that a text may have.
pub struct ByKeys<E: Tenanted> {
    key: E::Column,
    soft_delete: Option<E::Column>,
    sorted_by: Vec<E::Column>,
    texts: Box<[OnceLock<String>]>,
}

impl<E: Identified> ByKeys<E> {
    /// Selects rows by their ids, in no particular order.
    #[must_use]
    pub fn ids() -> Self {
        Self::new(E::ID, E::SOFT_DELETE, Vec::new())
    }
}

impl<E: Owned> ByKeys<E> {
    /// Selects rows by what they belong to. Those of an owner come together, in order.
    #[must_use]
    pub fn owners() -> Self {
        Self::new(E::OWNER, E::SOFT_DELETE, iter::once(E::OWNER).chain(E::POSITION).collect())
    }
}

impl<E: Tenanted> ByKeys<E> {
    fn new(key: E::Column, soft_delete: Option<E::Column>, sorted_by: Vec<E::Column>) -> Self {
        let texts = (0..=MAX_KEYS_LOG2).map(|_| OnceLock::new()).collect();
        Self { key, soft_delete, sorted_by, texts }
    }

    /// Reads the rows with these keys into a sink, which takes the columns in their places. They must be the same
    /// columns each time.
    ///
    /// # Errors
    /// The database failed, or the sink refused a row.
    pub async fn read_into<S: Sink>(
        &self,
        tenant: &Tenant,
        keys: &[Uuid],
        columns: &[E::Column],
        sink: S,
    ) -> Result<S, DatabaseError> {
        let engine = tenant.engine();
        let build = || self.build(engine, tenant.select(), keys, columns);
        let text = text_place(engine, keys).and_then(|place| self.texts.get(place));
        let statement = match text.and_then(OnceLock::get) {
            Some(sql) => {
                let values = Some(Values(values(engine, tenant.org_id(), keys)));
                let statement = Statement { sql: sql.clone(), values, db_backend: engine.backend() };
                debug_assert_eq!(statement, build(), "the columns have changed");
                statement
            }
            None => {
                let statement = build();
                let values = values(engine, tenant.org_id(), keys);
                if let Some(text) = text.filter(|_| statement.values == Some(Values(values))) {
                    drop(text.set(statement.sql.clone()));
                }
                statement
            }
        };
        tenant.look_up_into(&statement, keys.len(), sink).await
    }

    fn build(&self, engine: Engine, rows: Scoped<E>, keys: &[Uuid], columns: &[E::Column]) -> Statement {
        let rows = rows.filter(live(engine, self.key, keys, self.soft_delete));
        let rows = self.sorted_by.iter().fold(rows, |rows, column| rows.order_by(*column, Order::Asc));
        with_columns(rows, columns).build(engine)
    }
}

/// Returns the place of the text for so many keys; `None` if there is none for them.
fn text_place(engine: Engine, keys: &[Uuid]) -> Option<usize> {
    let log2 = keys.len().checked_next_power_of_two().filter(|_| !keys.is_empty())?.ilog2();
    match engine {
        Engine::Sqlite => usize::try_from(log2).ok(),
        Engine::Postgres => Some(0),
    }
}

/// Returns the values of the statement, in their order.
fn values(engine: Engine, org_id: Uuid, keys: &[Uuid]) -> Vec<Value> {
    let key_values = keys.iter().copied().map(Value::from);
    let organization = iter::once(Value::from(org_id));
    match engine {
        Engine::Sqlite => {
            // Filled up as `any_of` does it.
            let last = keys.last().copied().map(Value::from);
            let more = keys.len().next_power_of_two() - keys.len();
            organization.chain(key_values).chain(last.into_iter().cycle().take(more)).collect()
        }
        Engine::Postgres => {
            let array = Value::Array(ArrayType::Uuid, Some(Box::new(key_values.collect())));
            organization.chain([array]).collect()
        }
    }
}

impl<E: Tenanted> fmt::Debug for ByKeys<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByKeys").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use entity::{company, contact_phone};

    use super::*;

    fn check<E: Tenanted>(rows: &ByKeys<E>, columns: &[E::Column]) {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let mut texts = HashMap::new();
            for count in (1..40).chain([127, 128, 129, 1_000, 1_024]) {
                let org_id = Uuid::now_v7();
                let keys: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
                let built = rows.build(engine, Scoped::new(org_id), &keys, columns);
                assert_eq!(built.values, Some(Values(values(engine, org_id, &keys))));
                let place = text_place(engine, &keys).filter(|place| *place < rows.texts.len());
                let text = texts.entry(place.expect("a place")).or_insert_with(|| built.sql.clone());
                assert_eq!(*text, built.sql);
            }
            assert_eq!(text_place(engine, &[]), None);
        }
    }

    #[test]
    fn keys_that_share_a_text_have_the_same_one_and_these_values() {
        check(&ByKeys::<company::Entity>::ids(), &[company::Column::Id, company::Column::Name]);
        check(&ByKeys::<contact_phone::Entity>::owners(), &[contact_phone::Column::ContactId]);
    }
}
