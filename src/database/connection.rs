//! One connection to the database, ours from opening to closing.
//!
//! A driver's pool knows no organizations and no deadlines, so none is used. A connection knows
//! what is going on on it: a statement whose caller has gone, or a transaction that is neither
//! committed nor rolled back. Before it is lent again, that is [ended](Connection::settle).

mod activity;
mod arrays;
mod driver;
mod prepared;
mod stop;

use std::{fmt, slice, sync::Arc, time::Duration};

use sea_orm::{DbErr, RuntimeErr, Statement, metric::Info};
use tokio::{sync::Mutex, time::Instant};

use self::{activity::Activity, driver::Driver};
pub(super) use self::{
    prepared::Repeated,
    stop::{STEPS_BETWEEN_QUESTIONS, Stop, Work},
};
use super::{
    Engine,
    connect::{Access, OnStatement},
    postgres::Opened,
    rows::Rows,
    search,
    selected::Selected,
    sink::{Receiver, Sink},
    sqlite,
};
use crate::error::{DatabaseError, During as _};

/// A connection to the database.
pub(super) struct Connection {
    /// Never contended: whoever has borrowed the connection runs one statement at a time.
    driver: Mutex<Driver>,
    engine: Engine,
    stop: Stop,
    preparing: Preparing,
    /// The texts that come often enough to be prepared.
    repeated: Arc<Repeated>,
    on_statement: Option<OnStatement>,
    activity: Activity,
}

/// Statements of which the database keeps the plans.
#[derive(Clone, Copy)]
enum Preparing {
    Nothing,
    Repeated,
    /// A pooler may give the two parts in which the driver sends others to two servers.
    Everything,
}

/// The callbacks and memory that the connections of a store share.
#[derive(Clone, Default)]
pub(super) struct Observers {
    pub(super) repeated: Arc<Repeated>,
    pub(super) on_statement: Option<OnStatement>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    /// Takes over a connection to PostgreSQL. If `keeps_statements` is false, no statement may be prepared.
    pub(super) fn postgres(opened: Opened, keeps_statements: bool, observers: Observers) -> Self {
        let preparing = match opened.backend_pid {
            _ if !keeps_statements => Preparing::Nothing,
            None => Preparing::Everything,
            Some(_) => Preparing::Repeated,
        };
        let stop = Stop::Postgres { server: opened.server, backend_pid: opened.backend_pid };
        let driver = Driver::Postgres(Box::new(opened.connection));
        Self::new(driver, Engine::Postgres, stop, preparing, observers)
    }

    /// Opens a connection to SQLite, for one purpose.
    pub(super) async fn sqlite(
        file: sqlite::File,
        access: Access,
        observers: Observers,
    ) -> Result<Self, DbErr> {
        let work = Arc::new(Work::default());
        let worker = sqlite::Worker::open(file, access, work.clone()).await.map_err(driver_error)?;
        let driver = Driver::Sqlite(worker);
        Ok(Self::new(driver, Engine::Sqlite, Stop::Sqlite(work), Preparing::Repeated, observers))
    }

