//! What is done now and then, beside requests.

use std::time::Duration;

use tokio::{task::JoinHandle, time::MissedTickBehavior};

use crate::{
    access::{Keys, RateLimiter},
    cascades,
    database::Database,
    writing::idempotency,
};

const EVERY: Duration = Duration::from_mins(1);

/// Every minute, and at once: takes up what contacts have been left to follow, and writes down when
/// keys were last used; every hour forgets what need not be repeatable any more. Ends with the
/// returned handle.
#[must_use]
pub fn start(database: Database, keys: Keys, rates: RateLimiter) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for minute in 0_u64.. {
            ticks.tick().await;
            cascades::resume(&database).await;
            keys.record_last_use().await;
            rates.sweep();
            keys.sweep();
            if minute.is_multiple_of(60) {
                idempotency::sweep(&database).await;
            }
        }
    })
}
