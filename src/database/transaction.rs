//! The transaction of a job: one organization's rows, and a place in its order of changes.

use std::sync::atomic::{AtomicI64, Ordering};

use entity::{Tenanted, change_clock};
use sea_orm::{
    ColumnTrait as _, IntoActiveModel, IntoSimpleExpr as _, Statement, StatementBuilder,
    sea_query::{Condition, Expr, Query},
};
use uuid::Uuid;

use super::{
    Engine,
    connection::Connection,
    rows::{Insertions, Rows},
    scope::{Row, Scoped, any_of},
    selected::Selected,
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

impl Clock {
    /// Returns the place of the latest change.
    #[must_use]
    pub fn seq(self) -> i64 {
        self.last_seq
    }
}

/// The time of a change, and its place among all changes of its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// UTC milliseconds.
    pub at: i64,
    /// Its place in the order of changes.
    pub seq: i64,
}

pub(super) const TAKING_CLOCK: &str = "taking the change clock";

/// Returns the statement that takes an organization's clock, for at most `rows` stamps; it waits for a transaction
/// that has it. `None` for 0 rows, which leave the clock alone.
pub(super) fn take_clock(engine: Engine, org_id: Uuid, rows: u32) -> Option<Statement> {
    if rows == 0 {
        return None;
    }
    // The clock never goes back, though the wall clock may: pollers ask for changes since a time. The
    // update also locks the row, so that changes are committed in the order of their numbers.
    let sql = match engine {
        Engine::Sqlite => {
            "UPDATE change_clock SET change_seq = change_seq + ?2, change_at = max(?3, change_at) \
             WHERE org_id = ?1 RETURNING change_seq, change_at, settings_seq"
        }
        Engine::Postgres => {
            "UPDATE change_clock SET change_seq = change_seq + $2, change_at = greatest($3, change_at) \
             WHERE org_id = $1 RETURNING change_seq, change_at, settings_seq"
        }
    };
    let values = [org_id.into(), i64::from(rows).into(), now_ms().into()];
    Some(Statement::from_sql_and_values(engine.backend(), sql, values))
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
    /// Makes the transaction of one organization out of that of a batch, given the row of the clock that
    /// [`take_clock`] has moved on, if there are rows. With 0 rows no stamp is given.
    pub(super) fn new(
        connection: &'a Connection,
        org_id: Uuid,
        rows: u32,
        taken: &[Selected],
    ) -> Result<Self, DatabaseError> {
        let clock = if rows == 0 {
            Clock { at: now_ms(), settings_seq: 0, last_seq: 0 }
        } else {
            let row = taken.first();
            let row =
                row.ok_or_else(|| DatabaseError::internal(TAKING_CLOCK, "the organization has none"))?;
            let number = |name| row.get::<i64>(name).during(TAKING_CLOCK);
            Clock {
                at: number("change_at")?,
                settings_seq: number("settings_seq")?,
                last_seq: number("change_seq")?,
            }
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
    /// # Errors
    /// The database failed.
    pub async fn insert<E>(&self, models: Vec<E::Model>) -> Result<(), DatabaseError>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let mut insertions = self.insertions();
        insertions.insert::<E>(models)?;
        self.write(insertions).await
    }

    /// Writes whole rows in the place of those with the same primary keys.
    ///
    /// # Errors
    /// The database failed.
    pub async fn replace<E>(&self, models: Vec<E::Model>) -> Result<(), DatabaseError>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let mut insertions = self.insertions();
        insertions.replace::<E>(models)?;
        self.write(insertions).await
    }

    /// Changes rows, each given as it is and as it is to be.
    ///
    /// # Errors
    /// The database failed.
    pub async fn change<E>(&self, changes: Vec<(E::Model, E::Model)>) -> Result<(), DatabaseError>
    where
        E: Tenanted,
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let rows = Rows::update::<E>(self.engine(), self.org_id, changes).during("changing rows")?;
        for part in rows.into_iter().flat_map(Rows::parts) {
            self.connection.write(vec![part]).await.during("changing rows")?;
        }
        Ok(())
    }

    /// Starts insertions into several tables, which are [written](Self::write) together.
    #[must_use]
    pub fn insertions(&self) -> Insertions {
        Insertions::new(self.engine(), self.org_id)
    }

    /// Writes insertions.
    ///
    /// # Errors
    /// The database failed.
    pub async fn write(&self, insertions: Insertions) -> Result<(), DatabaseError> {
        for together in insertions.statements() {
            self.connection.write(together).await.during("inserting rows")?;
        }
        Ok(())
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
        self.execute(&delete, "deleting rows").await.map(drop)
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
        self.execute(&update, "updating rows").await
    }

    async fn execute(
        &self,
        statement: &impl StatementBuilder,
        during: &'static str,
    ) -> Result<u64, DatabaseError> {
        let statement = self.engine().backend().build(statement);
        self.connection.execute(&statement).await.during(during)
    }
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
