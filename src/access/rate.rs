//! The rate limit of organizations: points in a leaky bucket, one for each organization.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use super::buckets::{Buckets, Exhausted};

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
        Self { per_second: 100_000, burst: 1_000_000 }
    }
}

/// The rate limiter of organizations. Cloning it is cheap; the clones share the buckets.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    rate: Rate,
    buckets: Option<Arc<Buckets<Uuid>>>,
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
        let period = Duration::from_secs(1).checked_div(rate.per_second);
        let buckets = period.and_then(|period| Buckets::new(rate.burst, period));
        Self { rate, buckets: buckets.map(Arc::new) }
    }

    /// Takes points out of an organization's bucket; `None` if nothing is limited. Requests for more
    /// than the capacity take the whole bucket.
    ///
    /// # Errors
    /// The bucket does not hold so many, and none is taken.
    pub fn take(&self, org_id: Uuid, points: usize) -> Result<Option<Remaining>, Exhausted> {
        let Some(buckets) = &self.buckets else {
            return Ok(None);
        };
        let points = buckets.take(&org_id, points)?;
        Ok(Some(Remaining { points, rate: self.rate }))
    }

    /// Drops the buckets that are full.
    pub fn sweep(&self) {
        if let Some(buckets) = &self.buckets {
            buckets.sweep();
        }
    }
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self::new(Rate::default())
    }
}

impl Remaining {
    /// Returns the seconds until the bucket is full again, if nothing is taken.
    #[must_use]
    pub fn full_in(&self) -> u32 {
        self.rate.burst.saturating_sub(self.points).div_ceil(self.rate.per_second)
    }
}
