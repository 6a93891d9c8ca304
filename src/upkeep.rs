//! What is done now and then, beside requests.

use std::time::Duration;

use tokio::{task::JoinHandle, time::MissedTickBehavior};

use crate::access::Keys;

const EVERY: Duration = Duration::from_mins(1);

/// Writes down every minute when keys were last used. Ends with the returned handle.
#[must_use]
pub fn start(keys: Keys) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            keys.record_last_use().await;
        }
    })
}
