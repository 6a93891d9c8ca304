//! Connections for purposes that share them in order.

use std::sync::Arc;

use sea_orm::Statement;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Deaths, Lease, Pool};
use crate::{
    database::selected::Selected,
    error::{DatabaseError, During as _},
};

/// Connections of which at most so many are lent at once, in the order in which they are asked for.
#[derive(Clone, Debug)]
pub(in crate::database) struct Limited {
    pool: Pool,
    permits: Arc<Semaphore>,
    max: usize,
}

impl Limited {
    pub(in crate::database) fn new(pool: Pool, max: usize) -> Self {
        Self { pool, permits: Arc::new(Semaphore::new(max)), max }
    }

    /// Lends a connection once one is free.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub(in crate::database) async fn lend(&self) -> Result<Lease<OwnedSemaphorePermit>, DatabaseError> {
        let permit = self.permits.clone().acquire_owned().await;
        // The semaphore is never closed.
        let permit = permit.map_err(|_| DatabaseError::unreachable("waiting for a connection"))?;
        self.pool.lend(permit).await
    }

    /// Lends a connection if one is free now; `None` if all are lent.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub(in crate::database) async fn try_lend(
        &self,
    ) -> Result<Option<Lease<OwnedSemaphorePermit>>, DatabaseError> {
        match self.permits.clone().try_acquire_owned() {
            Ok(permit) => self.pool.lend(permit).await.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Reads rows, on the first connection that turns out alive.
    ///
    /// # Errors
    /// The database failed.
    pub(in crate::database) async fn read(
        &self,
        statement: &Statement,
        during: &'static str,
    ) -> Result<Vec<Selected>, DatabaseError> {
        let mut deaths = self.deaths();
        loop {
            match self.lend().await?.read(statement).await.during(during) {
                Err(error) if deaths.explain(&error) => {}
                result => return result,
            }
        }
    }

    pub(in crate::database) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Returns the count of dead connections for something that is run on these.
    pub(in crate::database) fn deaths(&self) -> Deaths {
        Deaths::among(self.max)
    }

    /// Maximum number of connections.
    pub(in crate::database) fn max(&self) -> usize {
        self.max
    }
}
