//! Statements in the terms of either driver.

use futures_util::TryStreamExt as _;
use sea_orm::{
    Statement, Values,
    sqlx::{
        self, AssertSqlSafe, Connection as _, Executor as _, Postgres,
        postgres::{PgConnection, PgRow},
        query::Query,
        query_with,
    },
};
use sea_query_sqlx::SqlxValues;

use super::arrays;
use crate::database::{
    rows::Rows,
    selected::Selected,
    sink::{RawRow, Receiver, Sink},
    sqlite,
};

/// Beginning of a transaction that writes: under REPEATABLE READ a snapshot would be older than the clock that it
/// waits for.
const POSTGRES_BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A connection as its driver has it.
pub(super) enum Driver {
    Postgres(Box<PgConnection>),
    Sqlite(sqlite::Worker),
}

impl Driver {
    /// Runs a statement whose rows nobody reads, and returns the number of rows that it has written. If `prepare` is
    /// true, the database keeps its plan.
    pub(super) async fn execute(&mut self, statement: &Statement, prepare: bool) -> Result<u64, sqlx::Error> {
        match self {
            Self::Postgres(driver) => {
                driver.execute(query(statement, prepare)).await.map(|done| done.rows_affected())
            }
            Self::Sqlite(worker) => worker.execute(statement, prepare).await,
        }
    }

    /// Writes rows by one statement of this text. If `prepare` is true, the database keeps its plan.
    pub(super) async fn write(
        &mut self,
        text: &str,
        several: Vec<Rows>,
        prepare: bool,
    ) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(driver) => driver.execute(arrays::query(text, several, prepare)?).await.map(drop),
            Self::Sqlite(worker) => worker.write(several).await,
        }
    }

    /// Runs a statement, and returns its rows. If `prepare` is true, the database keeps its plan.
    pub(super) async fn query(
        &mut self,
        statement: &Statement,
        prepare: bool,
    ) -> Result<Vec<Selected>, sqlx::Error> {
        match self {
            Self::Postgres(driver) => driver.fetch_all(query(statement, prepare)).await.map(of_driver),
            Self::Sqlite(worker) => worker.rows(statement, prepare).await.map(of_sqlite),
        }
    }

    /// Runs statements, one after the other, and hands their rows to the receiver, if it is not lost.
    pub(super) async fn query_into(
        &mut self,
        statements: &[Statement],
        prepare: bool,
        receiver: &mut Option<Receiver<impl Sink>>,
    ) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(driver) => {
                for statement in statements {
                    let mut rows = driver.fetch(query(statement, prepare));
                    while let Some(row) = rows.try_next().await? {
                        if let Some(receiver) = receiver {
                            receiver.take(&RawRow::from(&row));
                        }
                    }
                    receiver.as_mut().map(Receiver::next_statement);
                }
                Ok(())
            }
            Self::Sqlite(worker) => worker.rows_into(statements, prepare, receiver).await,
        }
    }

    /// Begins a transaction that writes, if need be with a statement of which it returns the rows: in one round trip.
    pub(super) async fn begin(&mut self, first: Option<&Statement>) -> Result<Vec<Selected>, sqlx::Error> {
        match (self, first) {
            (Self::Postgres(driver), Some(first)) => {
                // Only a text without parameters can have several statements. Its values are numbers and ids.
                let text = format!("{POSTGRES_BEGIN}; {first}");
                driver.fetch_all(sqlx::raw_sql(AssertSqlSafe(text))).await.map(of_driver)
            }
            (Self::Postgres(driver), None) => {
                driver.execute(sqlx::raw_sql(POSTGRES_BEGIN)).await.map(|_| Vec::new())
            }
            (Self::Sqlite(worker), Some(first)) => worker.begin(first).await.map(of_sqlite),
            (Self::Sqlite(worker), None) => worker.script(sqlite::BEGIN).await.map(|()| Vec::new()),
        }
    }

    /// Runs a text without values.
    pub(super) async fn script(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(driver) => driver.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(drop),
            Self::Sqlite(worker) => worker.script(sql).await,
        }
    }

    /// Asks for a sign of life.
    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(driver) => driver.ping().await,
            Self::Sqlite(worker) => worker.ping().await,
        }
    }

    /// Says farewell.
    pub(super) async fn close(self) {
        match self {
            Self::Postgres(driver) => drop(driver.close().await),
            Self::Sqlite(worker) => worker.close().await,
        }
    }
}

fn of_driver(rows: Vec<PgRow>) -> Vec<Selected> {
    rows.into_iter().map(|row| Selected::Driver(row.into())).collect()
}

fn of_sqlite(rows: Vec<sqlite::Row>) -> Vec<Selected> {
    rows.into_iter().map(Selected::Sqlite).collect()
}

fn query(statement: &Statement, prepare: bool) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone().unwrap_or_else(|| Values(Vec::new()));
    // The text was made by us: what a client gives is among the values.
    query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values)).persistent(prepare)
}
