//! A connection as the library sees it, for what it does by itself with entities.

use std::slice;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::{Connection, driver_error};
use crate::database::selected::Selected;

#[async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        self.engine.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let run = async {
            let prepare = self.prepares(&statement.sql);
            self.driver.lock().await.execute(&statement, prepare).await.map_err(driver_error)
        };
        self.reported(slice::from_ref(&statement), run).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let statement = Statement::from_string(self.get_database_backend(), sql);
        let run = async { self.driver.lock().await.execute_unprepared(sql).await.map_err(driver_error) };
        self.reported(slice::from_ref(&statement), run).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        // All of them, or the driver would still be busy with the others when the first is here.
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.read(&statement).await?.into_iter().map(Selected::into_query_result).collect()
    }
}
