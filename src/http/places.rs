//! Counting what is held at once: in all, and by each holder.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A bounded number of places. Cloning it is cheap; the clones share them.
#[derive(Debug)]
pub(super) struct Places<K>(Arc<Shared<K>>);

#[derive(Debug)]
struct Shared<K> {
    in_all: usize,
    for_each: usize,
    held: Mutex<Held<K>>,
}

#[derive(Debug)]
struct Held<K> {
    in_all: usize,
    /// Only holders of at least one.
    by: HashMap<K, usize>,
}

/// One place. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place<K: Copy + Eq + Hash> {
    places: Places<K>,
    holder: K,
}

impl<K> Clone for Places<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Copy + Eq + Hash> Places<K> {
    /// At most so many in all, and so many for each holder.
    pub(super) fn new(in_all: usize, for_each: usize) -> Self {
        let held = Mutex::new(Held { in_all: 0, by: HashMap::new() });
        Self(Arc::new(Shared { in_all, for_each, held }))
    }

    /// A place for this holder; `None` when they have all of theirs, or all are held.
    pub(super) fn take(&self, holder: K) -> Option<Place<K>> {
        let mut held = self.held();
        let own = held.by.get(&holder).copied().unwrap_or_default();
        if held.in_all >= self.0.in_all || own >= self.0.for_each {
            return None;
        }
        held.in_all += 1;
        held.by.insert(holder, own + 1);
        Some(Place { places: self.clone(), holder })
    }

    fn held(&self) -> MutexGuard<'_, Held<K>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut held = self.places.held();
        held.in_all -= 1;
        match held.by.get_mut(&self.holder) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(held.by.remove(&self.holder)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn a_holder_has_as_many_places_as_each_may_have_and_no_more() {
        let places = Places::new(10, 2);
        let held = [places.take("a"), places.take("a")];
        assert!(held.iter().all(Option::is_some));
        assert!(places.take("a").is_none());
        assert!(places.take("b").is_some(), "another has places of its own");
    }

    #[test]
    fn all_together_have_as_many_places_as_there_are_and_no_more() {
        let places = Places::new(2, 2);
        let held = [places.take("a"), places.take("b")];
        assert!(held.iter().all(Option::is_some));
        assert!(places.take("a").is_none());
        assert!(places.take("c").is_none());
    }

    #[test]
    fn a_place_is_free_again_once_it_is_dropped_and_leaves_no_trace() {
        let places = Places::new(2, 1);
        for _ in 0..3 {
            let first = places.take("a");
            let second = places.take("b");
            assert!(first.is_some() && second.is_some());
            drop(first);
            assert!(places.take("a").is_some());
        }
        let held = places.held();
        assert_eq!((held.in_all, held.by.len()), (0, 0));
    }

    #[test]
    fn a_refusal_takes_no_place() {
        let places = Places::new(1, 1);
        let held = places.take("a");
        assert!(places.take("a").is_none() && places.take("b").is_none());
        drop(held);
        assert!(places.take("b").is_some());
    }
}
