//! The rate limit of organizations: points in a leaky bucket, one for each organization. The buckets live
//! in this process: every replica has its own, and a restart fills them.

mod level;

use std::{
    collections::HashMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use uuid::Uuid;

use self::level::{Capacity, Level};
use super::buckets::Exhausted;
use crate::metrics;

/// The capacity of a bucket, and the rate at which it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Points that come back in a second; 0 for no limit.
    pub per_second: u32,
    /// Points of a full bucket.
    pub burst: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: 1_000_000, burst: 10_000_000 }
    }
}

/// The rate limiter of organizations. Cloning it is cheap; the clones share the buckets.
#[derive(Clone)]
pub struct RateLimiter {
    rate: Rate,
    buckets: Option<Arc<Buckets>>,
}

struct Buckets {
    capacity: Capacity,
    /// Time from which levels are counted.
    start: Instant,
    /// Levels of the organizations whose buckets are not known to be full.
    levels: Mutex<HashMap<Uuid, Level>>,
}

/// The points that remain in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Number of points.
    pub points: u32,
    /// Capacity of the bucket, and the rate at which it fills.
    pub rate: Rate,
}

impl RateLimiter {
    /// Returns a limiter whose buckets are full.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let buckets = Capacity::of(rate)
            .map(|capacity| Arc::new(Buckets { capacity, start: Instant::now(), levels: Mutex::default() }));
        Self { rate, buckets }
    }

    /// Takes points out of an organization's bucket before they are used; `None` if nothing is limited.
    /// Requests for more than the capacity take the whole bucket: otherwise they could never be served.
    ///
    /// # Errors
    /// The bucket does not hold so many, and none is taken.
    pub fn take(&self, org_id: Uuid, points: usize) -> Result<Option<Remaining>, Exhausted> {
        self.on_level(org_id, |capacity, level, now| {
            level.take(capacity, now, points).map_err(|retry_after| Exhausted { retry_after })
        })
        .transpose()
        .map(|points| points.map(|points| self.remaining_of(points)))
    }

    /// Takes points that have been used already, whether the bucket holds them or not. It may sink below
    /// zero, by as many points as come back in ten seconds; what is more is forgiven. While it is below
    /// zero, [`take`](Self::take) and [`check`](Self::check) refuse.
    pub fn charge(&self, org_id: Uuid, points: usize) {
        if points > 0 {
            metrics::charged(points);
            self.on_level(org_id, |capacity, level, now| level.charge(capacity, now, points));
        }
    }

    /// Checks that an organization's bucket is not below zero, for work that has waited for its turn.
    ///
    /// # Errors
    /// It is.
    pub fn check(&self, org_id: Uuid) -> Result<(), Exhausted> {
        let below = self.on_level(org_id, |capacity, level, now| level.below_zero_for(capacity, now));
        below.flatten().map_or(Ok(()), |retry_after| Err(Exhausted { retry_after }))
    }

    /// Returns the points that remain in an organization's bucket; `None` if nothing is limited.
    #[must_use]
    pub fn remaining(&self, org_id: Uuid) -> Option<Remaining> {
        let points = self.on_level(org_id, |capacity, level, now| level.points(capacity, now));
        points.map(|points| self.remaining_of(points))
    }

    /// Drops the buckets that are full.
    pub fn sweep(&self) {
        if let Some(buckets) = &self.buckets {
            let mut levels = buckets.levels.lock();
            let now = buckets.start.elapsed();
            levels.retain(|_, level| !level.is_full(now));
            // A crowd that is gone is not remembered by an empty table.
            levels.shrink_to_fit();
        }
    }

    /// Looks at the level of an organization's bucket, or changes it; `None` if nothing is limited.
    fn on_level<T>(&self, org_id: Uuid, on: impl FnOnce(&Capacity, &mut Level, Duration) -> T) -> Option<T> {
        let buckets = self.buckets.as_deref()?;
        let mut levels = buckets.levels.lock();
        // Within the lock, so that time never runs backwards for a level.
        let now = buckets.start.elapsed();
        Some(on(&buckets.capacity, levels.entry(org_id).or_default(), now))
    }

    fn remaining_of(&self, points: u32) -> Remaining {
        Remaining { points, rate: self.rate }
    }
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self::new(Rate::default())
    }
}

impl fmt::Debug for RateLimiter {
    /// Leaves the organizations out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter").field("rate", &self.rate).finish_non_exhaustive()
    }
}

impl Remaining {
    /// Returns the seconds until the bucket is full again, if nothing is taken.
    #[must_use]
    pub fn full_in(&self) -> u32 {
        self.rate.burst.saturating_sub(self.points).div_ceil(self.rate.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Few points come back while a test runs.
    fn limiter() -> RateLimiter {
        RateLimiter::new(Rate { per_second: 1, burst: 100 })
    }

    #[test]
    fn a_charge_is_of_one_organization_and_refuses_it_alone() {
        let (limiter, a, b) = (limiter(), Uuid::now_v7(), Uuid::now_v7());
        limiter.charge(a, 105);
        assert!(limiter.check(a).is_err() && limiter.take(a, 1).is_err());
        assert_eq!(limiter.remaining(a).map(|remaining| remaining.points), Some(0));
        assert!(limiter.check(b).is_ok() && limiter.take(b, 100).is_ok());
        assert!(limiter.check(b).is_ok(), "an empty bucket is not below zero");
    }

    #[test]
    fn a_bucket_below_zero_is_not_forgotten() {
        let (limiter, org_id) = (limiter(), Uuid::now_v7());
        limiter.charge(org_id, 105);
        limiter.sweep();
        assert!(limiter.check(org_id).is_err());
    }

    #[test]
    fn a_full_bucket_is_forgotten() {
        let limiter = RateLimiter::new(Rate { per_second: 1_000_000_000, burst: 1 });
        assert!(limiter.take(Uuid::now_v7(), 1).is_ok());
        let buckets = limiter.buckets.clone().expect("buckets");
        while !buckets.levels.lock().is_empty() {
            limiter.sweep();
        }
    }

    #[test]
    fn no_rate_is_no_limit() {
        let (limiter, org_id) = (RateLimiter::new(Rate { per_second: 0, burst: 1 }), Uuid::now_v7());
        limiter.charge(org_id, 1_000);
        assert_eq!((limiter.take(org_id, 1_000), limiter.check(org_id)), (Ok(None), Ok(())));
    }
}
