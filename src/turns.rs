//! Turns of holders at something of which there is little: connections that read, requests that run.
//!
//! Holders take turns, and within one the longest waiting goes first. None has more than its share, whether
//! others wait or not: what is free then is there at once for whoever comes. What takes long goes by a lane
//! of its own, which has a share as well.

mod queues;

use std::{
    fmt,
    future::Future,
    hash::Hash,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use self::queues::Queues;

/// Lane of a holder's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Work that is done soon.
    Fast,
    /// Work that may take long.
    Slow,
}

/// Maximum numbers of permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// Maximum number of permits.
    pub(crate) max: usize,
    /// Maximum number of permits of one holder.
    pub(crate) max_of_holder: usize,
    /// Maximum number of permits for the slow lane.
    pub(crate) max_slow: usize,
}

/// Permits, and queues before them. Cloning it is cheap; the clones share both.
pub(crate) struct Turns<K: Holder>(Arc<Mutex<Queues<K>>>);

/// Holder of permits.
pub(crate) trait Holder: Copy + Eq + Hash {}

impl<K: Copy + Eq + Hash> Holder for K {}

/// Permission to go on, given back when this is dropped.
pub(crate) struct Permit<K: Holder> {
    turns: Turns<K>,
    holder: K,
    lane: Lane,
    since: Instant,
}

/// The wait for a permit. Dropping it leaves the queue.
pub(crate) enum Turn<K: Holder> {
    /// A permit that was free; `None` once it has been taken.
    Granted(Option<Permit<K>>),
    /// A place in a queue.
    Queued(Queued<K>),
}

/// A place in a queue, which is left when this is dropped.
pub(crate) struct Queued<K: Holder> {
    turns: Turns<K>,
    holder: K,
    number: u64,
    granted: oneshot::Receiver<Permit<K>>,
    /// True once it has been granted.
    is_over: bool,
}

impl<K: Holder> Clone for Turns<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Holder> fmt::Debug for Turns<K> {
    /// Leaves the holders out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns").finish_non_exhaustive()
    }
}

impl<K: Holder> fmt::Debug for Permit<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("lane", &self.lane).finish_non_exhaustive()
    }
}

impl<K: Holder> Turns<K> {
    /// Gives out at most so many permits.
    pub(crate) fn new(shares: Shares) -> Self {
        Self(Arc::new(Mutex::new(Queues::new(shares))))
    }

    /// Lets nothing new into the slow lane, or does so again.
    pub(crate) fn close_slow_lane(&self, closed: bool) {
        self.0.lock().close_slow_lane(closed);
        self.grant();
    }

    /// Queues for a permit, unless one is free; `goes_first` before the others of the holder.
    pub(crate) fn wait(&self, holder: K, lane: Lane, goes_first: bool) -> Turn<K> {
        if self.0.lock().take_free(holder, lane) {
            return self.granted(holder, lane);
        }
        let (granted, receiver) = oneshot::channel();
        let number = self.0.lock().enter(holder, lane, goes_first, granted);
        self.queued(holder, number, receiver)
    }

    /// Queues for a permit, unless one is free; `None` if so many of the holder wait already.
    pub(crate) fn try_wait(&self, holder: K, max_waiting: usize) -> Option<Turn<K>> {
        if self.0.lock().take_free(holder, Lane::Fast) {
            return Some(self.granted(holder, Lane::Fast));
        }
        let (granted, receiver) = oneshot::channel();
        let number = {
            let mut queues = self.0.lock();
            if !queues.has_room(holder, max_waiting) {
                return None;
            }
            queues.enter(holder, Lane::Fast, false, granted)
        };
        Some(self.queued(holder, number, receiver))
    }

    fn granted(&self, holder: K, lane: Lane) -> Turn<K> {
        Turn::Granted(Some(Permit { turns: self.clone(), holder, lane, since: Instant::now() }))
    }

    fn queued(&self, holder: K, number: u64, granted: oneshot::Receiver<Permit<K>>) -> Turn<K> {
        self.grant();
        Turn::Queued(Queued { turns: self.clone(), holder, number, granted, is_over: false })
    }

    /// Returns true if another of this holder would have a permit at once, or fewer than so many wait.
    pub(crate) fn has_room(&self, holder: K, max_waiting: usize) -> bool {
        self.0.lock().has_room(holder, max_waiting)
    }

    /// Returns the time in which those of a holder that wait now are probably done.
    pub(crate) fn expected_wait(&self, holder: K) -> Duration {
        self.0.lock().expected_wait(holder)
    }

    #[cfg(test)]
    pub(crate) fn is_idle(&self) -> bool {
        self.0.lock().is_idle()
    }

    /// Gives out all permits that can be given out.
    fn grant(&self) {
        loop {
            // The lock is released before the permit may be dropped.
            let next = self.0.lock().next_turn();
            let Some((holder, waiting)) = next else {
                return;
            };
            let permit = Permit { turns: self.clone(), holder, lane: waiting.lane, since: Instant::now() };
            // Whoever does not wait any more drops the permit.
            drop(waiting.granted.send(permit));
        }
    }
}

impl<K: Holder> Drop for Permit<K> {
    fn drop(&mut self) {
        self.turns.0.lock().give_back(self.holder, self.lane, self.since.elapsed());
        self.turns.grant();
    }
}

impl<K: Holder> Future for Turn<K> {
    type Output = Permit<K>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit<K>> {
        match &mut *self {
            Self::Granted(permit) => permit.take().map_or(Poll::Pending, Poll::Ready),
            Self::Queued(queued) => match Pin::new(&mut queued.granted).poll(cx) {
                Poll::Ready(Ok(permit)) => {
                    queued.is_over = true;
                    *self = Self::Granted(None);
                    Poll::Ready(permit)
                }
                // Nobody drops the other end before this.
                Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
            },
        }
    }
}

// Nothing of it is pinned.
impl<K: Holder> Unpin for Turn<K> {}

impl<K: Holder> Drop for Queued<K> {
    fn drop(&mut self) {
        if !self.is_over {
            self.turns.0.lock().leave(self.holder, self.number);
            // Whoever stood behind may have its turn now.
            self.turns.grant();
        }
    }
}

#[cfg(test)]
mod tests;
