//! The share of the store that a request may take: its time, one reader, and its organization's points.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Mutex, time::Instant};
use uuid::Uuid;

use super::{
    Database,
    job::{Job, WriteError},
};

/// Maximum time of a read for which no request has a deadline.
pub(super) const MAX_READ_TIME: Duration = Duration::from_secs(15);

/// Maximum time for a write for which no request has a deadline.
const MAX_WRITE_TIME: Duration = Duration::from_secs(15);

/// Processor time that the statements of a request have for nothing beyond its static cost.
const FREE_PROCESSOR_TIME: Duration = Duration::from_millis(5);

/// The times by which a request's reads and writes must be done.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// A read that is under way then is ended, and none is begun any more.
    pub reads: Instant,
    /// A write that has not begun by then never will; of one that has, the outcome is unknown.
    pub writes: Instant,
}

/// The account of an organization.
pub trait Account: Send + Sync {
    /// Takes points for time that has been spent, also if there are not as many.
    fn charge(&self, points: u64);

    /// Returns the time after which there are points again; `None` if there are some now.
    fn exhausted(&self) -> Option<Duration>;
}

/// The share of the store that a request may take.
pub(super) struct RequestShare {
    pub(super) deadlines: Deadlines,
    /// Held by the statement of the request that has a reader, or waits for one.
    pub(super) reader: Mutex<()>,
    /// True once the request has written: its other reads answer that.
    written: AtomicBool,
    /// Nanoseconds of processor time that are still free.
    free: AtomicU64,
    account: Option<Arc<dyn Account>>,
}

impl fmt::Debug for RequestShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestShare").field("deadlines", &self.deadlines).finish_non_exhaustive()
    }
}

impl RequestShare {
    fn new(deadlines: Deadlines, account: Option<Arc<dyn Account>>) -> Self {
        let free = AtomicU64::new(nanos(FREE_PROCESSOR_TIME));
        Self { deadlines, reader: Mutex::default(), written: AtomicBool::new(false), free, account }
    }

    pub(super) fn has_written(&self) -> bool {
        self.written.load(Ordering::Relaxed)
    }

    /// Returns the time after which the organization has points again; `None` if it has some.
    pub(super) fn exhausted(&self) -> Option<Duration> {
        self.account.as_ref()?.exhausted()
    }

    /// Charges time that was spent, a point for each microsecond.
    pub(super) fn charge(&self, spent: Duration) {
        let Some(account) = self.account.as_ref().filter(|_| !spent.is_zero()) else {
            return;
        };
        let spent = nanos(spent);
        let free = self
            .free
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| Some(free.saturating_sub(spent)));
        let points = spent.saturating_sub(free.unwrap_or_default()) / 1_000;
        if points > 0 {
            account.charge(points);
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns the time by which the reads of a request must be done.
pub(super) fn deadline_of(request: Option<&RequestShare>) -> Instant {
    request.map_or_else(|| Instant::now() + MAX_READ_TIME, |request| request.deadlines.reads)
}

impl Database {
    /// Returns the same store, for a request that has to be answered in time.
    #[must_use]
    pub fn with_deadlines(&self, deadlines: Deadlines) -> Self {
        self.for_request(RequestShare::new(deadlines, None))
    }

    /// Returns the same store, for a request that has to be answered in time, and is charged for the time that
    /// its statements take.
    #[must_use]
    pub fn charged_to(&self, account: Arc<dyn Account>, deadlines: Deadlines) -> Self {
        self.for_request(RequestShare::new(deadlines, Some(account)))
    }

    fn for_request(&self, request: RequestShare) -> Self {
        Self { inner: self.inner.clone(), request: Some(Arc::new(request)) }
    }

    /// Returns the same store, for work that goes on when its request has been answered.
    #[must_use]
    pub fn without_deadline(&self) -> Self {
        Self { inner: self.inner.clone(), request: None }
    }

    /// Returns the time by which a write that begins now must be done.
    #[must_use]
    pub fn write_deadline(&self) -> Instant {
        let request = self.request.as_deref();
        request.map_or_else(|| Instant::now() + MAX_WRITE_TIME, |request| request.deadlines.writes)
    }

    /// Writes as an organization, by [`Self::write_deadline`].
    ///
    /// # Errors
    /// Those of [`Writer::write`](super::Writer::write).
    pub async fn write<J: Job>(&self, org_id: Uuid, job: J) -> Result<J::Answer, WriteError> {
        // Boxed, or each of the futures around it would have room for the job twice.
        let written = Box::pin(self.writer().write(org_id, job, self.write_deadline())).await;
        if let (Ok(_), Some(request)) = (&written, &self.request) {
            request.written.store(true, Ordering::Relaxed);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Spent(AtomicU64);

    impl Account for Spent {
        fn charge(&self, points: u64) {
            self.0.fetch_add(points, Ordering::Relaxed);
        }

        fn exhausted(&self) -> Option<Duration> {
            None
        }
    }

    #[test]
    fn a_request_pays_a_point_for_each_microsecond_beyond_the_first_five_milliseconds() {
        let (now, spent) = (Instant::now(), Arc::new(Spent::default()));
        let request = RequestShare::new(Deadlines { reads: now, writes: now }, Some(spent.clone()));
        let mut charged = Vec::new();
        for millis in [2, 2, 2, 0, 10] {
            request.charge(Duration::from_millis(millis));
            charged.push(spent.0.load(Ordering::Relaxed));
        }
        assert_eq!(charged, [0, 0, 1_000, 1_000, 11_000]);
    }
}
