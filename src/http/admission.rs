//! Admission of requests: how many run at once, in all and for each holder, and who waits for their turn.
//!
//! A request that cannot run at once waits behind those of its holder that came before it, until its
//! deadline. When a place becomes free, the holders that have requests waiting get it in turn, so that one
//! with many does not keep out another with few.

mod turns;

use std::{
    hash::Hash,
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::{sync::oneshot, time::timeout_at};

use self::turns::{Entry, Turns};

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
#[derive(Debug)]
pub(super) struct Admission<K: Copy + Eq + Hash>(Arc<Mutex<Turns<K>>>);

impl<K: Copy + Eq + Hash> Clone for Admission<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Error for a request that cannot be served in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overloaded {
    /// Time in which the requests that wait now are probably done.
    pub(super) retry_after: Duration,
}

/// A place of a request that runs. It is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Place<K: Copy + Eq + Hash> {
    admission: Admission<K>,
    holder: K,
    since: Instant,
}

impl<K: Copy + Eq + Hash> Admission<K> {
    pub(super) fn new(limits: AdmissionLimits) -> Self {
        Self(Arc::new(Mutex::new(Turns::new(limits))))
    }

    /// Returns an error if another request of this holder could not even wait.
    pub(super) fn check(&self, holder: K) -> Result<(), Overloaded> {
        let turns = self.0.lock();
        if turns.has_room(holder) { Ok(()) } else { Err(overloaded(&turns, holder)) }
    }

    /// Waits for the turn of a request. If it is dropped before that, the request leaves its queue.
    ///
    /// # Errors
    /// Too many wait already, or the deadline has come.
    pub(super) async fn acquire(
        &self,
        holder: K,
        deadline: tokio::time::Instant,
    ) -> Result<Place<K>, Overloaded> {
        let (granted, turn) = oneshot::channel();
        let number = {
            let mut turns = self.0.lock();
            match turns.enter(holder, granted) {
                Entry::Running => None,
                Entry::Waiting(number) => Some(number),
                Entry::Refused => return Err(overloaded(&turns, holder)),
            }
        };
        if let Some(number) = number {
            let waiting = Waiting { admission: self, holder, number };
            if !matches!(timeout_at(deadline, turn).await, Ok(Ok(()))) {
                // Told before it leaves, as one of those that wait.
                let error = overloaded(&self.0.lock(), holder);
                drop(waiting);
                return Err(error);
            }
            // The place is the request's now.
            mem::forget(waiting);
        }
        Ok(Place { admission: self.clone(), holder, since: Instant::now() })
    }
}

fn overloaded<K: Copy + Eq + Hash>(turns: &Turns<K>, holder: K) -> Overloaded {
    Overloaded { retry_after: turns.wait(holder).clamp(MIN_RETRY_AFTER, MAX_RETRY_AFTER) }
}

/// A request in its queue. If it is dropped, it leaves the queue, or gives the place back that it has just
/// been given.
struct Waiting<'a, K: Copy + Eq + Hash> {
    admission: &'a Admission<K>,
    holder: K,
    number: u64,
}

impl<K: Copy + Eq + Hash> Drop for Waiting<'_, K> {
    fn drop(&mut self) {
        self.admission.0.lock().withdraw(self.holder, self.number);
    }
}

impl<K: Copy + Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        self.admission.0.lock().leave(self.holder, Some(self.since.elapsed()));
    }
}

#[cfg(test)]
mod tests;
