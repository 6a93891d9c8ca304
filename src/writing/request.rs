//! Commands, and the requests that execute them.

use std::future::Future;

use super::{
    Operation,
    idempotency::{self, Answered, Repeatable, Replay},
};
use crate::{
    access::Caller,
    database::{Database, Job, WriteError},
    organizations::SettingsCache,
};

/// Request to write: database, settings, caller and idempotency key.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Database to write to.
    pub database: &'a Database,
    /// Settings of organizations, as far as they are remembered.
    pub settings: &'a SettingsCache,
    /// Caller, as whose organization it writes.
    pub caller: &'a Caller,
    /// Idempotency key, if the request has one.
    pub repeatable: Option<Repeatable>,
}

impl Request<'_> {
    /// Writes as the caller's organization; once for all requests with the same idempotency key.
    ///
    /// # Errors
    /// See [`Writer::write`](crate::database::Writer::write).
    pub async fn write<J>(&self, job: J) -> Result<Answered<J::Answer>, WriteError>
    where
        J: Job,
        J::Answer: Replay,
    {
        idempotency::write(self.database, self.caller.org_id, job, self.repeatable.clone()).await
    }
}

/// Command that a request can execute.
///
/// Every [`Operation`] is one. A command that is prepared for its caller first, or has something
/// to do afterwards, implements it by itself.
pub trait Execute: Sized {
    /// Answer to its caller.
    type Answer;

    /// Executes it.
    ///
    /// # Errors
    /// It could not be written, or perhaps was: see [`WriteError`].
    fn execute(
        self,
        request: &Request<'_>,
    ) -> impl Future<Output = Result<Answered<Self::Answer>, WriteError>> + Send;
}

impl<O> Execute for O
where
    O: Operation,
    O::Answer: Replay,
{
    type Answer = O::Answer;

    async fn execute(self, request: &Request<'_>) -> Result<Answered<Self::Answer>, WriteError> {
        request.write(self).await
    }
}
