//! Queues of holders, and the order in which they get permits.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use tokio::sync::oneshot;

use super::{Holder, Lane, Permit, Shares};

/// Time for which a holder is taken to keep a permit that has given none back yet.
const DEFAULT_TIME: Duration = Duration::from_millis(500);

/// Number of permits over which the time is averaged for which a holder kept them.
const AVERAGED: u32 = 16;

/// State of all queues.
pub(super) struct Queues<K: Holder> {
    shares: Shares,
    held: usize,
    held_slow: usize,
    slow_lane_is_closed: bool,
    /// Number of the next who waits.
    next: u64,
    /// Holders that have permits, or wait for one, so that the map does not grow with strangers.
    holders: HashMap<K, Entry<K>>,
    /// Holders of which somebody waits, each once, in the order in which they have their turns.
    order: VecDeque<K>,
}

struct Entry<K: Holder> {
    held: usize,
    /// Those before all others.
    first: VecDeque<Waiting<K>>,
    fast: VecDeque<Waiting<K>>,
    slow: VecDeque<Waiting<K>>,
    /// Average time for which permits were kept lately.
    time: Option<Duration>,
}

/// One who waits.
pub(super) struct Waiting<K: Holder> {
    number: u64,
    pub(super) lane: Lane,
    pub(super) granted: oneshot::Sender<Permit<K>>,
}

impl<K: Holder> Default for Entry<K> {
    fn default() -> Self {
        Self { held: 0, first: VecDeque::new(), fast: VecDeque::new(), slow: VecDeque::new(), time: None }
    }
}

