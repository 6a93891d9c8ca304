//! The time that a statement spends, charged to its organization.

use std::time::Duration;

use tokio::time::Instant;

use super::{MAX_FAST_PRICE, Read};
use crate::database::{Engine, connection::Connection};

/// Time of a statement of the slow lane that PostgreSQL works on it for nothing. Its server does not tell the
/// processor time, and whoever is slowed by others should not pay for them.
const FREE_TIME_ON_POSTGRES: Duration = Duration::from_millis(50);

/// A statement under way, whose time is charged to a request.
pub(super) struct Charging<'a> {
    connection: &'a Connection,
    read: Read<'a>,
    began: Instant,
    charged: Duration,
}

impl<'a> Charging<'a> {
    pub(super) fn begin(connection: &'a Connection, read: Read<'a>) -> Self {
        Self { connection, read, began: Instant::now(), charged: Duration::ZERO }
    }

    /// Charges what was spent since the last time.
    pub(super) fn charge(&mut self) {
        let Some(request) = self.read.request else {
            return;
        };
        let spent = match self.connection.engine() {
            Engine::Sqlite => self.connection.processor_time(),
            Engine::Postgres if self.read.price > MAX_FAST_PRICE => {
                self.began.elapsed().saturating_sub(FREE_TIME_ON_POSTGRES)
            }
            Engine::Postgres => Duration::ZERO,
        };
        request.charge(spent.saturating_sub(self.charged));
        self.charged = self.charged.max(spent);
    }
}

impl Drop for Charging<'_> {
    fn drop(&mut self) {
        self.charge();
    }
}
