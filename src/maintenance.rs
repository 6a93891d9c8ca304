//! Maintenance: the work that is done at intervals, beside requests.

use std::time::Duration;

use tokio::{task::JoinHandle, time::MissedTickBehavior};

use crate::{
    access::{Keys, RateLimiter},
    api_keys, cascades,
    database::Database,
    writing::idempotency,
};

const INTERVAL: Duration = Duration::from_mins(1);

/// Starts maintenance, which ends when the returned handle is aborted. At once and every minute it
/// resumes cascades that were cut off, writes down when keys were last used, and drops full buckets;
/// every hour it deletes idempotency keys that have expired, and removes API keys
/// that ended long ago.
#[must_use]
pub fn start(database: Database, keys: Keys, rates: RateLimiter) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(INTERVAL);
        // After a minute that took longer, the missed ticks would otherwise come all at once.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for minute in 0_u64.. {
            ticks.tick().await;
            cascades::resume(&database).await;
            keys.record_last_use().await;
            rates.sweep();
            keys.sweep();
            if minute.is_multiple_of(60) {
                idempotency::sweep(&database).await;
                api_keys::sweep(&database).await;
            }
        }
    })
}
