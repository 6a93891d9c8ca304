//! Connecting to one server, or to a pooler in its place.
//!
//! Settings travel in the startup packet. Poolers refuse or ignore it, so whether they are in force is
//! asked. If not, the session sets them itself; behind a pooler in transaction mode, which gives each
//! transaction another session, the role must have them.

use std::{future::Future, time::Duration};

use parking_lot::Mutex;
use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector,
    sqlx::{
        self, AssertSqlSafe, Connection as _,
        postgres::{PgConnectOptions, PgConnection, PgPoolOptions},
    },
};
use tokio::time::timeout;

use super::{
    MAX_CONNECT_TIME,
    fault::Fault,
    report::{self, Report, Source},
    settings::{self, Session, Setting},
};

/// One server of a URL.
pub(super) struct Server {
    /// Without settings.
    options: PgConnectOptions,
    /// Those of the URL.
    settings: Vec<Setting>,
    /// Maximum number of prepared statements that a connection keeps, if the URL gives one.
    max_prepared: Option<usize>,
    /// The way that has worked, so that later connections need one attempt.
    way: Mutex<Option<Way>>,
}

/// The way in which settings get into force.
#[derive(Clone, Copy)]
enum Way {
    /// The startup packet has them.
    Startup,
    /// A pooler does not take that one.
    Pooled(Pooling),
}

/// The mode of a pooler.
#[derive(Clone, Copy)]
enum Pooling {
    /// Each connection has a session for itself, which sets them.
    Session,
    /// Each transaction may have another session, so the role must have them.
    Transaction,
}

/// State of a session that was just opened.
pub(super) struct State {
    pub(super) in_recovery: bool,
    /// `None` where each transaction may have another session.
    pub(super) backend_pid: Option<i32>,
}

/// Codes of a pooler's answer to startup parameters that it does not know.
const PARAMETER_REFUSED: [&str; 2] = ["08P01", "0A000"];

/// Codes of a server that does not have the prepared statement, or has it already.
const STATEMENT_MISPLACED: [&str; 2] = ["26000", "42P05"];

impl Server {
    pub(super) fn new(
        options: PgConnectOptions,
        settings: Vec<Setting>,
        max_prepared: Option<usize>,
    ) -> Self {
        Self { options, settings, max_prepared, way: Mutex::default() }
    }

