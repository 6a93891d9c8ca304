//! Failures of the database, sorted by what a caller may do about them.
//!
//! The text of an error names the operation and stays in the log; the cause is its source. No
//! text of a database ever reaches a client, since the API words its own, nor the log, since it may
//! hold what a row holds.

mod cause;
mod code;

use std::time::Duration;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

use cause::Cause;

use crate::request_id;

pub use code::ErrorCode;

/// A statement or a connection failed.
///
/// The error can be cloned, since all who wait for one batch of rows are told of the same failure.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind:?} while {during}")]
pub struct DatabaseError {
    /// Kind of failure: what a caller may do about it.
    pub kind: FailureKind,
    /// The operation, for the log.
    pub during: &'static str,
    #[source]
    cause: Cause,
    connection: Connection,
    retry_after: Option<Duration>,
}

/// The state of the connection that was to run a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connection {
    /// No fault is known.
    Fine,
    /// Dead when it was used, or died then.
    Lost,
    /// Leads to a server that takes no writes.
    ReadOnly,
}

/// Kind of failure, by what a caller may do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The database cannot be reached: try again later.
    Unavailable,
    /// No connection was free in time: try again later.
    Overloaded,
    /// The organization has used up its points: try again later.
    RateLimited,
    /// A statement ran for too long: try again, or ask for less.
    Timeout,
    /// The disk is full: try again when there is room.
    StorageFull,
    /// The transaction lost against another one: run it again.
    Conflict,
    /// A fault of ours, or of the data underneath.
    Internal,
}

impl DatabaseError {
    /// Sorts `cause` by kind.
    #[must_use]
    pub fn new(during: &'static str, cause: &DbErr) -> Self {
        let kind = kind(cause);
        let connection = match cause {
            // Before the kind is asked, as it is among those that are unavailable.
            _ if is_read_only(cause) => Connection::ReadOnly,
            DbErr::Exec(_) | DbErr::Query(_) if kind == FailureKind::Unavailable => Connection::Lost,
            _ => Connection::Fine,
        };
        Self { kind, during, cause: cause.into(), connection, retry_after: None }
    }

    fn of_ours(kind: FailureKind, during: &'static str, cause: Cause) -> Self {
        Self { kind, during, cause, connection: Connection::Fine, retry_after: None }
    }

    /// Returns the time after which it is worth trying again, if that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Logs it with its causes, where it is handled.
    #[must_use]
    pub fn log(self) -> Self {
        // The organization's account is no fault, and told it may be many times a second.
        if self.kind != FailureKind::RateLimited {
            let request_id = request_id::current();
            tracing::error!(request_id, error = %self, cause = %self.cause, "the database failed");
        }
        self
    }

    /// Returns the error of an operation that was given up, since it took too long.
    #[must_use]
    pub fn timeout(during: &'static str) -> Self {
        let cause = "its time was up".into();
        Self::of_ours(FailureKind::Timeout, during, cause)
    }

    /// Returns the error of an operation that did not get its turn in time.
    #[must_use]
    pub fn overloaded(during: &'static str, retry_after: Duration) -> Self {
        let error = Self::of_ours(FailureKind::Overloaded, during, "its turn did not come in time".into());
        Self { retry_after: Some(retry_after), ..error }
    }

    /// Returns the error of an operation whose organization has no points left.
    #[must_use]
    pub fn rate_limited(during: &'static str, retry_after: Duration) -> Self {
        let cause = "the organization has no points left".into();
        Self { retry_after: Some(retry_after), ..Self::of_ours(FailureKind::RateLimited, during, cause) }
    }

    /// Returns the error of a database that cannot be reached.
    #[must_use]
    pub fn unreachable(during: &'static str) -> Self {
        let cause = "the database cannot be reached".into();
        Self::of_ours(FailureKind::Unavailable, during, cause)
    }

    /// Returns true if the connection that was to run the statement turned out dead, or died under it.
    pub(crate) fn connection_lost(&self) -> bool {
        self.connection == Connection::Lost
    }

    /// Returns the error of a server that takes no writes, as a standby.
    pub(crate) fn read_only(during: &'static str) -> Self {
        let cause = "the server takes no writes".into();
        Self { connection: Connection::ReadOnly, ..Self::of_ours(FailureKind::Unavailable, during, cause) }
    }

    /// Returns the error of a connection that could not be opened, for a reason in words of ours.
    pub(crate) fn not_connected(during: &'static str, kind: FailureKind, reason: String) -> Self {
        Self::of_ours(kind, during, Cause::of_connecting(reason))
    }

    /// Returns true if the connection leads to a server that takes no writes.
    pub(crate) fn is_read_only(&self) -> bool {
        self.connection == Connection::ReadOnly
    }

    /// Returns the cause, for the log: the JSON form of a log line leaves sources out.
    #[must_use]
    pub fn cause(&self) -> &(dyn std::error::Error + 'static) {
        &self.cause
    }

    /// Returns a fault of ours that no statement reported, in fixed words: what was read stays out of the
    /// log.
    #[must_use]
    pub fn internal(during: &'static str, what: &'static str) -> Self {
        Self::of_ours(FailureKind::Internal, during, what.into())
    }
}

/// PostgreSQL's code for a write on a server, or in a session, that takes none.
const READ_ONLY: &str = "25006";

/// Returns true if the server, or the session, takes no writes.
pub(crate) fn is_read_only(error: &DbErr) -> bool {
    sql_state(error).as_deref() == Some(READ_ONLY)
}

/// Returns the code of an error of PostgreSQL, or of a pooler before it.
pub(crate) fn sql_state(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
        }
        _ => None,
    }
}

/// Names the operation in which a [`DbErr`] happened.
pub(crate) trait During<T> {
    /// Turns the error into a [`DatabaseError`].
    fn during(self, what: &'static str) -> Result<T, DatabaseError>;
}

impl<T> During<T> for Result<T, DbErr> {
    fn during(self, what: &'static str) -> Result<T, DatabaseError> {
        self.map_err(|cause| DatabaseError::new(what, &cause))
    }
}

fn kind(error: &DbErr) -> FailureKind {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => FailureKind::Overloaded,
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => FailureKind::Unavailable,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => driver_kind(error),
        _ => FailureKind::Internal,
    }
}

fn driver_kind(error: &sqlx::Error) -> FailureKind {
    match error {
        sqlx::Error::PoolTimedOut => FailureKind::Overloaded,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => FailureKind::Unavailable,
        sqlx::Error::Database(error) => match error.code().as_deref() {
            // PostgreSQL: serialization failure, deadlock.
            Some("40001" | "40P01") => FailureKind::Conflict,
            // PostgreSQL: disk full. SQLite: SQLITE_FULL.
            Some("53100" | "13") => FailureKind::StorageFull,
            // PostgreSQL: canceled, as by `statement_timeout`. SQLite: SQLITE_INTERRUPT.
            Some("57014" | "9") => FailureKind::Timeout,
            // PostgreSQL: too many connections. SQLite: SQLITE_BUSY and its kin.
            Some("53300" | "5" | "261" | "517") => FailureKind::Overloaded,
            // PostgreSQL: shutting down, crashed, starting up, read-only standby, a transaction that
            // was given up because nothing came for too long; class 08.
            Some("57P01" | "57P02" | "57P03" | "25006" | "25P03") => FailureKind::Unavailable,
            Some(code) if code.len() == 5 && code.starts_with("08") => FailureKind::Unavailable,
            _ => FailureKind::Internal,
        },
        _ => FailureKind::Internal,
    }
}
