//! Limits on what goes on at once: in all, and for each holder.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use parking_lot::Mutex;

/// A limit on permits held at once. Cloning it is cheap; the clones share the permits.
#[derive(Debug)]
pub(super) struct ConcurrencyLimit<K>(Arc<Shared<K>>);

#[derive(Debug)]
struct Shared<K> {
    max: usize,
    max_per_holder: usize,
    held: Mutex<Held<K>>,
}

#[derive(Debug)]
struct Held<K> {
    total: usize,
    /// Permits of each holder who has at least one, so that the map does not grow with strangers.
    by_holder: HashMap<K, usize>,
}

/// Permission to go on, given back when this is dropped.
#[derive(Debug)]
pub(super) struct Permit<K: Copy + Eq + Hash> {
    limit: ConcurrencyLimit<K>,
    holder: K,
}

impl<K> Clone for ConcurrencyLimit<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Copy + Eq + Hash> ConcurrencyLimit<K> {
    /// Allows at most `max` permits in all, and `max_per_holder` to each holder.
    pub(super) fn new(max: usize, max_per_holder: usize) -> Self {
        let held = Mutex::new(Held { total: 0, by_holder: HashMap::new() });
        Self(Arc::new(Shared { max, max_per_holder, held }))
    }

    /// Returns a permit for this holder; `None` if a limit is reached.
    pub(super) fn try_acquire(&self, holder: K) -> Option<Permit<K>> {
        let mut held = self.0.held.lock();
        let own = held.by_holder.get(&holder).copied().unwrap_or_default();
        if held.total >= self.0.max || own >= self.0.max_per_holder {
            return None;
        }
        held.total += 1;
        held.by_holder.insert(holder, own + 1);
        Some(Permit { limit: self.clone(), holder })
    }
}

impl<K: Copy + Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut held = self.limit.0.held.lock();
        held.total -= 1;
        match held.by_holder.get_mut(&self.holder) {
            Some(own) if *own > 1 => *own -= 1,
            Some(_) | None => drop(held.by_holder.remove(&self.holder)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConcurrencyLimit;

    #[test]
    fn a_holder_has_as_many_permits_as_each_may_have_and_no_more() {
        let limit = ConcurrencyLimit::new(10, 2);
        let held = [limit.try_acquire("a"), limit.try_acquire("a")];
        assert!(held.iter().all(Option::is_some));
        assert!(limit.try_acquire("a").is_none());
        assert!(limit.try_acquire("b").is_some(), "another has permits of its own");
    }

    #[test]
    fn all_together_have_as_many_permits_as_the_maximum_and_no_more() {
        let limit = ConcurrencyLimit::new(2, 2);
        let held = [limit.try_acquire("a"), limit.try_acquire("b")];
        assert!(held.iter().all(Option::is_some));
        assert!(limit.try_acquire("a").is_none());
        assert!(limit.try_acquire("c").is_none());
    }

    #[test]
    fn a_permit_can_be_had_again_once_it_is_dropped_and_leaves_no_trace() {
        let limit = ConcurrencyLimit::new(2, 1);
        for _ in 0..3 {
            let first = limit.try_acquire("a");
            let second = limit.try_acquire("b");
            assert!(first.is_some() && second.is_some());
            drop(first);
            assert!(limit.try_acquire("a").is_some());
        }
        let held = limit.0.held.lock();
        assert_eq!((held.total, held.by_holder.len()), (0, 0));
    }

    #[test]
    fn a_refusal_takes_no_permit() {
        let limit = ConcurrencyLimit::new(1, 1);
        let held = limit.try_acquire("a");
        assert!(limit.try_acquire("a").is_none() && limit.try_acquire("b").is_none());
        drop(held);
        assert!(limit.try_acquire("b").is_some());
    }
}
