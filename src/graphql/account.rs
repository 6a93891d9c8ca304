//! The points of an organization, as the store charges them.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use uuid::Uuid;

use crate::{access::RateLimiter, database::Account};

/// The bucket of an organization, as one request uses it.
pub(super) struct Bucket {
    limiter: RateLimiter,
    org_id: Uuid,
    /// Points that were charged beyond the price of the document.
    charged: AtomicUsize,
}

impl Bucket {
    pub(super) fn new(limiter: RateLimiter, org_id: Uuid) -> Self {
        Self { limiter, org_id, charged: AtomicUsize::new(0) }
    }

    /// Organization whose bucket it is.
    pub(super) fn org_id(&self) -> Uuid {
        self.org_id
    }

    /// Charges points beyond the price of the document.
    pub(super) fn charge_points(&self, points: usize) {
        self.charged.fetch_add(points, Ordering::Relaxed);
        self.limiter.charge(self.org_id, points);
    }

    /// Returns the points that were charged so far; `None` if there were none.
    pub(super) fn charged(&self) -> Option<usize> {
        Some(self.charged.load(Ordering::Relaxed)).filter(|points| *points > 0)
    }
}

impl Account for Bucket {
    fn charge(&self, points: u64) {
        self.charge_points(usize::try_from(points).unwrap_or(usize::MAX));
    }

    fn exhausted(&self) -> Option<Duration> {
        self.limiter.check(self.org_id).err().map(|exhausted| exhausted.retry_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Rate;

    #[test]
    fn what_is_charged_leaves_the_bucket_of_its_organization_and_is_told() {
        let (limiter, org_id) = (RateLimiter::new(Rate { per_second: 1, burst: 100 }), Uuid::now_v7());
        let bucket = Bucket::new(limiter.clone(), org_id);
        assert_eq!((bucket.charged(), bucket.exhausted()), (None, None));
        Account::charge(&bucket, 60);
        bucket.charge_points(45);
        assert_eq!(bucket.charged(), Some(105));
        assert!(bucket.exhausted().is_some() && limiter.check(org_id).is_err());
    }
}
