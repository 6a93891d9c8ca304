//! The jobs that wait, and whose turn it is.
//!
//! Organizations take turns: each batch begins with the one that has waited longest, and on SQLite takes a job of
//! each in turn. A large job is a batch of its own. So whoever waits behind another organization's large jobs waits
//! for one of them at most.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use crate::database::job::{Task, WriteError};

/// Maximum number of jobs in a batch.
const MAX_BATCH_JOBS: usize = 64;

/// Maximum number of contacts in a batch of several jobs.
const MAX_BATCH_ROWS: u32 = 2_000;

/// Maximum number of contacts of a job that shares a batch with others.
const MAX_SHARING_ROWS: u32 = 200;

/// Maximum number of jobs that wait, of all organizations together.
const MAX_WAITING_JOBS: usize = 4_096;

/// Organizations whose jobs may be in one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Organizations {
    One,
    Several,
}

/// The jobs that wait, by organization.
pub(super) struct Queues {
    batches_of: Organizations,
    by_organization: HashMap<Uuid, VecDeque<Box<dyn Task>>>,
    /// Organizations that wait and have no batch running, longest waiting first.
    ready: VecDeque<Uuid>,
    waiting: usize,
}

/// Jobs that are run together.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) tasks: Vec<Box<dyn Task>>,
    pub(super) organizations: Vec<Uuid>,
}

impl Queues {
    pub(super) fn new(batches_of: Organizations) -> Self {
        Self { batches_of, by_organization: HashMap::new(), ready: VecDeque::new(), waiting: 0 }
    }

    /// Number of jobs that wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Has a job wait.
    ///
    /// # Errors
    /// Too many wait.
    pub(super) fn push(&mut self, task: Box<dyn Task>) -> Result<(), WriteError> {
        if self.waiting >= MAX_WAITING_JOBS {
            return Err(WriteError::Overloaded);
        }
        let org_id = task.org_id();
        self.waiting += 1;
        // An organization that is known is in `ready`, or has a batch running that will put it there.
        if let Some(waiting) = self.by_organization.get_mut(&org_id) {
            waiting.push_back(task);
        } else {
            self.by_organization.insert(org_id, VecDeque::from([task]));
            self.ready.push_back(org_id);
        }
        Ok(())
    }

    /// Takes the next batch; an empty one if no organization may have one.
    ///
    /// Its organizations stay known until it [ends](Self::batch_ended), so that their next jobs wait for that.
    pub(super) fn next_batch(&mut self) -> Batch {
        let mut batch = Batch::default();
        let mut rows = 0;
        let places = if self.batches_of == Organizations::One { 1 } else { self.ready.len() };
        let mut turns: VecDeque<Uuid> = self.ready.iter().copied().take(places).collect();
        while let Some(org_id) = turns.pop_front() {
            let Some(waiting) = self.by_organization.get_mut(&org_id) else { continue };
            let next = waiting.pop_front_if(|task| {
                let fits = rows + task.rows() <= MAX_BATCH_ROWS && task.rows() <= MAX_SHARING_ROWS;
                batch.tasks.is_empty() || fits
            });
            let Some(task) = next else { continue };
            rows += task.rows();
            let is_large = task.rows() > MAX_SHARING_ROWS;
            batch.tasks.push(task);
            if !batch.organizations.contains(&org_id) {
                batch.organizations.push(org_id);
            }
            if is_large || batch.tasks.len() == MAX_BATCH_JOBS {
                break;
            }
            turns.push_back(org_id);
        }
        self.waiting -= batch.tasks.len();
        self.ready.retain(|org_id| !batch.organizations.contains(org_id));
        batch
    }

