//! How much an organization may ask: points in a leaky bucket, one for each organization.
//!
//! The buckets are this process's own: every replica has its own, and a restart fills them.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use uuid::Uuid;

/// The size of a bucket, and how fast it fills again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Points that flow back in a second; 0 limits nothing.
    pub per_second: u32,
    /// Points of a full bucket.
    pub burst: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: 100_000, burst: 1_000_000 }
    }
}

/// The buckets. Cloning it is cheap; the clones share them.
#[derive(Clone, Debug)]
pub struct Rates(Option<Arc<Buckets>>);

#[derive(Debug)]
struct Buckets {
    rate: Rate,
    limiter: RateLimiter<Uuid, DefaultKeyedStateStore<Uuid>, DefaultClock, StateInformationMiddleware>,
}

/// What a bucket still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Points.
    pub points: u32,
    /// Its size, and how fast it fills.
    pub rate: Rate,
}

/// A bucket that does not hold what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Empty {
    /// When it will.
    pub retry_after: Duration,
}

impl Rates {
    /// Full buckets.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let quota = NonZeroU32::new(rate.per_second).zip(NonZeroU32::new(rate.burst)).and_then(
            |(per_second, burst)| {
                Some(Quota::with_period(Duration::from_secs(1) / per_second.get())?.allow_burst(burst))
            },
        );
        Self(quota.map(|quota| {
            let limiter = RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>();
            Arc::new(Buckets { rate, limiter })
        }))
    }

    /// Takes points out of an organization's bucket; `None` when nothing is limited. More than a
    /// bucket can hold are as many as it holds.
    ///
    /// # Errors
    /// There are not so many in it, and none is taken.
    pub fn take(&self, org_id: Uuid, points: usize) -> Result<Option<Left>, Empty> {
        let Some(buckets) = &self.0 else {
            return Ok(None);
        };
        let Buckets { rate, limiter } = &**buckets;
        let points = u32::try_from(points).unwrap_or(u32::MAX).clamp(1, rate.burst);
        let taken = NonZeroU32::new(points).and_then(|points| limiter.check_key_n(&org_id, points).ok());
        match taken {
            Some(Ok(state)) => Ok(Some(Left { points: state.remaining_burst_capacity(), rate: *rate })),
            Some(Err(until)) => Err(Empty { retry_after: until.wait_time_from(limiter.clock().now()) }),
            None => Ok(None),
        }
    }

    /// Forgets the buckets that are full.
    pub fn sweep(&self) {
        if let Some(buckets) = &self.0 {
            buckets.limiter.retain_recent();
        }
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self::new(Rate::default())
    }
}

impl Left {
    /// Seconds until the bucket is full again, if nothing is taken.
    #[must_use]
    pub fn full_in(&self) -> u32 {
        self.rate.burst.saturating_sub(self.points).div_ceil(self.rate.per_second)
    }
}
