//! The points of an organization, as the store charges them.

use std::time::Duration;

use uuid::Uuid;

use crate::{access::RateLimiter, database::Account};

/// The bucket of an organization.
pub(super) struct Bucket {
    pub(super) limiter: RateLimiter,
    pub(super) org_id: Uuid,
}

impl Account for Bucket {
    fn charge(&self, points: u64) {
        self.limiter.charge(self.org_id, usize::try_from(points).unwrap_or(usize::MAX));
    }

    fn exhausted(&self) -> Option<Duration> {
        self.limiter.check(self.org_id).err().map(|exhausted| exhausted.retry_after)
    }
}
