//! How much an organization may ask: points in a leaky bucket, one for each organization.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use super::buckets::{Buckets, Exhausted};

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
pub struct RateLimiter {
    rate: Rate,
    buckets: Option<Arc<Buckets<Uuid>>>,
}

/// What a bucket still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Points.
    pub points: u32,
    /// Its size, and how fast it fills.
    pub rate: Rate,
}

impl RateLimiter {
    /// Full buckets.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let period = Duration::from_secs(1).checked_div(rate.per_second);
        let buckets = period.and_then(|period| Buckets::new(rate.burst, period));
        Self { rate, buckets: buckets.map(Arc::new) }
    }

    /// Takes points out of an organization's bucket; `None` when nothing is limited. More than a
    /// bucket can hold are as many as it holds.
    ///
    /// # Errors
    /// There are not so many in it, and none is taken.
    pub fn take(&self, org_id: Uuid, points: usize) -> Result<Option<Remaining>, Exhausted> {
        let Some(buckets) = &self.buckets else {
            return Ok(None);
        };
        let points = buckets.take(&org_id, points)?;
        Ok(Some(Remaining { points, rate: self.rate }))
    }

    /// Forgets the buckets that are full.
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
    /// Seconds until the bucket is full again, if nothing is taken.
    #[must_use]
    pub fn full_in(&self) -> u32 {
        self.rate.burst.saturating_sub(self.points).div_ceil(self.rate.per_second)
    }
}
