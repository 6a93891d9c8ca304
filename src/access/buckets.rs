//! Leaky buckets, one for each holder. They live in this process: every replica has its own, and a
//! restart fills them.

use std::{fmt, hash::Hash, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::{
        StateStore,
        keyed::{DefaultKeyedStateStore, ShrinkableKeyedStateStore},
    },
};

/// Buckets of one capacity. That of a holder who has taken nothing for long is dropped.
pub(super) struct Buckets<K: Holder> {
    /// Time in which one point comes back.
    period: Duration,
    capacity: NonZeroU32,
    states: States<K>,
    limiter: RateLimiter<K, States<K>, DefaultClock, StateInformationMiddleware>,
}

/// Owner of a bucket.
pub(super) trait Holder: Hash + Eq + Clone {}

impl<K: Hash + Eq + Clone> Holder for K {}

/// A bucket without the points that were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// Time after which the bucket has the points.
    pub retry_after: Duration,
}

impl<K: Holder> Buckets<K> {
    /// Returns full buckets; `None` if a bucket could hold nothing, or would fill in no time.
    pub(super) fn new(size: u32, period: Duration) -> Option<Self> {
        let size = NonZeroU32::new(size)?;
        let quota = Quota::with_period(period)?.allow_burst(size);
        let states = States(Arc::new(DefaultKeyedStateStore::default()));
        let limiter = RateLimiter::new(quota, states.clone(), DefaultClock::default());
        Some(Self { period, capacity: size, states, limiter })
    }

    /// Takes points, and returns how many remain. Requests for more than the capacity take the whole
    /// bucket: otherwise they could never be served.
    pub(super) fn take(&self, holder: &K, points: usize) -> Result<u32, Exhausted> {
        let points = u32::try_from(points).ok().and_then(NonZeroU32::new);
        let points = points.unwrap_or(NonZeroU32::MAX).min(self.capacity);
        match self.limiter.check_key_n(holder, points) {
            Ok(Ok(state)) => Ok(state.remaining_burst_capacity()),
            Ok(Err(until)) => {
                Err(Exhausted { retry_after: until.wait_time_from(self.limiter.clock().now()) })
            }
            // The library says so of more points than the capacity, which `min` has ruled out.
            Err(_) => Ok(0),
        }
    }

    /// Puts a point back that was taken.
    pub(super) fn give_back(&self, holder: &K) {
        // The algorithm keeps no points, but the time at which a bucket is full: one period earlier is one
        // point more.
        let period = Nanos::from(self.period);
        // A holder without an entry has a full bucket.
        let _: Result<(), ()> = self.states.measure_and_replace(holder, |full_at| {
            full_at.map(|full_at| ((), full_at.saturating_sub(period))).ok_or(())
        });
    }

    /// Drops the buckets that are full.
    pub(super) fn sweep(&self) {
        self.limiter.retain_recent();
    }
}

impl<K: Holder> fmt::Debug for Buckets<K> {
    /// Leaves the holders out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buckets")
            .field("capacity", &self.capacity)
            .field("period", &self.period)
            .finish_non_exhaustive()
    }
}

/// Times at which each bucket will be full, as the algorithm keeps them. They are shared with the
/// limiter, which can take points but not give them back.
struct States<K: Holder>(Arc<DefaultKeyedStateStore<K>>);

impl<K: Holder> Clone for States<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Holder> StateStore for States<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, holder: &K, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.0.measure_and_replace(holder, f)
    }
}

impl<K: Holder> ShrinkableKeyedStateStore<K> for States<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        self.0.retain_recent(drop_below);
    }

    fn len(&self) -> usize {
        ShrinkableKeyedStateStore::len(&*self.0)
    }

    fn is_empty(&self) -> bool {
        ShrinkableKeyedStateStore::is_empty(&*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No point comes back while a test runs.
    fn buckets(size: u32) -> Buckets<u8> {
        Buckets::new(size, Duration::from_hours(1)).expect("buckets")
    }

    #[test]
    fn a_bucket_holds_its_size_and_no_more_for_each_holder() {
        let buckets = buckets(2);
        assert_eq!([buckets.take(&1, 1), buckets.take(&1, 1)], [Ok(1), Ok(0)]);
        let empty = buckets.take(&1, 1).expect_err("it is empty");
        assert!(empty.retry_after > Duration::from_mins(59), "{empty:?}");
        assert_eq!(buckets.take(&2, 3), Ok(0), "more than it holds is as many as it holds");
    }

    #[test]
    fn a_point_that_was_given_back_can_be_taken_again_and_no_other() {
        let buckets = buckets(2);
        buckets.give_back(&1);
        assert_eq!(buckets.take(&1, 2), Ok(0));
        buckets.give_back(&1);
        assert_eq!(buckets.take(&1, 1), Ok(0));
        assert!(buckets.take(&1, 1).is_err());
    }

    #[test]
    fn only_full_buckets_are_forgotten() {
        let slow = buckets(2);
        assert_eq!(slow.take(&1, 2), Ok(0));
        slow.sweep();
        assert!(slow.take(&1, 1).is_err());
        let quick = Buckets::new(2, Duration::from_nanos(1)).expect("buckets");
        assert!(quick.take(&1, 2).is_ok());
        while !quick.limiter.is_empty() {
            quick.sweep();
        }
    }
}
