//! The headers that tell what an organization may still spend (draft-ietf-httpapi-ratelimit-headers).

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::access::Remaining;

pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Adds the points that remain and the seconds until all are back; and the size of the bucket and the
/// seconds in which an empty one fills.
pub(super) fn add_headers(remaining: Remaining, headers: &mut HeaderMap) {
    let Remaining { points, rate } = remaining;
    let empty = Remaining { points: 0, rate };
    let told = [
        (RATE_LIMIT, format!("\"points\";r={points};t={}", remaining.full_in())),
        (RATE_LIMIT_POLICY, format!("\"points\";q={};w={}", rate.burst, empty.full_in())),
    ];
    for (name, value) in told {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}
