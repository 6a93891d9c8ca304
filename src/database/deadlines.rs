//! Deadlines of requests, and the end of reads that miss them.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{
    Database,
    job::{Job, WriteError},
};
use crate::error::DatabaseError;

/// Maximum time of a read for which no request has a deadline.
pub(super) const MAX_READ_TIME: Duration = Duration::from_secs(15);

/// Maximum time for a write for which no request has a deadline.
const MAX_WRITE_TIME: Duration = Duration::from_secs(15);

/// The times by which a request's reads and writes must be done.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// A read that is under way then is given up, and none is begun any more.
    pub reads: Instant,
    /// A write that has not begun by then never will; of one that has, the outcome is unknown.
    pub writes: Instant,
}

impl Database {
    /// Returns the same store, for a request that has to be answered in time.
    #[must_use]
    pub fn with_deadlines(&self, deadlines: Deadlines) -> Self {
        Self { inner: self.inner.clone(), deadlines: Some(deadlines) }
    }

    /// Returns the same store, for work that goes on when its request has been answered.
    #[must_use]
    pub fn without_deadline(&self) -> Self {
        Self { inner: self.inner.clone(), deadlines: None }
    }

    /// Returns the time by which a write that begins now must be done.
    #[must_use]
    pub fn write_deadline(&self) -> Instant {
        self.deadlines.map_or_else(|| Instant::now() + MAX_WRITE_TIME, |deadlines| deadlines.writes)
    }

    /// Writes as an organization, by [`Self::write_deadline`].
    ///
    /// # Errors
    /// As [`Writer::write`](super::Writer::write).
    pub async fn write<J: Job>(&self, org_id: uuid::Uuid, job: J) -> Result<J::Answer, WriteError> {
        // Boxed, or each of the futures around it would have room for the job twice.
        Box::pin(self.writer().write(org_id, job, self.write_deadline())).await
    }
}

/// Reads until the deadline, or without one for [`MAX_READ_TIME`].
pub(super) async fn in_time<T>(
    deadline: Option<Instant>,
    during: &'static str,
    read: impl Future<Output = Result<T, DatabaseError>>,
) -> Result<T, DatabaseError> {
    let now = Instant::now();
    match deadline.unwrap_or(now + MAX_READ_TIME) {
        // A timeout would still begin the read, though its time is up.
        passed if passed <= now => Err(DatabaseError::timeout(during)),
        deadline => timeout_at(deadline, read).await.unwrap_or_else(|_| Err(DatabaseError::timeout(during))),
    }
}
