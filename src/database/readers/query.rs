//! The ways in which the rows of a read are taken.

use sea_orm::Statement;

use crate::{
    database::{
        connection::Connection,
        selected::Selected,
        sink::{Receiver, Sink},
    },
    error::{DatabaseError, During as _},
};

/// A way to take the rows of a read.
pub(super) trait Query: Send {
    /// Rows, as they are taken.
    type Rows: Send;

    /// Runs the statement.
    fn run(
        &mut self,
        connection: &Connection,
        statement: &Statement,
        during: &'static str,
    ) -> impl Future<Output = Result<Self::Rows, DatabaseError>> + Send;

    /// Returns true if the statement may be run once more after a failure.
    fn may_run_again(&self) -> bool;
}

/// All rows at once.
pub(super) struct Collected;

impl Query for Collected {
    type Rows = Vec<Selected>;

    async fn run(
        &mut self,
        connection: &Connection,
        statement: &Statement,
        during: &'static str,
    ) -> Result<Vec<Selected>, DatabaseError> {
        connection.read(statement).await.during(during)
    }

    fn may_run_again(&self) -> bool {
        true
    }
}

/// Rows that are handed to a sink, which comes back with what it has made of them.
pub(super) struct HandedOn<S> {
    /// `None` while it is used, and once it has taken rows in vain.
    sink: Option<S>,
}

impl<S> HandedOn<S> {
    pub(super) fn to(sink: S) -> Self {
        Self { sink: Some(sink) }
    }
}

impl<S: Sink> Query for HandedOn<S> {
    type Rows = S;

    async fn run(
        &mut self,
        connection: &Connection,
        statement: &Statement,
        during: &'static str,
    ) -> Result<S, DatabaseError> {
        let lost = || DatabaseError::internal(during, "the receiver of the rows is lost");
        let receiver = Receiver::new(self.sink.take().ok_or_else(lost)?);
        let (receiver, result) = connection.read_into(statement, receiver).await;
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
