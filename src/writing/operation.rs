//! Operations: writes that a batch runs one after the other.

use std::future::Future;

use crate::{
    database::{Job, Outcome, WriteTx},
    error::DatabaseError,
};

/// Write that needs nothing of the others in its batch.
///
/// Every operation is a [`Job`]. A job that looks things up for a whole batch at once implements
/// [`Job`] itself.
pub trait Operation: Send + Sync + Sized + 'static {
    /// Answer to its caller, once it is committed.
    type Answer: Send + 'static;

    /// Maximum number of contacts that it changes, as [`Job::rows`].
    fn rows(&self) -> u32 {
        1
    }

    /// Runs it within a transaction. It may be run again, in another one.
    ///
    /// # Errors
    /// A statement failed.
    fn run_one(
        &self,
        tx: &WriteTx<'_>,
    ) -> impl Future<Output = Result<Outcome<Self::Answer>, DatabaseError>> + Send;
}

impl<O: Operation> Job for O {
    type Answer = O::Answer;

    fn rows(&self) -> u32 {
        Operation::rows(self)
    }

    async fn run(tx: &WriteTx<'_>, jobs: &[&Self]) -> Result<Vec<Outcome<Self::Answer>>, DatabaseError> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        // In their order: each must see what those before it have written.
        for job in jobs {
            outcomes.push(job.run_one(tx).await?);
        }
        Ok(outcomes)
    }
}
