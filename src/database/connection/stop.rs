//! Ending a statement from elsewhere, and the processor time that it has taken.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use cpu_time::ThreadTime;

use crate::database::postgres::ServerId;

/// Number of SQLite's steps after which it is asked whether to go on. The longest time between two was 37 ms,
/// in a scan of texts of 16 KB.
pub(in crate::database) const STEPS_BETWEEN_QUESTIONS: i32 = 1_000;

/// Handle of the statement under way on a connection.
#[derive(Clone, Debug)]
pub(in crate::database) enum Stop {
    /// Process of a server that works for the connection; `None` if it is not always the same one.
    Postgres { server: ServerId, backend_pid: Option<i32> },
    /// State that the connection's thread looks at while it works.
    Sqlite(Arc<Work>),
}

/// State of a statement in SQLite.
#[derive(Debug, Default)]
pub(in crate::database) struct Work {
    stopped: AtomicBool,
    /// True until the statement has been asked for the first time.
    is_new: AtomicBool,
    processor_nanos: AtomicU64,
}

impl Stop {
    pub(super) fn statement_begins(&self) {
        if let Self::Sqlite(work) = self {
            work.processor_nanos.store(0, Ordering::Relaxed);
            work.is_new.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn processor_time(&self) -> Duration {
        match self {
            Self::Sqlite(work) => work.processor_time(),
            Self::Postgres { .. } => Duration::ZERO,
        }
    }

    /// On SQLite, has the statement under way end within its next steps, and those after it, until
    /// [`Self::allow`].
    pub(in crate::database) fn stop_sqlite(&self) {
        if let Self::Sqlite(work) = self {
            work.stop();
        }
    }

    /// Lets statements run again.
    pub(in crate::database) fn allow(&self) {
        if let Self::Sqlite(work) = self {
            work.allow();
        }
    }
}

impl Work {
    pub(in crate::database) fn processor_time(&self) -> Duration {
        Duration::from_nanos(self.processor_nanos.load(Ordering::Relaxed))
    }

    pub(in crate::database) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(in crate::database) fn allow(&self) {
        self.stopped.store(false, Ordering::Relaxed);
    }

    /// Returns the handler by which the connection's thread asks, while it works, if it may go on.
    pub(in crate::database) fn watch(self: &Arc<Self>) -> impl FnMut() -> bool + Send + 'static {
        let watched = self.clone();
        let mut began = None;
        move || {
            if watched.is_new.swap(false, Ordering::Relaxed) {
                began = None;
            }
            let now = ThreadTime::now().as_duration();
            let taken = now.saturating_sub(*began.get_or_insert(now));
            let nanos = u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX);
            watched.processor_nanos.store(nanos, Ordering::Relaxed);
            !watched.stopped.load(Ordering::Relaxed)
        }
    }
}
