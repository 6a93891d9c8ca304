//! The statements that are worth preparing.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::Instant;

/// Number of times that a text has to come within [`PERIOD`] before it is prepared.
const MIN_COUNT: u8 = 3;

/// Time within which the times that a text comes are counted.
const PERIOD: Duration = Duration::from_mins(1);

/// Maximum number of texts that are counted.
const MAX_COUNTED: usize = 4_096;

/// Maximum length of a text that is prepared, in bytes. A longer one takes the server so much memory, on
/// each connection, that its parsing is cheaper than its keeping.
const MAX_PREPARED_LENGTH: usize = 4 * 1_024;

/// Counts how often the texts of statements come.
///
/// A client's filter gives a statement a text of its own. PostgreSQL keeps a plan for each prepared
/// statement of each connection, up to a megabyte: thousands of shapes that come once would fill its memory.
#[derive(Default)]
pub(in crate::database) struct Repeated {
    hasher: RandomState,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    began: Option<Instant>,
    by_text: HashMap<u64, u8>,
    /// Texts that came often in the period before, and so are prepared at once.
    before: HashMap<u64, u8>,
}

impl Repeated {
    /// Counts a text, and returns true if it comes often enough to be prepared.
    pub(super) fn comes_often(&self, sql: &str) -> bool {
        sql.len() <= MAX_PREPARED_LENGTH && self.comes_again(sql)
    }

    /// Counts a text that is worth preparing however long it is, and returns true if it comes often enough.
    pub(super) fn comes_again(&self, sql: &str) -> bool {
        // Two texts with one hash are at worst prepared too early.
        let text = self.hasher.hash_one(sql);
        self.counts.lock().add(text, Instant::now())
    }
}

impl Counts {
    fn add(&mut self, text: u64, now: Instant) -> bool {
        let is_over = self.began.is_none_or(|began| now.duration_since(began) > PERIOD);
        if is_over || self.by_text.len() >= MAX_COUNTED {
            self.began = Some(now);
            self.before = std::mem::take(&mut self.by_text);
            self.before.retain(|_, count| *count >= MIN_COUNT);
        }
        let known = self.before.get(&text).copied().unwrap_or_default();
        let count = self.by_text.entry(text).or_insert(known);
        *count = count.saturating_add(1);
        *count >= MIN_COUNT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_prepared_when_it_comes_the_third_time_within_a_minute() {
        let now = Instant::now();
        let mut counts = Counts::default();
        let times: Vec<bool> = (0..4).map(|_| counts.add(1, now)).collect();
        assert_eq!(times, [false, false, true, true]);
        assert!(!counts.add(2, now), "another is counted for itself");
    }

    #[test]
    fn one_that_came_often_is_prepared_also_in_the_next_minute_and_forgotten_after_it() {
        let (now, minute) = (Instant::now(), PERIOD + Duration::from_secs(1));
        let mut counts = Counts::default();
        for _ in 0..3 {
            counts.add(1, now);
        }
        counts.add(2, now);
        assert!(counts.add(1, now + minute));
        assert!(!counts.add(2, now + minute), "it came once in each");
        assert!(!counts.add(3, now + 2 * minute));
        assert!(!counts.add(3, now + 3 * minute));
    }

    #[test]
    fn thousands_of_texts_take_a_bounded_memory() {
        let repeated = Repeated::default();
        for text in 0..3 * MAX_COUNTED {
            assert!(!repeated.comes_often(&text.to_string()));
        }
        let counts = repeated.counts.lock();
        assert!(counts.by_text.len() <= MAX_COUNTED && counts.before.len() <= MAX_COUNTED);
    }

    #[test]
    fn a_text_that_is_very_long_is_never_prepared() {
        let (repeated, long) = (Repeated::default(), "x".repeat(MAX_PREPARED_LENGTH + 1));
        assert!((0..10).all(|_| !repeated.comes_often(&long)));
    }
}
