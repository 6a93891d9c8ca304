//! Room for the texts of answers under way.
//!
//! A page of contacts is small as a rule, but its notes and JSON values may take a hundred times as much. So a
//! request that asks for them waits until there is room for all that they may take, and keeps it until its
//! answer has been sent: the requests that an organization may run at once would otherwise fill the memory.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use super::answer_size::JSON_WEIGHT;

/// Room of an organization, in KiB. An answer that may take more has all of it.
const MAX_ROOM: u32 = 192 * 1024;

/// Maximum size of a JSON value of a contact.
const JSON_BYTES: usize = 16 * 1024;
/// Maximum size of a contact's notes, in ASCII characters.
const NOTES_BYTES: usize = 64 * 1024;
/// Number of times that a text is held at once: in its row, in the answer, and in the answer's JSON.
const COPIES: usize = 3;

/// Returns the bytes that a field of an object may take while an answer is made.
pub(super) fn bytes_of(parent: &str, field: &str) -> usize {
    match (parent, field) {
        ("Contact", "metadata" | "industryContext") => JSON_BYTES * (COPIES - 1 + JSON_WEIGHT),
        ("Contact", "notes") => NOTES_BYTES * COPIES,
        _ => 0,
    }
}

/// Rooms of all organizations that use theirs. Cloning it is cheap; the clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct AnswerRooms(Arc<Mutex<HashMap<Uuid, Weak<Semaphore>>>>);

/// Room that an answer has taken, given back when this is dropped.
#[derive(Debug)]
pub struct Room {
    _permit: OwnedSemaphorePermit,
}

/// Error of an answer for which there was no room in time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

impl AnswerRooms {
    /// Waits for room for an answer; `None` if it needs none.
    pub(super) async fn take(
        &self,
        org_id: Uuid,
        bytes: usize,
        deadline: Instant,
    ) -> Result<Option<Room>, NoRoom> {
        let wanted = u32::try_from(bytes / 1024).unwrap_or(u32::MAX).min(MAX_ROOM);
        if wanted == 0 {
            return Ok(None);
        }
        let room = self.of(org_id).acquire_many_owned(wanted);
        match timeout_at(deadline, room).await {
            Ok(Ok(permit)) => Ok(Some(Room { _permit: permit })),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(NoRoom),
        }
    }

    fn of(&self, org_id: Uuid) -> Arc<Semaphore> {
        let mut rooms = self.0.lock();
        if let Some(room) = rooms.get(&org_id).and_then(Weak::upgrade) {
            return room;
        }
        // Those that nobody uses any more are not remembered.
        rooms.retain(|_, room| room.strong_count() > 0);
        let room = Arc::new(Semaphore::new(usize::try_from(MAX_ROOM).unwrap_or(Semaphore::MAX_PERMITS)));
        rooms.insert(org_id, Arc::downgrade(&room));
        room
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[tokio::test]
    async fn answers_wait_until_there_is_room_for_all_that_they_may_take() {
        let (rooms, org_id, other) = (AnswerRooms::default(), Uuid::now_v7(), Uuid::now_v7());
        let half = 96 * 1024 * 1024;
        let first = rooms.take(org_id, half, soon()).await.expect("room");
        let second = rooms.take(org_id, half, soon()).await.expect("room");
        let mut third = Box::pin(rooms.take(org_id, half, soon()));
        assert!((&mut third).now_or_never().is_none());
        assert!(
            rooms.take(org_id, 0, soon()).now_or_never().expect("at once").expect("no room needed").is_none()
        );
        assert!(rooms.take(other, half, soon()).now_or_never().is_some(), "another has a room of its own");
        drop(first);
        assert!((&mut third).now_or_never().is_some());
        drop((second, third));
    }

    #[tokio::test]
    async fn an_answer_of_any_size_gets_its_room_and_leaves_nothing_behind() {
        let (rooms, org_id) = (AnswerRooms::default(), Uuid::now_v7());
        for _ in 0..2 {
            let all = rooms.take(org_id, usize::MAX, soon()).await.expect("all of it");
            assert_eq!(rooms.take(org_id, 1024, Instant::now()).await.expect_err("no room"), NoRoom);
            drop(all);
        }
        drop(rooms.take(Uuid::now_v7(), 1024, soon()).await);
        assert_eq!(rooms.0.lock().len(), 1, "the other has gone");
    }
}