impl<K: Holder> Queues<K> {
    pub(super) fn new(shares: Shares) -> Self {
        Self {
            shares,
            held: 0,
            held_slow: 0,
            slow_lane_is_closed: false,
            next: 0,
            holders: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    pub(super) fn close_slow_lane(&mut self, closed: bool) {
        self.slow_lane_is_closed = closed;
    }

    /// Counts a permit for this holder, if one is free and nobody waits; otherwise returns false.
    pub(super) fn take_free(&mut self, holder: K, lane: Lane) -> bool {
        let is_slow = lane == Lane::Slow;
        if !self.order.is_empty() || self.held == self.shares.max || (is_slow && !self.slow_lane_has_room()) {
            return false;
        }
        let entry = self.holders.entry(holder).or_default();
        if entry.held >= self.shares.max_of_holder {
            return false;
        }
        entry.held += 1;
        self.held += 1;
        self.held_slow += usize::from(is_slow);
        true
    }

    fn slow_lane_has_room(&self) -> bool {
        !self.slow_lane_is_closed && self.held_slow < self.shares.max_slow
    }

    /// Queues, and returns the number in the queue.
    pub(super) fn enter(
        &mut self,
        holder: K,
        lane: Lane,
        goes_first: bool,
        granted: oneshot::Sender<Permit<K>>,
    ) -> u64 {
        let number = self.next;
        self.next += 1;
        let entry = self.holders.entry(holder).or_default();
        if entry.waiting() == 0 {
            self.order.push_back(holder);
        }
        let queue = match (goes_first, lane) {
            (true, _) => &mut entry.first,
            (false, Lane::Fast) => &mut entry.fast,
            (false, Lane::Slow) => &mut entry.slow,
        };
        queue.push_back(Waiting { number, lane, granted });
        number
    }

    pub(super) fn has_room(&self, holder: K, max_waiting: usize) -> bool {
        let entry = self.holders.get(&holder);
        let (held, waiting) = entry.map_or((0, 0), |entry| (entry.held, entry.waiting()));
        let is_served_at_once =
            waiting == 0 && held < self.shares.max_of_holder && self.held < self.shares.max;
        waiting < max_waiting || is_served_at_once
    }

    pub(super) fn expected_wait(&self, holder: K) -> Duration {
        let Some(entry) = self.holders.get(&holder) else {
            return Duration::ZERO;
        };
        let rounds = entry.waiting() / self.shares.max_of_holder.max(1) + 1;
        entry.time.unwrap_or(DEFAULT_TIME).saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
    }

    /// Takes the next who may have a permit out of its queue, and counts the permit.
    pub(super) fn next_turn(&mut self) -> Option<(K, Waiting<K>)> {
        if self.held == self.shares.max {
            return None;
        }
        let slow = self.slow_lane_has_room();
        let max_of_holder = self.shares.max_of_holder;
        let (place, holder, queue) = self.order.iter().enumerate().find_map(|(place, holder)| {
            let entry = self.holders.get(holder).filter(|entry| entry.held < max_of_holder)?;
            Some((place, *holder, entry.next(slow)?))
        })?;
        let entry = self.holders.get_mut(&holder)?;
        let waiting = entry.queue(queue).pop_front()?;
        entry.held += 1;
        self.held += 1;
        self.held_slow += usize::from(waiting.lane == Lane::Slow);
        // Behind the others.
        self.order.remove(place);
        if entry.waiting() > 0 {
            self.order.push_back(holder);
        }
        Some((holder, waiting))
    }

    /// Takes one who waits no longer out of its queue.
    pub(super) fn leave(&mut self, holder: K, number: u64) {
        let Some(entry) = self.holders.get_mut(&holder) else {
            return;
        };
        for queue in [Queue::First, Queue::Fast, Queue::Slow] {
            let queue = entry.queue(queue);
            if let Ok(place) = queue.binary_search_by_key(&number, |waiting| waiting.number) {
                queue.remove(place);
            }
        }
        if entry.waiting() == 0 {
            self.order.retain(|waiting| *waiting != holder);
        }
        self.forget_if_gone(holder);
    }

    /// Takes a permit back that was kept for some time.
    pub(super) fn give_back(&mut self, holder: K, lane: Lane, kept: Duration) {
        self.held -= 1;
        self.held_slow -= usize::from(lane == Lane::Slow);
        if let Some(entry) = self.holders.get_mut(&holder) {
            entry.held -= 1;
            let average = |time: Duration| (time * (AVERAGED - 1) + kept) / AVERAGED;
            entry.time = Some(entry.time.map_or(kept, average));
        }
        self.forget_if_gone(holder);
    }

    fn forget_if_gone(&mut self, holder: K) {
        if self.holders.get(&holder).is_some_and(|gone| gone.held == 0 && gone.waiting() == 0) {
            self.holders.remove(&holder);
        }
    }

    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.held == 0 && self.held_slow == 0 && self.holders.is_empty() && self.order.is_empty()
    }
}

#[derive(Clone, Copy)]
enum Queue {
    First,
    Fast,
    Slow,
}

impl<K: Holder> Entry<K> {
    fn waiting(&self) -> usize {
        self.first.len() + self.fast.len() + self.slow.len()
    }

    fn queue(&mut self, queue: Queue) -> &mut VecDeque<Waiting<K>> {
        match queue {
            Queue::First => &mut self.first,
            Queue::Fast => &mut self.fast,
            Queue::Slow => &mut self.slow,
        }
    }

    /// Returns the queue whose first has the next turn; `slow` is true if the slow lane has room.
    fn next(&self, slow: bool) -> Option<Queue> {
        let front = |queue: &VecDeque<Waiting<K>>| {
            queue.front().filter(|waiting| slow || waiting.lane == Lane::Fast).map(|waiting| waiting.number)
        };
        if front(&self.first).is_some() {
            return Some(Queue::First);
        }
        match (front(&self.fast), front(&self.slow)) {
            (Some(fast), Some(slow)) if slow < fast => Some(Queue::Slow),
            (Some(_), _) => Some(Queue::Fast),
            (None, Some(_)) => Some(Queue::Slow),
            (None, None) => None,
        }
    }
}
