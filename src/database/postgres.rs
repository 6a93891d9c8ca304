//! Connecting to PostgreSQL: to which server of the database URL, with which settings, past which
//! poolers.
//!
//! The driver knows one server, so a URL that lists several is read here, and the server is chosen
//! anew for each connection: the last one that served is asked first, then the others as they are
//! listed. A server that refuses, stays silent or is a standby where writes are asked for is passed
//! over.

mod fault;
mod parse;
mod report;
mod server;
mod settings;

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use sea_orm::{
    DatabaseConnection,
    sqlx::postgres::{PgConnection, PgPoolOptions},
};

pub(super) use self::{fault::ConnectError, settings::Session};
use self::{fault::Fault, server::Server};
use super::connect::OpenError;

/// Maximum time that each step of connecting to the only server of a URL may take.
const MAX_CONNECT_TIME: Duration = Duration::from_secs(5);

/// Maximum time that each step may take where the URL has other servers to ask.
const MAX_CONNECT_TIME_OF_MANY: Duration = Duration::from_secs(2);

/// The servers of a database URL.
pub(super) struct Servers {
    /// In the order of the URL.
    all: Vec<Server>,
    wanted: Wanted,
    /// False if the URL lets connections keep no prepared statements.
    keeps_statements: bool,
    /// Index of the server that served last.
    last: AtomicUsize,
}

/// The kind of server that the URL asks for: its `target_session_attrs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// The first that answers.
    Any,
    /// The first that is not a standby.
    ReadWrite,
}

/// A connection, with what its server has said of it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: PgConnection,
    /// The server that it leads to.
    pub(super) server: ServerId,
    /// Process id of its session, by which another session of the server can cancel its statement.
    /// `None` behind a pooler in transaction mode, where each transaction may have another session. There,
    /// every statement outside a transaction must be run with `persistent(true)`: the driver sends one
    /// without a name in two parts, and the second may meet another client's statement.
    pub(super) backend_pid: Option<i32>,
    /// True if the server is a standby, which takes no writes.
    pub(super) in_recovery: bool,
}

/// A server of the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ServerId(usize);

impl fmt::Debug for Servers {
    /// Leaves the options out: they hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

impl Servers {
    /// Reads a database URL.
    ///
    /// # Errors
    /// [`OpenError::Url`] says which part of it cannot be used.
    pub(super) fn parse(url: &str) -> Result<Self, OpenError> {
        parse::parse(url).map_err(OpenError::Url)
    }

    /// Opens a connection to the first server that answers and is of the kind that the URL asks for.
    ///
    /// # Errors
    /// [`ConnectError`] tells of each server why it cannot be used.
    pub(super) async fn connect(&self, session: Session) -> Result<Opened, ConnectError> {
        let mut faults = Vec::new();
        for index in self.order() {
            match self.open(index, session).await {
                Ok(opened) if self.fits(&opened) => {
                    if self.last.swap(index, Ordering::Relaxed) != index {
                        tracing::info!(server = self.all[index].address(), "another server is used");
                    }
                    return Ok(opened);
                }
                Ok(_) => faults.push((self.all[index].address(), Fault::Standby)),
                Err(fault) => faults.push((self.all[index].address(), fault)),
            }
        }
        Err(ConnectError::new(faults))
    }

    /// Returns the driver's pool of one connection, for commands that need sea-orm's: to the server that
    /// [`Self::connect`] finds now.
    ///
    /// # Errors
    /// Those of [`Self::connect`].
    pub(super) async fn pool(&self, session: Session) -> Result<DatabaseConnection, ConnectError> {
        let opened = self.connect(session).await?;
        Ok(self.all[opened.server.0].pool(session, PgPoolOptions::new().max_connections(1)))
    }

    /// Returns true if statements may be prepared to stay. If not, each must be run with
    /// `persistent(false)`: the driver would name them all the same, and never close them.
    pub(super) fn keeps_statements(&self) -> bool {
        self.keeps_statements
    }

    /// Indexes of the servers, in the order in which they are asked.
    fn order(&self) -> impl Iterator<Item = usize> {
        let last = self.last.load(Ordering::Relaxed);
        let others = (0..self.all.len()).filter(move |index| *index != last);
        std::iter::once(last).chain(others)
    }

    async fn open(&self, index: usize, session: Session) -> Result<Opened, Fault> {
        let max_time = if self.all.len() > 1 { MAX_CONNECT_TIME_OF_MANY } else { MAX_CONNECT_TIME };
        let (connection, state) = self.all[index].open(session, max_time).await?;
        Ok(Opened {
            connection,
            server: ServerId(index),
            backend_pid: state.backend_pid,
            in_recovery: state.in_recovery,
        })
    }

    fn fits(&self, opened: &Opened) -> bool {
        match self.wanted {
            Wanted::Any => true,
            Wanted::ReadWrite => !opened.in_recovery,
        }
    }
}
