//! The wall clock: the one place that reads the time of day.

use chrono::Utc;

/// UTC milliseconds since 1970.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now_ms() -> i64 {
    Utc::now().timestamp_millis()
}
