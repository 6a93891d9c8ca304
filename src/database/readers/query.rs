//! Statements that are run, and the ways in which their rows are taken.

use std::slice;

use sea_orm::Statement;

use crate::{
    database::{
        connection::Connection,
        selected::Selected,
        sink::{Receiver, Sink},
    },
    error::{DatabaseError, During as _},
};

/// A statement, and a way to take its rows.
pub(super) trait Query: Send {
    /// Rows, as they are taken.
    type Rows: Send;

    /// Runs the statement.
    fn run(
        &mut self,
        connection: &Connection,
        during: &'static str,
    ) -> impl Future<Output = Result<Self::Rows, DatabaseError>> + Send;

    /// Returns true if the statement may be run once more after a failure.
    fn may_run_again(&self) -> bool;
}

/// All rows at once.
pub(super) struct Collected<'a>(pub(super) &'a Statement);

impl Query for Collected<'_> {
    type Rows = Vec<Selected>;

    async fn run(
        &mut self,
        connection: &Connection,
        during: &'static str,
    ) -> Result<Vec<Selected>, DatabaseError> {
        connection.read(self.0).await.during(during)
    }

    fn may_run_again(&self) -> bool {
        true
    }
}

/// Rows that are handed to a sink, which comes back with what it has made of them.
pub(super) struct HandedOn<'a, S> {
    statement: &'a Statement,
    /// `None` while it is used, and once it has taken rows in vain.
    sink: Option<S>,
}

impl<'a, S> HandedOn<'a, S> {
    pub(super) fn to(sink: S, statement: &'a Statement) -> Self {
        Self { statement, sink: Some(sink) }
    }
}

impl<S: Sink> Query for HandedOn<'_, S> {
    type Rows = S;

    async fn run(&mut self, connection: &Connection, during: &'static str) -> Result<S, DatabaseError> {
        let lost = || DatabaseError::internal(during, "the receiver of the rows is lost");
        let receiver = Receiver::new(self.sink.take().ok_or_else(lost)?);
        let (receiver, result) = connection.read_into(slice::from_ref(self.statement), receiver).await;
        match (receiver, result.during(during)) {
            (Some(receiver), Ok(())) => receiver.finish(),
            (None, Ok(())) => Err(lost()),
            (receiver, Err(error)) => {
                // A connection that had died while it was idle has given no row.
                self.sink = receiver.and_then(Receiver::unused);
                Err(error)
            }
        }
    }

    fn may_run_again(&self) -> bool {
        self.sink.is_some()
    }
}
