//! The transaction of a job: one organization's rows, and a place in its order of changes.

use std::sync::atomic::{AtomicI64, Ordering};

use entity::{Tenanted, change_clock};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, IdenStatic, IntoActiveModel, IntoSimpleExpr as _,
    Iterable, PrimaryKeyToColumn, Statement,
    sea_query::{Condition, Expr, OnConflict, Query},
};
use uuid::Uuid;

use super::{
    Engine,
    connection::Connection,
    scope::{Row, Scoped, any_of},
    tenant::{self, Read},
};
use crate::{
    clock::now_ms,
    error::{DatabaseError, During as _},
};

/// The organization's clock as this transaction found it, having moved it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The time of every change in this transaction.
    pub at: i64,
    /// Number of the settings (policy, pipelines, teams) that are in force.
    pub settings_seq: i64,
    pub(super) last_seq: i64,
}

/// The time of a change, and its place among all changes of its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// UTC milliseconds.
    pub at: i64,
    /// Its place in the order of changes.
    pub seq: i64,
}

/// A transaction over one organization's rows that holds its change clock.
#[derive(Debug)]
pub struct WriteTx<'a> {
    /// Connection within the transaction.
    connection: &'a Connection,
    org_id: Uuid,
    clock: Clock,
    next_seq: AtomicI64,
    /// Number of times that this transaction has changed the settings.
    settings_moves: AtomicI64,
}

impl<'a> WriteTx<'a> {
    /// Takes the clock, for at most `rows` stamps; waits for a transaction that has it. With 0 rows the clock stays
    /// as it is, and no stamp is given.
    pub(super) async fn begin(
        connection: &'a Connection,
        org_id: Uuid,
        rows: u32,
    ) -> Result<Self, DatabaseError> {
        const DURING: &str = "taking the change clock";
        if rows == 0 {
            return Ok(Self::unclocked(connection, org_id));
        }
        // The clock never goes back, though the wall clock may: pollers ask for changes since a time. The
        // update also locks the row, so that changes are committed in the order of their numbers.
        let sql = match connection.engine() {
            Engine::Sqlite => {
                "UPDATE change_clock SET change_seq = change_seq + ?, change_at = max(?, change_at) \
                 WHERE org_id = ? RETURNING change_seq, change_at, settings_seq"
            }
            Engine::Postgres => {
                "UPDATE change_clock SET change_seq = change_seq + $1, change_at = greatest($2, change_at) \
                 WHERE org_id = $3 RETURNING change_seq, change_at, settings_seq"
            }
        };
        let values = [i64::from(rows).into(), now_ms().into(), org_id.into()];
        let row = connection
            .query_one_raw(Statement::from_sql_and_values(connection.get_database_backend(), sql, values))
            .await
            .during(DURING)?
            .ok_or_else(|| DatabaseError::internal(DURING, "the organization has none"))?;
        let clock = Clock {
            at: row.try_get("", "change_at").during(DURING)?,
            settings_seq: row.try_get("", "settings_seq").during(DURING)?,
            last_seq: row.try_get("", "change_seq").during(DURING)?,
        };
        Ok(Self {
            connection,
            org_id,
            clock,
            // The clock was moved on by `rows` at once: its last number is the last stamp of this transaction.
            next_seq: AtomicI64::new(clock.last_seq - i64::from(rows) + 1),
            settings_moves: AtomicI64::new(0),
        })
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection
    }

    fn unclocked(connection: &'a Connection, org_id: Uuid) -> Self {
        Self {
            connection,
            org_id,
            clock: Clock { at: now_ms(), settings_seq: 0, last_seq: 0 },
            next_seq: AtomicI64::new(1),
            settings_moves: AtomicI64::new(0),
        }
    }

