//! Reading as one organization.

use std::future::Future;

use entity::Tenanted;
use sea_orm::{
    ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Condition, SelectStatement},
};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Engine,
    deadlines::in_time,
    pool::Pool,
    scope::{Row, Scoped},
};
use crate::error::{DatabaseError, During as _};

const READING_ROWS: &str = "reading rows";
const READING_A_LIST: &str = "reading a list";

/// Reads of one organization's rows: outside a transaction ([`Tenant`]), or within one
/// ([`WriteTx`](super::WriteTx)).
pub trait Read: Send + Sync {
    /// Organization whose rows are read.
    fn org_id(&self) -> Uuid;

    /// Engine that keeps them.
    fn engine(&self) -> Engine;

    /// Returns the rows of an entity that satisfy a condition, in no promised order.
    ///
    /// # Errors
    /// The database failed.
    fn find<E: Tenanted>(
        &self,
        condition: Condition,
    ) -> impl Future<Output = Result<Vec<E::Model>, DatabaseError>> + Send;

    /// Starts a select over the rows of an entity.
    fn select<E: Tenanted>(&self) -> Scoped<E> {
        Scoped::new(self.org_id())
    }

    /// Runs a select.
    ///
    /// # Errors
    /// The database failed.
    fn rows<E: Tenanted>(
        &self,
        select: Scoped<E>,
    ) -> impl Future<Output = Result<Vec<Row<E>>, DatabaseError>> + Send;
}

/// Reads as one organization; its rows are the only ones it can see.
#[derive(Clone, Debug)]
pub struct Tenant {
    pool: Pool,
    org_id: Uuid,
    deadline: Option<Instant>,
}

impl Tenant {
    pub(super) fn new(pool: Pool, org_id: Uuid, deadline: Option<Instant>) -> Self {
        Self { pool, org_id, deadline }
    }
}

impl Read for Tenant {
    fn org_id(&self) -> Uuid {
        self.org_id
    }

    fn engine(&self) -> Engine {
        self.pool.engine()
    }

    async fn find<E: Tenanted>(&self, condition: Condition) -> Result<Vec<E::Model>, DatabaseError> {
        let find = |connection| {
            let condition = condition.clone();
            async move { find::<E>(&connection, self.org_id, condition).await }
        };
        let found = in_time(self.deadline, READING_ROWS, self.pool.on_a_live_connection(find));
        // Each field of a page is a future that holds the largest that any field may wait for.
        Box::pin(found).await
    }

    async fn rows<E: Tenanted>(&self, select: Scoped<E>) -> Result<Vec<Row<E>>, DatabaseError> {
        let select = select.into_statement();
        let rows = |connection| {
            let select = &select;
            async move { rows(&connection, select).await }
        };
        Box::pin(in_time(self.deadline, READING_A_LIST, self.pool.on_a_live_connection(rows))).await
    }
}

#[expect(clippy::disallowed_methods, reason = "the organization is added here")]
pub(super) async fn find<E: Tenanted>(
    connection: &impl ConnectionTrait,
    org_id: Uuid,
    condition: Condition,
) -> Result<Vec<E::Model>, DatabaseError> {
    use sea_orm::ColumnTrait as _;
    <E as EntityTrait>::find()
        .filter(E::ORG_ID.eq(org_id))
        .filter(condition)
        .all(connection)
        .await
        .during(READING_ROWS)
}

pub(super) async fn rows<E: Tenanted>(
    connection: &impl ConnectionTrait,
    select: &SelectStatement,
) -> Result<Vec<Row<E>>, DatabaseError> {
    let rows = connection.query_all(select).await.during(READING_A_LIST)?;
    Ok(rows.into_iter().map(Row::selected).collect())
}