    fn new(driver: Driver, engine: Engine, stop: Stop, preparing: Preparing, observers: Observers) -> Self {
        Self {
            driver: Mutex::new(driver),
            engine,
            stop,
            preparing,
            repeated: observers.repeated,
            on_statement: observers.on_statement,
            activity: Activity::new(),
        }
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// Handle by which the statement under way can be ended from elsewhere.
    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Returns the processor time that the statement under way, or the last one, has taken so far, as far as
    /// it is known: on SQLite that of the thread; on PostgreSQL the server does not tell.
    pub(super) fn processor_time(&self) -> Duration {
        self.stop.processor_time()
    }

    /// Returns the time at which it was opened.
    pub(super) fn opened(&self) -> Instant {
        self.activity.opened()
    }

    /// Returns the time at which the database last answered on this connection.
    pub(super) fn answered(&self) -> Instant {
        self.activity.answered()
    }

    /// Returns the time at which the last statement began.
    pub(super) fn asked(&self) -> Instant {
        self.activity.asked()
    }

    /// Returns true if it can be lent as it is: nothing is under way, and it has not died.
    pub(super) fn is_at_rest(&self) -> bool {
        !(self.activity.is_dead() || self.activity.is_busy() || self.activity.is_in_transaction())
    }

    /// Returns true if it has died and is of no more use.
    pub(super) fn is_dead(&self) -> bool {
        self.activity.is_dead()
    }

    /// Has it closed instead of lent again.
    pub(super) fn mark_dead(&self) {
        self.activity.dies();
    }

    /// Reads rows.
    pub(super) async fn read(&self, statement: &Statement) -> Result<Vec<Selected>, DbErr> {
        let run = async {
            let prepare = self.prepares(&statement.sql);
            self.driver.lock().await.query(statement, prepare).await.map_err(driver_error)
        };
        self.reported(slice::from_ref(statement), run).await
    }

    /// Reads rows by statements of one text, one after the other. The rows are handed on; the receiver comes back,
    /// unless it is lost.
    pub(super) async fn read_into<S: Sink>(
        &self,
        statements: &[Statement],
        receiver: Receiver<S>,
    ) -> (Option<Receiver<S>>, Result<(), DbErr>) {
        let mut receiver = Some(receiver);
        let run = async {
            let prepare = statements.first().is_some_and(|statement| self.prepares(&statement.sql));
            let mut driver = self.driver.lock().await;
            driver.query_into(statements, prepare, &mut receiver).await.map_err(driver_error)
        };
        let result = self.reported(statements, run).await;
        (receiver, result)
    }

    /// Runs a statement whose rows nobody reads, and returns the number of rows that it has written.
    pub(super) async fn execute(&self, statement: &Statement) -> Result<u64, DbErr> {
        let run = async {
            let prepare = self.prepares(&statement.sql);
            self.driver.lock().await.execute(statement, prepare).await.map_err(driver_error)
        };
        self.reported(slice::from_ref(statement), run).await
    }

    /// Writes rows: into all tables at once, or on SQLite into one after the other.
    pub(super) async fn write(&self, several: Vec<Rows>) -> Result<(), DbErr> {
        let texts = match self.engine {
            Engine::Sqlite => several.iter().map(|rows| rows.text.clone()).collect(),
            Engine::Postgres => vec![Rows::joined(&several)],
        };
        let statement = |text| Statement::from_string(self.engine.backend(), text);
        let reported: Vec<Statement> = texts.into_iter().map(statement).collect();
        let text = reported.first().map_or("", |statement| statement.sql.as_str());
        let run = async {
            let prepare = match self.preparing {
                Preparing::Nothing => false,
                // However long: such a text is one of a few for each set of tables.
                Preparing::Repeated => self.engine == Engine::Sqlite || self.repeated.comes_again(text),
                Preparing::Everything => true,
            };
            self.driver.lock().await.write(text, several, prepare).await.map_err(driver_error)
        };
        self.reported(&reported, run).await
    }

    /// Runs statements without values.
    pub(super) async fn script(&self, sql: &str) -> Result<(), DbErr> {
        let reported = Statement::from_string(self.engine.backend(), sql);
        let run = async { self.driver.lock().await.script(sql).await.map_err(driver_error) };
        self.reported(slice::from_ref(&reported), run).await
    }

    /// Begins a transaction that writes, if need be with a statement of which it returns the rows.
    pub(super) async fn begin(&self, first: Option<&Statement>) -> Result<Vec<Selected>, DbErr> {
        self.activity.transaction_begins();
        let run = async { self.driver.lock().await.begin(first).await.map_err(driver_error) };
        self.reported(first.map(slice::from_ref).unwrap_or_default(), run).await
    }

    /// Commits the transaction.
    pub(super) async fn commit(&self) -> Result<(), DbErr> {
        self.control("COMMIT").await?;
        self.activity.transaction_ends();
        Ok(())
    }

    /// Rolls the transaction back.
    pub(super) async fn rollback(&self) -> Result<(), DbErr> {
        self.control("ROLLBACK").await?;
        self.activity.transaction_ends();
        Ok(())
    }

    /// Waits for the end of what is under way, and leaves a transaction. An error means that the connection is
    /// not sound.
    pub(super) async fn settle(&self) -> Result<(), DatabaseError> {
        const DURING: &str = "settling a connection";
        // The first answer may be the error of the statement that was ended.
        if self.come_to_rest().await.is_err() {
            self.come_to_rest().await.during(DURING)?;
        }
        self.activity.statement_ends();
        Ok(())
    }

    async fn come_to_rest(&self) -> Result<(), DbErr> {
        if self.activity.is_in_transaction() { self.rollback().await } else { self.ping().await }
    }

    /// Asks for a sign of life.
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        let result = self.driver.lock().await.ping().await;
        self.note(result.map_err(driver_error))
    }

    /// Says farewell.
    pub(super) async fn close(self) {
        self.driver.into_inner().close().await;
    }

    /// Runs a statement that is not reported, as it reads and writes nothing.
    async fn control(&self, sql: &str) -> Result<(), DbErr> {
        self.begin_statement();
        let result = self.driver.lock().await.script(sql).await;
        self.activity.statement_ends();
        self.note(result.map_err(driver_error))
    }

    /// Runs statements, reports them, and notes what the outcome says of the connection.
    async fn reported<T>(
        &self,
        statements: &[Statement],
        run: impl Future<Output = Result<T, DbErr>> + Send,
    ) -> Result<T, DbErr> {
        self.begin_statement();
        let began = Instant::now();
        let result = run.await;
        self.activity.statement_ends();
        if let Some(report) = &self.on_statement {
            let elapsed = began.elapsed() / u32::try_from(statements.len().max(1)).unwrap_or(u32::MAX);
            for statement in statements {
                report(&Info { elapsed, statement, failed: result.is_err() });
            }
        }
        self.note(result)
    }

    fn prepares(&self, sql: &str) -> bool {
        match self.preparing {
            Preparing::Nothing => false,
            Preparing::Repeated => {
                !search::needs_its_own_plan(self.engine, sql) && self.repeated.comes_often(sql)
            }
            Preparing::Everything => true,
        }
    }

    fn begin_statement(&self) {
        self.activity.statement_begins();
        self.stop.statement_begins();
    }

    fn note<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        match &result {
            Err(error) if DatabaseError::new("running a statement", error).connection_lost() => {
                self.mark_dead();
            }
            Ok(_) | Err(_) => self.activity.database_answers(),
        }
        result
    }
}

/// Returns the ORM's form of a driver's error.
pub(super) fn driver_error(error: sea_orm::sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
