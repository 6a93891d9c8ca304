//! Callers whose statements run in a batch.

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;

use crate::{
    database::{
        request::RequestShare,
        sink::{RawRow, Receiver, Sink},
    },
    error::DatabaseError,
};

/// Whoever waits for the rows of one statement of a batch.
pub(super) trait Member: Send {
    /// Takes a row of the statement.
    fn row(&mut self, row: &RawRow<'_>);

    /// Returns true if it has taken no row.
    fn is_unused(&self) -> bool;

    /// Charges it processor time.
    fn charge(&self, time: Duration);

    /// Tells it the outcome.
    fn answer(self: Box<Self>, outcome: Result<(), DatabaseError>);
}

/// A caller.
pub(super) struct Asking<S> {
    pub(super) request: Option<Arc<RequestShare>>,
    pub(super) receiver: Receiver<S>,
    pub(super) answer: oneshot::Sender<Result<S, DatabaseError>>,
}

impl<S: Sink> Member for Asking<S> {
    fn row(&mut self, row: &RawRow<'_>) {
        self.receiver.take(row);
    }

    fn is_unused(&self) -> bool {
        self.receiver.is_unused()
    }

    fn charge(&self, time: Duration) {
        if let Some(request) = &self.request {
            request.charge(time);
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), DatabaseError>) {
        let Self { receiver, answer, .. } = *self;
        // Whoever does not wait any more drops it.
        drop(answer.send(outcome.and_then(|()| receiver.finish())));
    }
}
