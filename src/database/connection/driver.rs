//! Statements in the terms of either driver.

use futures_util::TryStreamExt as _;
use sea_orm::{
    ExecResult, Statement, Values,
    sqlx::{
        self, AssertSqlSafe, Connection as _, Database, Executor as _, Postgres, Sqlite,
        postgres::PgConnection, query::Query, query_with, sqlite::SqliteConnection,
    },
};
use sea_query_sqlx::SqlxValues;

use crate::database::{
    selected::Selected,
    sink::{RawRow, Receiver, Sink},
    sqlite,
};

/// A connection as its driver has it.
pub(super) enum Driver {
    Postgres(Box<PgConnection>),
    Sqlite(Box<SqliteConnection>),
    /// Reads only.
    SqliteReader(sqlite::Reader),
}

impl Driver {
    /// Runs a statement whose rows nobody reads. If `prepare` is true, the database keeps its plan.
    pub(super) async fn execute(
        &mut self,
        statement: &Statement,
        prepare: bool,
    ) -> Result<ExecResult, sqlx::Error> {
        match self {
            Self::Postgres(driver) => {
                driver.execute(query::<Postgres>(statement, prepare)).await.map(ExecResult::from)
            }
            Self::Sqlite(driver) => {
                driver.execute(query::<Sqlite>(statement, prepare)).await.map(ExecResult::from)
            }
            Self::SqliteReader(_) => Err(only_reads()),
        }
    }

    /// Runs a statement, and returns its rows. If `prepare` is true, the database keeps its plan.
    pub(super) async fn query(
        &mut self,
        statement: &Statement,
        prepare: bool,
    ) -> Result<Vec<Selected>, sqlx::Error> {
        match self {
            Self::Postgres(driver) => {
                let rows = driver.fetch_all(query::<Postgres>(statement, prepare)).await?;
                Ok(rows.into_iter().map(|row| Selected::Driver(row.into())).collect())
            }
            Self::Sqlite(driver) => {
                let rows = driver.fetch_all(query::<Sqlite>(statement, prepare)).await?;
                Ok(rows.into_iter().map(|row| Selected::Driver(row.into())).collect())
            }
            Self::SqliteReader(reader) => {
                let rows = reader.rows(statement, prepare).await?;
                Ok(rows.into_iter().map(Selected::Sqlite).collect())
            }
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
                    let mut rows = driver.fetch(query::<Postgres>(statement, prepare));
                    while let Some(row) = rows.try_next().await? {
                        if let Some(receiver) = receiver {
                            receiver.take(&RawRow::from(&row));
                        }
                    }
                    receiver.as_mut().map(Receiver::next_statement);
                }
                Ok(())
            }
            // The connection that writes reads little, and nothing of it as an answer.
            Self::Sqlite(_) => Err(sqlx::Error::InvalidArgument("a writer hands no rows on".to_owned())),
            Self::SqliteReader(reader) => reader.rows_into(statements, prepare, receiver).await,
        }
    }

    /// Runs a text without values.
    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, sqlx::Error> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Postgres(driver) => driver.execute(sqlx::raw_sql(sql)).await.map(ExecResult::from),
            Self::Sqlite(driver) => driver.execute(sqlx::raw_sql(sql)).await.map(ExecResult::from),
            Self::SqliteReader(_) => Err(only_reads()),
        }
    }

    /// Asks for a sign of life.
    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(driver) => driver.ping().await,
            Self::Sqlite(driver) => driver.ping().await,
            Self::SqliteReader(reader) => reader.ping().await,
        }
    }

    /// Says farewell.
    pub(super) async fn close(self) {
        match self {
            Self::Postgres(driver) => drop(driver.close().await),
            Self::Sqlite(driver) => drop(driver.close().await),
            Self::SqliteReader(reader) => reader.close().await,
        }
    }
}

fn only_reads() -> sqlx::Error {
    sqlx::Error::InvalidArgument("a connection that reads runs nothing else".to_owned())
}

fn query<DB>(statement: &Statement, prepare: bool) -> Query<'_, DB, SqlxValues>
where
    DB: Database + sqlx::database::HasStatementCache,
    SqlxValues: sqlx::IntoArguments<DB>,
{
    let values = statement.values.clone().unwrap_or_else(|| Values(Vec::new()));
    // The text was made by us: what a client gives is among the values.
    query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values)).persistent(prepare)
}
