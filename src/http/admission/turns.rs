//! Queues of holders, and the order in which they get places.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    time::Duration,
};

use tokio::sync::oneshot;

use super::AdmissionLimits;

/// Time of a request for a holder of whom none has ended yet.
const DEFAULT_TIME: Duration = Duration::from_millis(500);
/// Number of requests over which their time is averaged.
const AVERAGED: u32 = 16;

/// State of all queues.
#[derive(Debug)]
pub(super) struct Turns<K> {
    limits: AdmissionLimits,
    running: usize,
    /// Holders with requests that run or wait, so that the map does not grow with strangers.
    holders: HashMap<K, Holder>,
    /// Holders with requests that wait, each once. The first is the next to get a place.
    order: VecDeque<K>,
    /// Number of the request that waits next.
    next: u64,
}

#[derive(Debug, Default)]
struct Holder {
    running: usize,
    waiting: VecDeque<Request>,
    /// Average time of the requests that ended lately.
    time: Option<Duration>,
}

#[derive(Debug)]
struct Request {
    number: u64,
    granted: oneshot::Sender<()>,
}

/// Outcome for a request that has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// It runs.
    Running,
    /// It waits, under this number.
    Waiting(u64),
    /// It may not even wait.
    Refused,
}

impl<K: Copy + Eq + Hash> Turns<K> {
    pub(super) fn new(limits: AdmissionLimits) -> Self {
        Self { limits, running: 0, holders: HashMap::new(), order: VecDeque::new(), next: 0 }
    }

    /// Lets a request run or wait. `granted` is told when its turn has come.
    pub(super) fn enter(&mut self, holder: K, granted: oneshot::Sender<()>) -> Entry {
        let entry = self.holders.entry(holder).or_default();
        // Who waits goes first.
        if self.running < self.limits.running
            && entry.running < self.limits.running_per_holder
            && entry.waiting.is_empty()
        {
            self.running += 1;
            entry.running += 1;
            return Entry::Running;
        }
        if entry.waiting.len() >= self.limits.waiting_per_holder {
            self.forget(holder);
            return Entry::Refused;
        }
        let number = self.next;
        self.next += 1;
        if entry.waiting.is_empty() {
            self.order.push_back(holder);
        }
        entry.waiting.push_back(Request { number, granted });
        Entry::Waiting(number)
    }

    /// Returns true if another request of this holder could run or wait.
    pub(super) fn has_room(&self, holder: K) -> bool {
        let waiting = self.holders.get(&holder).map_or(0, |entry| entry.waiting.len());
        let running = self.holders.get(&holder).map_or(0, |entry| entry.running);
        waiting < self.limits.waiting_per_holder
            || (waiting == 0
                && running < self.limits.running_per_holder
                && self.running < self.limits.running)
    }

    /// Takes a request out of its queue; if its turn has come already, its place is free again.
    pub(super) fn withdraw(&mut self, holder: K, number: u64) {
        let Some(entry) = self.holders.get_mut(&holder) else { return };
        let place = entry.waiting.iter().position(|request| request.number == number);
        match place.and_then(|place| entry.waiting.remove(place)) {
            Some(_) => {
                if entry.waiting.is_empty() {
                    self.order.retain(|other| *other != holder);
                }
                self.forget(holder);
            }
            None => self.leave(holder, None),
        }
    }

    /// Frees the place of a request that has run for some time, and gives free places to those that wait.
    pub(super) fn leave(&mut self, holder: K, ran: Option<Duration>) {
        self.running -= 1;
        if let Some(entry) = self.holders.get_mut(&holder) {
            entry.running -= 1;
            if let Some(ran) = ran {
                let average = |time: Duration| (time * (AVERAGED - 1) + ran) / AVERAGED;
                entry.time = Some(entry.time.map_or(ran, average));
            }
        }
        self.forget(holder);
        self.hand_out();
    }

    /// Returns the time in which the requests of a holder that wait now are probably done.
    pub(super) fn wait(&self, holder: K) -> Duration {
        let Some(entry) = self.holders.get(&holder) else { return Duration::ZERO };
        let rounds = entry.waiting.len() / self.limits.running_per_holder.max(1) + 1;
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        entry.time.unwrap_or(DEFAULT_TIME).saturating_mul(rounds)
    }

    /// Gives free places to the holders with requests that wait, one to each in turn.
    fn hand_out(&mut self) {
        let mut passed_over = 0;
        while self.running < self.limits.running && passed_over < self.order.len() {
            let Some(holder) = self.order.pop_front() else { return };
            let Some(entry) = self.holders.get_mut(&holder) else { continue };
            if entry.running >= self.limits.running_per_holder {
                passed_over += 1;
                self.order.push_back(holder);
                continue;
            }
            passed_over = 0;
            let Some(request) = entry.waiting.pop_front() else { continue };
            self.running += 1;
            entry.running += 1;
            if !entry.waiting.is_empty() {
                self.order.push_back(holder);
            }
            // One that has just hung up gives its place back by itself.
            let _: Result<(), ()> = request.granted.send(());
        }
    }

    /// Drops a holder without requests.
    fn forget(&mut self, holder: K) {
        if self.holders.get(&holder).is_some_and(|entry| entry.running == 0 && entry.waiting.is_empty()) {
            self.holders.remove(&holder);
        }
    }

    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.running == 0 && self.holders.is_empty() && self.order.is_empty()
    }
}