    /// Address, for messages.
    pub(super) fn address(&self) -> String {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        match self.options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None if host.starts_with('/') => host.to_owned(),
            None if host.contains(':') => format!("[{host}]:{port}"),
            None => format!("{host}:{port}"),
        }
    }

    /// Opens a connection. Each step of it takes the maximum time at most.
    pub(super) async fn open(
        &self,
        session: Session,
        max_time: Duration,
    ) -> Result<(PgConnection, State), Fault> {
        let settings = session.with(&self.settings);
        let known = *self.way.lock();
        let known = match known {
            None | Some(Way::Startup) => {
                if let Some(opened) = self.open_with(session, &settings, max_time).await? {
                    *self.way.lock() = Some(Way::Startup);
                    return Ok(opened);
                }
                None
            }
            Some(Way::Pooled(pooling)) => Some(pooling),
        };
        if self.options.get_options().is_some() {
            return Err(Fault::EnvironmentOptions);
        }
        let options = self.options_of(session);
        let mut connection = within(max_time, PgConnection::connect_with(&options)).await?;
        let pooling = match known {
            Some(pooling) => pooling,
            None => self.pooling(&mut connection, max_time).await?,
        };
        let state = match pooling {
            Pooling::Session => {
                within(max_time, set(&mut connection, &settings)).await?.ok_or(Fault::SettingsLost)?
            }
            Pooling::Transaction => self.check_role(&mut connection, max_time).await?,
        };
        *self.way.lock() = Some(Way::Pooled(pooling));
        Ok((connection, state))
    }

    /// Opens a connection with the settings in its startup packet; `None` if they are not taken.
    async fn open_with(
        &self,
        session: Session,
        settings: &[Setting],
        max_time: Duration,
    ) -> Result<Option<(PgConnection, State)>, Fault> {
        let options = self.options_of(session).options(settings.iter().map(Setting::option));
        let open = async {
            let mut connection = PgConnection::connect_with(&options).await?;
            let report = Report::ask(&mut connection, settings).await?;
            Ok::<_, sqlx::Error>((connection, report))
        };
        match within(max_time, open).await {
            Ok((connection, report)) if report.all_come_from(Source::Startup) => {
                let state = State { in_recovery: report.in_recovery, backend_pid: Some(report.backend_pid) };
                Ok(Some((connection, state)))
            }
            Ok(_) => Ok(None),
            Err(fault) if fault.code().is_some_and(|code| PARAMETER_REFUSED.contains(&code)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Finds out whether a session keeps what is set in it: a second connection takes a session for
    /// a transaction of its own, and is given that of the first one by a pooler in transaction mode.
    async fn pooling(&self, first: &mut PgConnection, max_time: Duration) -> Result<Pooling, Fault> {
        let mut second = within(max_time, PgConnection::connect_with(&self.options)).await?;
        let ask = async {
            let own = backend_pid(first).await?;
            sqlx::raw_sql("BEGIN").execute(&mut second).await?;
            let mut seen = vec![backend_pid(first).await?];
            let is_taken = backend_pid(&mut second).await? == own;
            sqlx::raw_sql("ROLLBACK").execute(&mut second).await?;
            // Some poolers lend sessions in turn: twice, as the other one may have been the first's before.
            seen.extend([backend_pid(first).await?, backend_pid(first).await?]);
            Ok::<_, sqlx::Error>(is_taken || seen.iter().any(|pid| *pid != own))
        };
        let is_shared = within(max_time, ask).await.map_err(|fault| match fault {
            Fault::Silent(_) => Fault::PoolTooSmall,
            Fault::Server { code, .. } if STATEMENT_MISPLACED.contains(&code.as_str()) => {
                Fault::PreparedStatements
            }
            fault => fault,
        })?;
        within(max_time, second.close()).await?;
        match is_shared {
            // Nor could a statement that has no name be run: its parts may come to different sessions.
            true if self.max_prepared == Some(0) => Err(Fault::StatementCache),
            true => Ok(Pooling::Transaction),
            false => Ok(Pooling::Session),
        }
    }

    /// Checks that the role has the settings that the session cannot set.
    async fn check_role(&self, connection: &mut PgConnection, max_time: Duration) -> Result<State, Fault> {
        let wanted = report::of_role();
        let report = within(max_time, Report::ask(connection, &wanted)).await?;
        let mut missing = report.missing_of_role();
        let others = self.settings.iter().filter(|setting| !wanted.iter().any(|other| other.names(setting)));
        let others: Vec<Setting> = others.cloned().collect();
        missing.extend(within(max_time, report::missing_of_url(connection, &others)).await?);
        if missing.is_empty() {
            return Ok(State { in_recovery: report.in_recovery, backend_pid: None });
        }
        let role = self.options.get_username();
        let statements = missing.iter().map(|setting| format!("ALTER ROLE \"{role}\" SET {setting}"));
        Err(Fault::RoleSettings(statements.collect::<Vec<_>>().join("; ")))
    }

    /// Returns the driver's pool of one connection. A connection has been opened before, so the way is
    /// known.
    pub(super) fn pool(&self, session: Session, pool: PgPoolOptions) -> DatabaseConnection {
        let (options, settings) = (self.options_of(session), session.with(&self.settings));
        let way = *self.way.lock();
        let (options, set) = match way {
            None | Some(Way::Startup) => (options.options(settings.iter().map(Setting::option)), None),
            Some(Way::Pooled(Pooling::Session)) => (options, Some(settings::set(&settings))),
            Some(Way::Pooled(Pooling::Transaction)) => (options, None),
        };
        let mut pool = pool
            .acquire_timeout(MAX_CONNECT_TIME)
            // It would cost each statement a round trip.
            .test_before_acquire(false)
            // Without these the driver looks after nothing by itself; its task for that may go round for ever, when it
            // counts a connection that another thread takes and gives back.
            .idle_timeout(None)
            .max_lifetime(None);
        if let Some(set) = set {
            pool = pool.after_connect(move |connection, _| {
                let set = set.clone();
                Box::pin(async move { sqlx::raw_sql(AssertSqlSafe(set)).execute(connection).await.map(drop) })
            });
        }
        SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_lazy_with(options))
    }

    /// Returns the options of a session, without settings.
    fn options_of(&self, session: Session) -> PgConnectOptions {
        let max_prepared = self.max_prepared.unwrap_or(session.max_prepared);
        self.options.clone().statement_cache_capacity(max_prepared)
    }
}

/// Sets these, and returns the state if they have stayed.
async fn set(connection: &mut PgConnection, settings: &[Setting]) -> Result<Option<State>, sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(settings::set(settings))).execute(&mut *connection).await?;
    let report = Report::ask(connection, settings).await?;
    let state = State { in_recovery: report.in_recovery, backend_pid: Some(report.backend_pid) };
    Ok(report.all_come_from(Source::Session).then_some(state))
}

/// Asks for the session's process id by a prepared statement, as all statements are.
async fn backend_pid(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await
}

async fn within<T>(
    max_time: Duration,
    step: impl Future<Output = Result<T, sqlx::Error>> + Send,
) -> Result<T, Fault> {
    // Boxed, as the driver's future is large.
    match timeout(max_time, Box::pin(step)).await {
        Ok(done) => done.map_err(Fault::from),
        Err(_) => Err(Fault::Silent(max_time)),
    }
}