    /// Returns the clock, as this transaction has set it.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let moves = self.settings_moves.load(Ordering::Relaxed);
        Clock { settings_seq: self.clock.settings_seq + moves, ..self.clock }
    }

    /// Notes that this transaction changes the policy, pipelines or teams: a job that was prepared with
    /// those in force until now is prepared again, also later in this transaction.
    ///
    /// # Errors
    /// The database failed.
    pub async fn settings_changed(&self) -> Result<(), DatabaseError> {
        use change_clock::Column::SettingsSeq;
        use sea_orm::sea_query::ExprTrait as _;
        let next = SettingsSeq.into_simple_expr().add(1);
        self.update::<change_clock::Entity>(Condition::all(), vec![(SettingsSeq, next)]).await?;
        self.settings_moves.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Returns true if the settings are this transaction's own, and may still be rolled back.
    #[must_use]
    pub fn has_changed_settings(&self) -> bool {
        self.settings_moves.load(Ordering::Relaxed) > 0
    }

    /// Returns the stamp of the next changed contact.
    ///
    /// # Errors
    /// More stamps were asked for than the batch's jobs had announced: a fault of ours.
    pub fn stamp(&self) -> Result<Stamp, DatabaseError> {
        let seq = self.next_seq.fetch_add(1, Ordering::Relaxed);
        if seq > self.clock.last_seq {
            return Err(DatabaseError::internal("stamping a change", "more changes than announced"));
        }
        Ok(Stamp { at: self.clock.at, seq })
    }

    /// Inserts rows, as rows of this organization.
    ///
    /// The statements have one of a few texts each: the rows go in groups of powers of two, so
    /// that what was prepared once serves again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn insert<E>(&self, models: Vec<E::Model>) -> Result<(), DatabaseError>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: Send,
    {
        self.insert_groups::<E>(models, None).await
    }

    /// Writes whole rows in the place of those with the same primary keys.
    ///
    /// # Errors
    /// The database failed.
    pub async fn replace<E>(&self, models: Vec<E::Model>) -> Result<(), DatabaseError>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: Send,
    {
        let keys = || <E::PrimaryKey as Iterable>::iter().map(PrimaryKeyToColumn::into_column);
        let is_key = |column: &E::Column| keys().any(|key| key.as_str() == column.as_str());
        let others = || <E::Column as Iterable>::iter().filter(|column| !is_key(column));
        let in_place = OnConflict::columns(keys()).update_columns(others()).to_owned();
        self.insert_groups::<E>(models, Some(&in_place)).await
    }

    /// Deletes the rows of which a column has one of these values.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_of<E: Tenanted>(
        &self,
        column: E::Column,
        values: &[Uuid],
    ) -> Result<(), DatabaseError> {
        for values in values.chunks(256) {
            self.delete::<E>(Condition::all().add(any_of(column, values.iter().copied()))).await?;
        }
        Ok(())
    }

    /// Deletes the rows that satisfy a condition.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete<E: Tenanted>(&self, condition: Condition) -> Result<(), DatabaseError> {
        let mut delete = Query::delete();
        delete
            .from_table(E::default().table_ref())
            .and_where(E::ORG_ID.eq(self.org_id))
            .cond_where(condition);
        self.connection.execute(&delete).await.map(drop).during("deleting rows")
    }

    async fn insert_groups<E>(
        &self,
        models: Vec<E::Model>,
        on_conflict: Option<&OnConflict>,
    ) -> Result<(), DatabaseError>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: Send,
    {
        let largest = largest_group(<E::Column as Iterable>::iter().count());
        let mut rows = models.into_iter().map(|model| {
            let mut row = model.into_active_model().reset_all();
            row.set(E::ORG_ID, self.org_id.into());
            row
        });
        while rows.len() > 0 {
            // The largest power of two that is not more than what is left.
            let group = largest.min(1 << rows.len().ilog2());
            let mut insert = E::insert_many(rows.by_ref().take(group));
            if let Some(on_conflict) = on_conflict {
                insert = insert.on_conflict(on_conflict.clone());
            }
            insert.exec_without_returning(self.connection).await.during("inserting rows")?;
        }
        Ok(())
    }

    /// Sets columns in the rows that satisfy a condition, and returns their number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn update<E: Tenanted>(
        &self,
        condition: Condition,
        set: Vec<(E::Column, Expr)>,
    ) -> Result<u64, DatabaseError> {
        let mut update = Query::update();
        update.table(E::default().table_ref()).and_where(E::ORG_ID.eq(self.org_id)).cond_where(condition);
        for (column, value) in set {
            update.value(column, value);
        }
        self.connection.execute(&update).await.map(|done| done.rows_affected()).during("updating rows")
    }
}

/// Returns the maximum number of rows in a statement. SQLite takes 32,766 values in one, PostgreSQL
/// 65,535.
fn largest_group(columns: usize) -> usize {
    // Rounded down to a power of two, as the statements have one of a few texts each.
    let rows = 32_766 / columns.max(1);
    (1 << rows.ilog2()).min(128)
}

impl Read for WriteTx<'_> {
    fn org_id(&self) -> Uuid {
        self.org_id
    }

    fn engine(&self) -> Engine {
        self.connection.engine()
    }

    async fn find<E: Tenanted>(&self, condition: Condition) -> Result<Vec<E::Model>, DatabaseError> {
        let statement = tenant::find::<E>(self.org_id, condition, self.engine().backend());
        tenant::models::<E>(&self.connection.read(&statement).await.during("reading rows")?)
    }

    async fn rows<E: Tenanted>(&self, select: Scoped<E>) -> Result<Vec<Row<E>>, DatabaseError> {
        let statement = select.build(self.engine());
        let rows = self.connection.read(&statement).await.during("reading a list")?;
        Ok(rows.into_iter().map(Row::selected).collect())
    }
}
