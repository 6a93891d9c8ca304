//! The health of connections that lead to the same server: each tells of the others.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::database::connection::Connection;

/// Minimum age of connections that are replaced because they lead to a server that takes no writes: the
/// next ones may lead there too, until another server takes its place.
const MIN_AGE_WHEN_READ_ONLY: Duration = Duration::from_secs(1);

/// The times from which on connections are trusted. Cloning it is cheap; the clones share them.
#[derive(Clone, Default)]
pub(in crate::database) struct Health(Arc<Mutex<Times>>);

#[derive(Default)]
struct Times {
    /// Somebody gave up waiting: connections that have not answered since are asked first.
    given_up: Option<Instant>,
    /// A connection was found silent: those that had not answered for as long are not used again.
    silent: Option<Instant>,
    /// A server was found read-only: those that were opened before are not used again.
    read_only: Option<Instant>,
}

impl Health {
    /// Notes that somebody gave up waiting for an answer.
    pub(super) fn gave_up(&self) {
        self.0.lock().given_up = Some(Instant::now());
    }

    /// Notes that a connection does not answer since then.
    pub(super) fn found_silent(&self, since: Instant) {
        tracing::warn!("the database does not answer on a connection; those of the same age are replaced");
        let mut times = self.0.lock();
        times.silent = times.silent.max(Some(since));
    }

    /// Notes that a server takes no writes.
    pub(super) fn found_read_only(&self) {
        tracing::warn!("the database takes no writes; the connections are replaced");
        self.0.lock().read_only = Instant::now().checked_sub(MIN_AGE_WHEN_READ_ONLY);
    }

    /// Returns true if a connection is to be asked for a sign of life before it is lent.
    pub(super) fn suspects(&self, connection: &Connection) -> bool {
        self.0.lock().given_up.is_some_and(|time| connection.answered() < time)
    }

    /// Returns true if a connection is not to be used again.
    pub(super) fn condemns(&self, connection: &Connection) -> bool {
        let times = self.0.lock();
        times.silent.is_some_and(|time| connection.answered() <= time)
            || times.read_only.is_some_and(|time| connection.opened() < time)
    }
}
