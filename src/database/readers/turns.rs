//! Whose turn it is to read.
//!
//! A few connections are shared by all organizations. Organizations take turns, and within one the longest
//! waiting goes first. None has more than its share, whether others wait or not: what is free then is there
//! at once for whoever comes. Statements that take long go by a lane of their own, which has at most half.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use parking_lot::Mutex;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Lane of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::database) enum Lane {
    /// Statements that an index serves.
    Fast,
    /// Statements that may take long.
    Slow,
}

/// Permits to have a connection.
#[derive(Debug)]
pub(in crate::database) struct Turns {
    max: usize,
    max_of_organization: usize,
    max_slow: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: usize,
    held_slow: usize,
    slow_lane_is_closed: bool,
    /// Number of the next who waits.
    next: u64,
    organizations: HashMap<Uuid, Organization>,
    /// Organizations of which somebody waits, in the order in which they have their turns.
    order: VecDeque<Uuid>,
}

/// An organization that has permits, or waits for one.
#[derive(Debug, Default)]
struct Organization {
    held: usize,
    /// Those that answer a write: before all others.
    first: VecDeque<Waiting>,
    fast: VecDeque<Waiting>,
    slow: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    lane: Lane,
    granted: oneshot::Sender<Permit>,
}

/// Permission to have a connection, given back when this is dropped.
#[derive(Debug)]
pub(in crate::database) struct Permit {
    turns: Arc<Turns>,
    org_id: Uuid,
    lane: Lane,
}

/// The wait for a permit. Dropping it leaves the queue.
#[derive(Debug)]
pub(in crate::database) struct Turn {
    turns: Arc<Turns>,
    org_id: Uuid,
    number: u64,
    granted: oneshot::Receiver<Permit>,
    /// True once it has been granted.
    is_over: bool,
}

impl Turns {
    /// Gives out at most `max` permits: three quarters of them to one organization, half of them to the
    /// slow lane, and at least one to each.
    pub(in crate::database) fn new(max: usize) -> Self {
        Self {
            max,
            max_of_organization: (max * 3 / 4).max(1),
            max_slow: (max / 2).max(1),
            state: Mutex::default(),
        }
    }

    /// Maximum number of permits.
    pub(in crate::database) fn max(&self) -> usize {
        self.max
    }

    /// Lets no new statement into the slow lane, or does so again.
    pub(in crate::database) fn close_slow_lane(self: &Arc<Self>, closed: bool) {
        self.state.lock().slow_lane_is_closed = closed;
        self.grant();
    }

    /// Queues for a permit; `goes_first` before the others of the organization.
    pub(in crate::database) fn wait(self: &Arc<Self>, org_id: Uuid, lane: Lane, goes_first: bool) -> Turn {
        let (granted, receiver) = oneshot::channel();
        let number = {
            let mut state = self.state.lock();
            let number = state.next;
            state.next += 1;
            let organization = state.organizations.entry(org_id).or_default();
            let is_new = !organization.waits();
            let queue = match (goes_first, lane) {
                (true, _) => &mut organization.first,
                (false, Lane::Fast) => &mut organization.fast,
                (false, Lane::Slow) => &mut organization.slow,
            };
            queue.push_back(Waiting { number, lane, granted });
            if is_new {
                state.order.push_back(org_id);
            }
            number
        };
        self.grant();
        Turn { turns: self.clone(), org_id, number, granted: receiver, is_over: false }
    }

    /// Gives out all permits that can be given out.
    fn grant(self: &Arc<Self>) {
        loop {
            // The lock is released before the permit may be dropped.
            let next = self.state.lock().next_turn(self);
            let Some((org_id, waiting)) = next else {
                return;
            };
            let permit = Permit { turns: self.clone(), org_id, lane: waiting.lane };
            // Whoever does not wait any more drops the permit, outside of the lock.
            drop(waiting.granted.send(permit));
        }
    }
}

impl State {
    /// Takes the next who may have a permit out of its queue, and counts the permit.
    fn next_turn(&mut self, turns: &Turns) -> Option<(Uuid, Waiting)> {
        if self.held == turns.max {
            return None;
        }
        let slow = !self.slow_lane_is_closed && self.held_slow < turns.max_slow;
        let found = self.order.iter().enumerate().find_map(|(place, org_id)| {
            let organization = self.organizations.get_mut(org_id)?;
            let may_have_one = organization.held < turns.max_of_organization;
            Some((place, *org_id, organization.next(slow).filter(|_| may_have_one)?))
        });
        let (place, org_id, queue) = found?;
        let organization = self.organizations.get_mut(&org_id)?;
        let waiting = organization.queue(queue).pop_front()?;
        organization.held += 1;
        self.held += 1;
        self.held_slow += usize::from(waiting.lane == Lane::Slow);
        // Behind the others.
        self.order.remove(place);
        if organization.waits() {
            self.order.push_back(org_id);
        }
        Some((org_id, waiting))
    }

    fn leave(&mut self, org_id: Uuid, number: u64) {
        let Some(organization) = self.organizations.get_mut(&org_id) else {
            return;
        };
        for queue in [Queue::First, Queue::Fast, Queue::Slow] {
            let queue = organization.queue(queue);
            if let Ok(place) = queue.binary_search_by_key(&number, |waiting| waiting.number) {
                queue.remove(place);
            }
        }
        if !organization.waits() {
            self.order.retain(|waiting| *waiting != org_id);
        }
        self.forget_if_gone(org_id);
    }

    fn give_back(&mut self, org_id: Uuid, lane: Lane) {
        self.held -= 1;
        self.held_slow -= usize::from(lane == Lane::Slow);
        if let Some(organization) = self.organizations.get_mut(&org_id) {
            organization.held -= 1;
        }
        self.forget_if_gone(org_id);
    }

    /// The map does not grow with strangers.
    fn forget_if_gone(&mut self, org_id: Uuid) {
        if self.organizations.get(&org_id).is_some_and(|gone| gone.held == 0 && !gone.waits()) {
            self.organizations.remove(&org_id);
        }
    }
}

#[derive(Clone, Copy)]
enum Queue {
    First,
    Fast,
    Slow,
}

impl Organization {
    fn waits(&self) -> bool {
        !(self.first.is_empty() && self.fast.is_empty() && self.slow.is_empty())
    }

    fn queue(&mut self, queue: Queue) -> &mut VecDeque<Waiting> {
        match queue {
            Queue::First => &mut self.first,
            Queue::Fast => &mut self.fast,
            Queue::Slow => &mut self.slow,
        }
    }

    /// Returns the queue whose first has the next turn; `slow` is true if the slow lane has room.
    fn next(&self, slow: bool) -> Option<Queue> {
        let front = |queue: &VecDeque<Waiting>| {
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

impl Drop for Permit {
    fn drop(&mut self) {
        self.turns.state.lock().give_back(self.org_id, self.lane);
        self.turns.grant();
    }
}

impl Future for Turn {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit> {
        match Pin::new(&mut self.granted).poll(cx) {
            Poll::Ready(Ok(permit)) => {
                self.is_over = true;
                Poll::Ready(permit)
            }
            // Nobody drops the other end before this.
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.is_over {
            self.turns.state.lock().leave(self.org_id, self.number);
            // Whoever stood behind may have its turn now.
            self.turns.grant();
        }
    }
}

#[cfg(test)]
mod tests;
