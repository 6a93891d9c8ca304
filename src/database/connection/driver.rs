//! Statements in the terms of either driver.

use futures_util::TryStreamExt as _;
use sea_orm::{
    ExecResult, QueryResult, Statement, Values,
    sqlx::{self, AssertSqlSafe, Database, Executor as _, Postgres, Sqlite, query::Query, query_with},
};
use sea_query_sqlx::SqlxValues;

use super::Driver;
use crate::database::sink::{RawRow, Receiver, Sink};

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
        }
    }

    /// Runs a statement, and returns its rows. If `prepare` is true, the database keeps its plan.
    pub(super) async fn query(
        &mut self,
        statement: &Statement,
        prepare: bool,
    ) -> Result<Vec<QueryResult>, sqlx::Error> {
        match self {
            Self::Postgres(driver) => {
                let rows = driver.fetch_all(query::<Postgres>(statement, prepare)).await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
            Self::Sqlite(driver) => {
                let rows = driver.fetch_all(query::<Sqlite>(statement, prepare)).await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
        }
    }

    /// Runs a statement, and hands its rows on.
    pub(super) async fn query_into(
        &mut self,
        statement: &Statement,
        prepare: bool,
        receiver: &mut Receiver<impl Sink>,
    ) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(driver) => {
                let mut rows = driver.fetch(query::<Postgres>(statement, prepare));
                while let Some(row) = rows.try_next().await? {
                    receiver.take(&RawRow::from(&row));
                }
            }
            Self::Sqlite(driver) => {
                let mut rows = driver.fetch(query::<Sqlite>(statement, prepare));
                while let Some(row) = rows.try_next().await? {
                    receiver.take(&RawRow::from(&row));
                }
            }
        }
        Ok(())
    }

    /// Runs a text without values.
    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, sqlx::Error> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Postgres(driver) => driver.execute(sqlx::raw_sql(sql)).await.map(ExecResult::from),
            Self::Sqlite(driver) => driver.execute(sqlx::raw_sql(sql)).await.map(ExecResult::from),
        }
    }
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
