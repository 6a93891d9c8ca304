//! What an organization may still ask, in headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::access::Remaining;

pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Tells the points that are left, and in how many seconds all are there again; and the size of the
/// bucket, and in how many seconds an empty one is full.
pub(super) fn tell(left: Remaining, headers: &mut HeaderMap) {
    let Remaining { points, rate } = left;
    let empty = Remaining { points: 0, rate };
    let told = [
        (RATE_LIMIT, format!("\"points\";r={points};t={}", left.full_in())),
        (RATE_LIMIT_POLICY, format!("\"points\";q={};w={}", rate.burst, empty.full_in())),
    ];
    for (name, value) in told {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}
