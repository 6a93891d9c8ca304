//! Room for answers while they are made.
//!
//! A page of contacts is small as a rule, but its notes and JSON values may take a hundred times as much. So an answer
//! that turns out to be long is not made before there is room for all that it may take, and keeps it until it is made
//! and counted among those that are not taken: the requests that may run at once would otherwise fill the memory.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use super::{
    answer_size::JSON_WEIGHT,
    error::{ApiError, ApiResult},
};

/// Room of all answers, in KiB.
const MAX_ROOM: usize = 256 * 1024;
/// Room of the answers of an organization, in KiB. An answer that may take more has all of it.
const MAX_ROOM_OF_ORGANIZATION: u32 = 128 * 1024;

/// Maximum size of a JSON value of a contact.
const JSON_BYTES: usize = 16 * 1024;
/// Maximum size of a contact's notes: 65,536 characters of 4 bytes.
const NOTES_BYTES: usize = 256 * 1024;
/// Number of times that a text is held at once: in its row or in the JSON of a part, and in the answer.
pub(super) const COPIES: usize = 2;

/// Returns the bytes that a field of an object may take while an answer is made.
pub(super) fn bytes_of(parent: &str, field: &str) -> usize {
    match (parent, field) {
        ("Contact", "metadata" | "industryContext") => JSON_BYTES * (COPIES + JSON_WEIGHT),
        ("Contact", "notes") => NOTES_BYTES * COPIES,
        _ => 0,
    }
}

/// Says of an organization that it may not have another answer.
type IsFull = dyn Fn(Uuid) -> bool + Send + Sync;

/// Rooms of all organizations that use theirs. Cloning it is cheap; the clones share them.
#[derive(Clone)]
pub(super) struct AnswerRooms {
    of_all: Arc<Semaphore>,
    of_organizations: Arc<Mutex<HashMap<Uuid, Weak<Semaphore>>>>,
    is_full: Option<Arc<IsFull>>,
}

/// Room that an answer has taken, given back when this is dropped.
#[derive(Debug)]
pub struct Room {
    _own: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

/// Room of one answer, which is taken when it is needed.
#[derive(Debug)]
pub(super) struct AnswerRoom<'a> {
    rooms: &'a AnswerRooms,
    org_id: Uuid,
    deadline: Instant,
    taken: Option<Room>,
}

impl Default for AnswerRooms {
    fn default() -> Self {
        Self { of_all: Arc::new(Semaphore::new(MAX_ROOM)), of_organizations: Arc::default(), is_full: None }
    }
}

impl fmt::Debug for AnswerRooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerRooms").finish_non_exhaustive()
    }
}

impl AnswerRooms {
    /// Refuses room to an organization for which this holds when its turn has come.
    pub(super) fn refusing_while(self, is_full: impl Fn(Uuid) -> bool + Send + Sync + 'static) -> Self {
        Self { is_full: Some(Arc::new(is_full)), ..self }
    }

    /// Returns the room of an answer, of which nothing is taken yet.
    pub(super) fn of_answer(&self, org_id: Uuid, deadline: Instant) -> AnswerRoom<'_> {
        AnswerRoom { rooms: self, org_id, deadline, taken: None }
    }

    /// Waits for room: first among the answers of the organization, and then, as one of few, among all.
    async fn take(&self, org_id: Uuid, kib: u32) -> Option<Room> {
        // The semaphores are never closed.
        let own = self.of(org_id).acquire_many_owned(kib).await.ok()?;
        let of_all = self.of_all.clone().acquire_many_owned(kib).await.ok()?;
        Some(Room { _own: own, _of_all: of_all })
    }

    fn of(&self, org_id: Uuid) -> Arc<Semaphore> {
        let mut rooms = self.of_organizations.lock();
        if let Some(room) = rooms.get(&org_id).and_then(Weak::upgrade) {
            return room;
        }
        // Those that nobody uses any more are not remembered.
        rooms.retain(|_, room| room.strong_count() > 0);
        let permits = usize::try_from(MAX_ROOM_OF_ORGANIZATION).unwrap_or(Semaphore::MAX_PERMITS);
        let room = Arc::new(Semaphore::new(permits));
        rooms.insert(org_id, Arc::downgrade(&room));
        room
    }
}

