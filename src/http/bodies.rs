//! Bodies under way: those that come slowly make way for others.
//!
//! A body is under way until it is whole. When there are too many, or they have too many bytes, the one that has been
//! too slow for the longest is given up, among those of the holder that has most of them. Whole bodies wait for their
//! turn and are not given up; who finds the bytes taken by these is refused.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::oneshot, time::Instant};
use uuid::Uuid;

/// Maximum numbers of bodies and of their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BodyLimits {
    /// Maximum number of bodies under way.
    pub(super) under_way: usize,
    /// Maximum bytes of bodies, whole ones included.
    pub(super) bytes: usize,
    /// Maximum bytes of bodies of one holder, whole ones included.
    pub(super) bytes_per_holder: usize,
    /// Time in which a body of this many bytes should come; a slower one is too slow.
    pub(super) pace: (Duration, usize),
}

/// All bodies under way or held. Cloning it is cheap; the clones share them.
#[derive(Clone, Debug)]
pub(super) struct Bodies(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: BodyLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    bytes: usize,
    holders: HashMap<Uuid, Holder>,
    bodies: HashMap<u64, Entry>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Holder {
    bodies: usize,
    under_way: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    holder: Uuid,
    bytes: usize,
    /// Time at which what has come was due: the earlier, the longer it has been too slow. A body that comes fast enough
    /// is never ahead of now, so that bytes that came early do not excuse a pause.
    due: Instant,
    /// `None` once the body is whole.
    give_up: Option<oneshot::Sender<()>>,
}

/// A body under way or held, which gives back what it takes when this is dropped.
#[derive(Debug)]
pub(super) struct Body {
    bodies: Bodies,
    number: u64,
    given_up: oneshot::Receiver<()>,
}

/// Reason why a body cannot grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoGrowth {
    /// It was given up for another one.
    GivenUp,
    /// Whole bodies have the bytes.
    NoRoom,
}

/// Scarce thing of which a holder may have most.
#[derive(Clone, Copy)]
enum Scarce {
    Bodies,
    Bytes,
}

impl Bodies {
    pub(super) fn new(limits: BodyLimits) -> Self {
        Self(Arc::new(Shared { limits, state: Mutex::default() }))
    }

    /// Begins a body. If too many are under way, another one is given up.
    pub(super) fn begin(&self, holder: Uuid) -> Body {
        self.begin_at(holder, Instant::now())
    }

    fn begin_at(&self, holder: Uuid, now: Instant) -> Body {
        let (give_up, given_up) = oneshot::channel();
        let mut state = self.0.state.lock();
        let number = state.next;
        state.next += 1;
        let entry = Entry { holder, bytes: 0, due: now, give_up: Some(give_up) };
        state.bodies.insert(number, entry);
        let of_holder = state.holders.entry(holder).or_default();
        of_holder.bodies += 1;
        of_holder.under_way += 1;
        while state.under_way() > self.0.limits.under_way && state.give_up_slowest(None, Scarce::Bodies) {}
        drop(state);
        Body { bodies: self.clone(), number, given_up }
    }
}

impl Body {
    /// Counts bytes that have come, for which others are given up if they are too many.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), NoGrowth> {
        self.grow_at(bytes, Instant::now())
    }

    fn grow_at(&mut self, bytes: usize, now: Instant) -> Result<(), NoGrowth> {
        let limits = self.bodies.0.limits;
        let mut state = self.bodies.0.state.lock();
        let entry = state.bodies.get_mut(&self.number).ok_or(NoGrowth::GivenUp)?;
        let earned = limits.pace.0.mul_f64(ratio(bytes, limits.pace.1));
        entry.due = (entry.due + earned).min(now);
        let holder = entry.holder;
        loop {
            if state.bodies.get(&self.number).is_none_or(|entry| entry.give_up.is_none()) {
                return Err(NoGrowth::GivenUp);
            }
            let own = state.holders.get(&holder).map_or(0, |holder| holder.bytes);
            let freed = if own + bytes > limits.bytes_per_holder {
                state.give_up_slowest(Some(holder), Scarce::Bytes)
            } else if state.bytes + bytes > limits.bytes {
                state.give_up_slowest(None, Scarce::Bytes)
            } else {
                break;
            };
            if !freed {
                return Err(NoGrowth::NoRoom);
            }
        }
        state.add(self.number, holder, bytes);
        Ok(())
    }

    /// Says that the body is whole, after which it is not given up.
    pub(super) fn is_whole(&mut self) {
        let mut state = self.bodies.0.state.lock();
        let ended = state.bodies.get_mut(&self.number).and_then(|entry| {
            entry.give_up.take()?;
            Some(entry.holder)
        });
        if let Some(holder) = ended.and_then(|holder| state.holders.get_mut(&holder)) {
            holder.under_way -= 1;
        }
    }

    /// Completes when the body is given up.
    pub(super) async fn given_up(&mut self) {
        // The other end is dropped with its entry, and when the body is whole, which nobody waits for.
        drop((&mut self.given_up).await);
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.bodies.0.state.lock().remove(self.number);
    }
}

impl State {
    fn under_way(&self) -> usize {
        self.holders.values().map(|holder| holder.under_way).sum()
    }

    fn add(&mut self, number: u64, holder: Uuid, bytes: usize) {
        self.bytes += bytes;
        if let Some(entry) = self.bodies.get_mut(&number) {
            entry.bytes += bytes;
        }
        if let Some(holder) = self.holders.get_mut(&holder) {
            holder.bytes += bytes;
        }
    }

    /// Gives up the body under way that has been too slow for the longest, of this holder or of the one that has most;
    /// false if there is none.
    fn give_up_slowest(&mut self, holder: Option<Uuid>, scarce: Scarce) -> bool {
        let bodies = self.bodies.iter().filter(|(_, entry)| {
            let frees = matches!(scarce, Scarce::Bodies) || entry.bytes > 0;
            entry.give_up.is_some() && frees && holder.is_none_or(|holder| holder == entry.holder)
        });
        let slowest = bodies.max_by_key(|(_, entry)| {
            let of_holder = self.holders.get(&entry.holder).copied().unwrap_or_default();
            let has = match scarce {
                Scarce::Bodies => of_holder.under_way,
                Scarce::Bytes => of_holder.bytes,
            };
            (has, std::cmp::Reverse(entry.due))
        });
        let Some(number) = slowest.map(|(number, _)| *number) else {
            return false;
        };
        self.remove(number);
        true
    }

    fn remove(&mut self, number: u64) {
        let Some(entry) = self.bodies.remove(&number) else {
            return;
        };
        self.bytes -= entry.bytes;
        if let Some(holder) = self.holders.get_mut(&entry.holder) {
            holder.bodies -= 1;
            holder.under_way -= usize::from(entry.give_up.is_some());
            holder.bytes -= entry.bytes;
            if holder.bodies == 0 {
                self.holders.remove(&entry.holder);
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes of bodies are exact in a double")]
fn ratio(bytes: usize, of: usize) -> f64 {
    bytes as f64 / of.max(1) as f64
}

#[cfg(test)]
mod tests;
