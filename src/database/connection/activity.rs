//! The activity of a connection.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::time::Instant;

/// Activity of a connection, for whoever takes it back.
pub(super) struct Activity {
    /// True while a statement is under way; if its caller goes, it stays so.
    busy: AtomicBool,
    /// True from BEGIN to the answer to COMMIT or ROLLBACK.
    in_transaction: AtomicBool,
    dead: AtomicBool,
    opened: Instant,
    times: Mutex<Times>,
}

#[derive(Clone, Copy)]
struct Times {
    asked: Instant,
    answered: Instant,
}

impl Activity {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            busy: AtomicBool::new(false),
            in_transaction: AtomicBool::new(false),
            dead: AtomicBool::new(false),
            opened: now,
            times: Mutex::new(Times { asked: now, answered: now }),
        }
    }

    pub(super) fn opened(&self) -> Instant {
        self.opened
    }

    pub(super) fn asked(&self) -> Instant {
        self.times.lock().asked
    }

    pub(super) fn answered(&self) -> Instant {
        self.times.lock().answered
    }

    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    pub(super) fn is_in_transaction(&self) -> bool {
        self.in_transaction.load(Ordering::Relaxed)
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    pub(super) fn statement_begins(&self) {
        self.busy.store(true, Ordering::Relaxed);
        self.times.lock().asked = Instant::now();
    }

    pub(super) fn statement_ends(&self) {
        self.busy.store(false, Ordering::Relaxed);
    }

    pub(super) fn transaction_begins(&self) {
        self.in_transaction.store(true, Ordering::Relaxed);
    }

    pub(super) fn transaction_ends(&self) {
        self.in_transaction.store(false, Ordering::Relaxed);
    }

    pub(super) fn database_answers(&self) {
        self.times.lock().answered = Instant::now();
    }

    pub(super) fn dies(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }
}