    /// Notes that a batch has ended.
    pub(super) fn batch_ended(&mut self, organizations: Vec<Uuid>) {
        for org_id in organizations {
            if self.by_organization.get(&org_id).is_some_and(|waiting| !waiting.is_empty()) {
                // Behind the others, so that a busy organization does not keep others waiting.
                self.ready.push_back(org_id);
            } else {
                self.by_organization.remove(&org_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use async_trait::async_trait;

    use super::*;
    use crate::{database::WriteTx, error::DatabaseError};

    /// A job that is never run.
    struct Waiting {
        org_id: Uuid,
        rows: u32,
    }

    #[async_trait]
    impl Task for Waiting {
        fn org_id(&self) -> Uuid {
            self.org_id
        }

        fn rows(&self) -> u32 {
            self.rows
        }

        fn kind(&self) -> TypeId {
            TypeId::of::<Self>()
        }

        fn start(&self) -> bool {
            true
        }

        async fn run(&self, _: &WriteTx<'_>, _: &[&dyn Task]) -> Result<bool, DatabaseError> {
            Ok(false)
        }

        fn finish(self: Box<Self>, _: Result<(), WriteError>) {}
    }

    /// Queues in which jobs of these organizations and rows wait.
    fn queues(batches_of: Organizations, jobs: impl IntoIterator<Item = (u128, u32)>) -> Queues {
        let mut queues = Queues::new(batches_of);
        for (org, rows) in jobs {
            queues.push(Box::new(Waiting { org_id: Uuid::from_u128(org), rows })).expect("room");
        }
        queues
    }

    /// The jobs of the next batch, which stays under way.
    fn next(queues: &mut Queues) -> (Vec<(u128, u32)>, Vec<Uuid>) {
        let Batch { tasks, organizations } = queues.next_batch();
        (tasks.iter().map(|task| (task.org_id().as_u128(), task.rows())).collect(), organizations)
    }

    #[test]
    fn a_batch_has_a_job_of_each_organization_in_turn() {
        let mut queues =
            queues(Organizations::Several, [(1, 10), (1, 11), (1, 12), (2, 20), (3, 30), (3, 31)]);
        let (jobs, organizations) = next(&mut queues);
        assert_eq!(jobs, [(1, 10), (2, 20), (3, 30), (1, 11), (3, 31), (1, 12)]);
        assert_eq!((queues.waiting(), organizations.len()), (0, 3));
        assert_eq!(next(&mut queues).0, []);
        queues.batch_ended(organizations);
        assert!(queues.by_organization.is_empty() && queues.ready.is_empty());
    }

    #[test]
    fn whoever_waits_behind_large_jobs_of_another_waits_for_one() {
        for batches_of in [Organizations::One, Organizations::Several] {
            let mut queues = queues(batches_of, [(1, 6_000), (1, 6_001), (1, 6_002), (2, 1)]);
            let (jobs, large) = next(&mut queues);
            assert_eq!(jobs, [(1, 6_000)]);
            queues.batch_ended(large);
            let (jobs, small) = next(&mut queues);
            assert_eq!(jobs, [(2, 1)], "{batches_of:?}");
            queues.batch_ended(small);
            assert_eq!(next(&mut queues).0, [(1, 6_001)]);
        }
    }

    #[test]
    fn an_organization_whose_job_had_no_room_comes_first_in_the_next_batch() {
        let mut queues = queues(Organizations::Several, [(1, 200), (2, 201), (3, 1), (1, 2)]);
        let (jobs, organizations) = next(&mut queues);
        assert_eq!(jobs, [(1, 200), (3, 1), (1, 2)]);
        queues.batch_ended(organizations);
        queues.push(Box::new(Waiting { org_id: Uuid::from_u128(1), rows: 1 })).expect("room");
        assert_eq!(next(&mut queues).0, [(2, 201)]);
    }

    #[test]
    fn a_batch_has_at_most_64_jobs_and_2_000_contacts() {
        let mut many = queues(Organizations::Several, (0..100).map(|_| (1, 1)));
        let (jobs, organizations) = next(&mut many);
        assert_eq!((jobs.len(), many.waiting()), (64, 36));
        assert_eq!(next(&mut many).0, [], "the organization's next batch waits for this one");
        many.batch_ended(organizations);
        assert_eq!(next(&mut many).0.len(), 36);

        let mut wide = queues(Organizations::One, (0..11).map(|_| (1, 200)));
        assert_eq!(next(&mut wide).0.len(), 10);
    }

    #[test]
    fn a_batch_of_one_organization_leaves_others_to_other_batches() {
        let mut queues = queues(Organizations::One, [(1, 1), (2, 1), (1, 1)]);
        assert_eq!(next(&mut queues).0, [(1, 1), (1, 1)]);
        assert_eq!(next(&mut queues).0, [(2, 1)]);
    }

    #[test]
    fn more_than_4_096_jobs_are_refused() {
        let mut queues = queues(Organizations::Several, (0..4_096).map(|org| (org, 1)));
        let one_more = Waiting { org_id: Uuid::nil(), rows: 1 };
        assert_eq!(queues.push(Box::new(one_more)).err(), Some(WriteError::Overloaded));
    }
}
