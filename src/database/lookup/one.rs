//! One row by its id, by a statement of which only the values differ.

use std::{fmt, sync::OnceLock};

use sea_orm::{ColumnTrait as _, Statement, Values, sea_query::Condition};
use uuid::Uuid;

use super::{Identified, with_columns};
use crate::{
    database::{Read as _, Sink, Tenant},
    error::DatabaseError,
};

/// Select of some columns of one live row, by its id. Its text is built once.
pub struct OneById<E: Identified> {
    columns: Vec<E::Column>,
    text: OnceLock<String>,
}

impl<E: Identified> OneById<E> {
    /// Selects these columns.
    #[must_use]
    pub fn new(columns: Vec<E::Column>) -> Self {
        Self { columns, text: OnceLock::new() }
    }

    /// Reads the row into a sink, which takes the columns in their places.
    ///
    /// # Errors
    /// The database failed, or the sink refused the row.
    pub async fn read_into<S: Sink>(&self, tenant: &Tenant, id: Uuid, sink: S) -> Result<S, DatabaseError> {
        let values = Values(vec![tenant.org_id().into(), id.into()]);
        let db_backend = tenant.engine().backend();
        let statement = match self.text.get() {
            Some(sql) => Statement { sql: sql.clone(), values: Some(values), db_backend },
            None => {
                let live = E::SOFT_DELETE.map(|column| column.is_null());
                let condition = Condition::all().add(E::ID.eq(id)).add_option(live);
                let select = with_columns(tenant.select::<E>().filter(condition), &self.columns);
                let statement = select.build(tenant.engine());
                if statement.values.as_ref() == Some(&values) {
                    drop(self.text.set(statement.sql.clone()));
                }
                statement
            }
        };
        tenant.look_up_into(&statement, 1, sink).await
    }
}

impl<E: Identified> fmt::Debug for OneById<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneById").finish_non_exhaustive()
    }
}
