//! Admission of requests: how many run at once, in all and for each holder, and who waits for their turn.
//!
//! A request that cannot run at once waits behind those of its holder that came before it, until its
//! deadline. When a place becomes free, the holders that have requests waiting get it in turn, so that one
//! with many does not keep out another with few.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::turns::{Holder, Permit, Shares, Turns};

/// Bounds of the time after which a client is told to try again.
const MIN_RETRY_AFTER: Duration = Duration::from_millis(100);
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// Maximum numbers of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AdmissionLimits {
    /// Maximum number that run at once.
    pub(super) running: usize,
    /// Maximum number that run at once for one holder.
    pub(super) running_per_holder: usize,
    /// Maximum number that wait for one holder.
    pub(super) waiting_per_holder: usize,
}

/// Places for requests that run, and queues before them. Cloning it is cheap; the clones share both.
#[derive(Clone, Debug)]
pub(super) struct Admission<K: Holder> {
    turns: Turns<K>,
    max_waiting: usize,
}

/// Error for a request that cannot be served in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overloaded {
    /// Time in which the requests that wait now are probably done.
    pub(super) retry_after: Duration,
}

impl<K: Holder> Admission<K> {
    pub(super) fn new(limits: AdmissionLimits) -> Self {
        let shares = Shares {
            max: limits.running,
            max_of_holder: limits.running_per_holder,
            max_slow: limits.running,
        };
        Self { turns: Turns::new(shares), max_waiting: limits.waiting_per_holder }
    }

    /// Returns an error if another request of this holder could not even wait.
    pub(super) fn check(&self, holder: K) -> Result<(), Overloaded> {
        if self.turns.has_room(holder, self.max_waiting) { Ok(()) } else { Err(self.overloaded(holder)) }
    }

    /// Waits for the turn of a request. If it is dropped before that, the request leaves its queue.
    ///
    /// # Errors
    /// Too many wait already, or the deadline has come.
    pub(super) async fn acquire(&self, holder: K, deadline: Instant) -> Result<Permit<K>, Overloaded> {
        let Some(mut turn) = self.turns.try_wait(holder, self.max_waiting) else {
            return Err(self.overloaded(holder));
        };
        // Told before it leaves its queue, as one of those that wait.
        timeout_at(deadline, &mut turn).await.map_err(|_| self.overloaded(holder))
    }

    fn overloaded(&self, holder: K) -> Overloaded {
        let retry_after = self.turns.expected_wait(holder);
        Overloaded { retry_after: retry_after.clamp(MIN_RETRY_AFTER, MAX_RETRY_AFTER) }
    }
}

#[cfg(test)]
mod tests;