impl AnswerRoom<'_> {
    /// Waits for room for an answer that may take so many bytes, unless it has room already or needs none.
    ///
    /// # Errors
    /// There was no room in time, or the organization may not have another answer by then.
    pub(super) async fn take(&mut self, bytes: usize) -> ApiResult<()> {
        let kib = u32::try_from(bytes / 1024).unwrap_or(u32::MAX).min(MAX_ROOM_OF_ORGANIZATION);
        if kib == 0 || self.taken.is_some() {
            return Ok(());
        }
        let Ok(Some(room)) = timeout_at(self.deadline, self.rooms.take(self.org_id, kib)).await else {
            return Err(ApiError::overloaded());
        };
        if self.rooms.is_full.as_ref().is_some_and(|is_full| is_full(self.org_id)) {
            return Err(ApiError::untaken_answers());
        }
        self.taken = Some(room);
        Ok(())
    }

    /// Returns true if the answer has room.
    pub(super) fn is_taken(&self) -> bool {
        self.taken.is_some()
    }

    /// Returns what was taken.
    pub(super) fn into_taken(self) -> Option<Room> {
        self.taken
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        time::Duration,
    };

    use futures_util::FutureExt as _;

    use super::*;
    use crate::error::ErrorCode;

    const ALL_OF_ONE: usize = 128 * 1024 * 1024;
    const HALF: usize = ALL_OF_ONE / 2;

    fn room(rooms: &AnswerRooms, org_id: Uuid) -> AnswerRoom<'_> {
        rooms.of_answer(org_id, Instant::now() + Duration::from_mins(1))
    }

    #[tokio::test]
    async fn answers_wait_until_there_is_room_for_all_that_they_may_take() {
        let (rooms, org_id, other) = (AnswerRooms::default(), Uuid::now_v7(), Uuid::now_v7());
        let [mut first, mut second, mut third, mut small] = [(); 4].map(|()| room(&rooms, org_id));
        first.take(HALF).await.expect("room");
        second.take(HALF).await.expect("room");
        first.take(HALF).now_or_never().expect("at once").expect("it has room");
        let mut waiting = Box::pin(third.take(HALF));
        assert!((&mut waiting).now_or_never().is_none());
        small.take(1_023).now_or_never().expect("at once").expect("no room needed");
        assert!(!small.is_taken());
        let mut of_other = room(&rooms, other);
        assert!(of_other.take(HALF).now_or_never().is_some(), "another has a room of its own");
        drop(first);
        assert!((&mut waiting).now_or_never().is_some());
    }

    #[tokio::test]
    async fn answers_of_all_organizations_have_their_maximum_of_room_and_take_turns() {
        let rooms = AnswerRooms::default();
        let [mut first, mut second, mut third] = [(); 3].map(|()| room(&rooms, Uuid::now_v7()));
        first.take(ALL_OF_ONE).await.expect("room");
        second.take(usize::MAX).await.expect("room");
        let mut waiting = Box::pin(third.take(1024));
        assert!((&mut waiting).now_or_never().is_none());
        drop(second);
        assert!((&mut waiting).now_or_never().is_some());
    }

    #[tokio::test]
    async fn an_answer_of_any_size_gets_its_room_and_leaves_nothing_behind() {
        let (rooms, org_id) = (AnswerRooms::default(), Uuid::now_v7());
        for _ in 0..2 {
            let mut all = room(&rooms, org_id);
            all.take(usize::MAX).await.expect("all of it");
            let mut late = rooms.of_answer(org_id, Instant::now());
            assert_eq!(late.take(1024).await.expect_err("no room").code(), ErrorCode::Overloaded);
        }
        room(&rooms, Uuid::now_v7()).take(1024).await.expect("room");
        assert_eq!(rooms.of_organizations.lock().len(), 1, "the other has gone");
        assert_eq!(rooms.of_all.available_permits(), MAX_ROOM);
    }

    #[tokio::test]
    async fn an_organization_that_is_full_when_there_is_room_is_refused() {
        let is_full = Arc::new(AtomicBool::new(false));
        let seen = is_full.clone();
        let rooms = AnswerRooms::default().refusing_while(move |_| seen.load(Ordering::Relaxed));
        let org_id = Uuid::now_v7();
        let [mut first, mut second, mut third] = [(); 3].map(|()| room(&rooms, org_id));
        first.take(ALL_OF_ONE).await.expect("room");
        let mut waiting = Box::pin(second.take(ALL_OF_ONE));
        assert!((&mut waiting).now_or_never().is_none());
        is_full.store(true, Ordering::Relaxed);
        drop(first);
        assert_eq!(waiting.await.expect_err("full").code(), ErrorCode::Overloaded);
        is_full.store(false, Ordering::Relaxed);
        third.take(ALL_OF_ONE).now_or_never().expect("at once").expect("the refused one has left its room");
    }
}
