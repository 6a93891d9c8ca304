//! Limits on what is held at once: in all, and by each holder.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use parking_lot::Mutex;

/// Maximum number of permits that a holder may still have at the limit of all.
const MAX_EQUAL_SHARE: usize = 1024 * 1024;

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

/// Permission to hold a number of things, given back when this is dropped.
#[derive(Debug)]
pub(super) struct Permit<K: Copy + Eq + Hash> {
    limit: ConcurrencyLimit<K>,
    holder: K,
    number: usize,
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

    /// Returns a permit of one for this holder; `None` if a limit is reached.
    pub(super) fn try_acquire(&self, holder: K) -> Option<Permit<K>> {
        let mut permit = self.nothing(holder);
        permit.try_grow(1).then_some(permit)
    }

    /// Returns true if this holder has reached a limit, of its own or of all. At the limit of all, holders that have less
    /// than an equal share, and less than [`MAX_EQUAL_SHARE`], have not reached it.
    pub(super) fn is_reached(&self, holder: K) -> bool {
        let held = self.0.held.lock();
        let own = held.by_holder.get(&holder).copied().unwrap_or_default();
        own >= self.0.max_per_holder
            || (held.total >= self.0.max && own >= held.equal_share(holder, self.0.max))
    }

    /// Returns a permit of nothing for this holder, which may grow.
    pub(super) fn nothing(&self, holder: K) -> Permit<K> {
        Permit { limit: self.clone(), holder, number: 0 }
    }
}

impl<K: Copy + Eq + Hash> Held<K> {
    fn equal_share(&self, holder: K, max: usize) -> usize {
        let strangers = usize::from(!self.by_holder.contains_key(&holder));
        (max / (self.by_holder.len() + strangers).max(1)).min(MAX_EQUAL_SHARE)
    }

    fn add(&mut self, holder: K, number: usize) {
        self.total = self.total.saturating_add(number);
        if number > 0 {
            let own = self.by_holder.entry(holder).or_default();
            *own = own.saturating_add(number);
        }
    }
}

impl<K: Copy + Eq + Hash> Permit<K> {
    /// Adds to the number, beyond the limits too, unless another one has reached them meanwhile; false then. A permit
    /// that is alone may so be of any number.
    pub(super) fn try_exceed(&mut self, number: usize) -> bool {
        let shared = &self.limit.0;
        let mut held = shared.held.lock();
        let own = held.by_holder.get(&self.holder).copied().unwrap_or_default();
        let in_share = || own.saturating_add(number) <= held.equal_share(self.holder, shared.max);
        if own >= shared.max_per_holder || (held.total >= shared.max && !in_share()) {
            return false;
        }
        held.add(self.holder, number);
        self.number += number;
        true
    }

    /// Adds to the number, whatever the limits.
    pub(super) fn exceed(&mut self, number: usize) {
        self.limit.0.held.lock().add(self.holder, number);
        self.number += number;
    }

    /// Adds to the number; false if a limit would be exceeded, and then nothing is added.
    pub(super) fn try_grow(&mut self, number: usize) -> bool {
        let shared = &self.limit.0;
        let mut held = shared.held.lock();
        let own = held.by_holder.get(&self.holder).copied().unwrap_or_default().saturating_add(number);
        let total = held.total.saturating_add(number);
        if total > shared.max || own > shared.max_per_holder {
            return false;
        }
        held.total = total;
        if own > 0 {
            held.by_holder.insert(self.holder, own);
        }
        self.number += number;
        true
    }
}

impl<K: Copy + Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut held = self.limit.0.held.lock();
        held.total -= self.number;
        match held.by_holder.get_mut(&self.holder) {
            Some(own) if *own > self.number => *own -= self.number,
            Some(_) | None => drop(held.by_holder.remove(&self.holder)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ConcurrencyLimit, MAX_EQUAL_SHARE};

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
    fn a_permit_grows_as_far_as_the_limits_allow_and_gives_all_back() {
        let limit = ConcurrencyLimit::new(10, 6);
        let (mut first, mut second, mut other) = (limit.nothing("a"), limit.nothing("a"), limit.nothing("b"));
        assert!(first.try_grow(4) && second.try_grow(2));
        assert!(!first.try_grow(1) && !other.try_grow(5), "no more for one holder, nor in all");
        assert!(other.try_grow(4));
        drop(first);
        assert!(second.try_grow(4));
        drop((second, other));
        let held = limit.0.held.lock();
        assert_eq!((held.total, held.by_holder.len()), (0, 0));
    }

    #[test]
    fn one_permit_may_exceed_the_limit_of_its_holder_and_the_next_is_refused() {
        let limit = ConcurrencyLimit::new(100, 10);
        let (mut first, mut second, mut other) = (limit.nothing("a"), limit.nothing("a"), limit.nothing("b"));
        assert!(first.try_exceed(9) && !limit.is_reached("a"));
        assert!(second.try_exceed(50) && limit.is_reached("a") && !second.try_exceed(1));
        assert!(!limit.is_reached("b") && other.try_exceed(1));
        other.exceed(20);
        assert!(limit.is_reached("b"), "what was done has to be answered");
        drop((second, other));
        assert!(!limit.is_reached("a"));
        drop(first);
        let held = limit.0.held.lock();
        assert_eq!((held.total, held.by_holder.len()), (0, 0));
    }

    #[test]
    fn at_the_limit_of_all_a_holder_still_has_an_equal_share() {
        let limit = ConcurrencyLimit::new(100, 90);
        let (mut a, mut b, mut c) = (limit.nothing("a"), limit.nothing("b"), limit.nothing("c"));
        assert!(a.try_exceed(80) && b.try_exceed(20));
        assert!(limit.is_reached("a") && !limit.is_reached("b") && !limit.is_reached("c"));
        assert!(!c.try_exceed(34) && c.try_exceed(33), "a third");
        assert!(limit.is_reached("c"));
    }

    #[test]
    fn however_large_the_limit_of_all_holders_do_not_exceed_it_by_much() {
        let max = 100 * MAX_EQUAL_SHARE;
        let limit = ConcurrencyLimit::new(max, max);
        let (mut a, mut b) = (limit.nothing("a"), limit.nothing("b"));
        assert!(a.try_exceed(max) && !limit.is_reached("b"));
        assert!(!b.try_exceed(MAX_EQUAL_SHARE + 1) && b.try_exceed(MAX_EQUAL_SHARE));
        assert!(limit.is_reached("b"));
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
