//! A connection on a thread of its own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread,
};

use rusqlite::Connection;
use sea_orm::{Statement, sqlx};
use tokio::sync::oneshot;

use super::{
    fault::driver_error,
    file::File,
    row::{Page, Row},
    statement,
};
use crate::database::{
    connect::Access,
    connection::Work,
    rows::Rows,
    sink::{RawRow, Receiver, Sink},
};

/// Beginning of a transaction: one that began as a read could not become a write while another has written.
pub(in crate::database) const BEGIN: &str = "BEGIN IMMEDIATE";

/// Work for the thread.
type Task = Box<dyn FnOnce(&Connection) + Send>;

/// A connection. Its thread ends, and closes it, when this is dropped and no task is under way.
pub(in crate::database) struct Worker {
    tasks: mpsc::Sender<Task>,
    /// Fails once the connection is closed.
    closed: oneshot::Receiver<()>,
}

impl Worker {
    /// Opens a connection, and has what it does watched.
    pub(in crate::database) async fn open(
        file: File,
        access: Access,
        work: Arc<Work>,
    ) -> Result<Self, sqlx::Error> {
        let (tasks, queue) = mpsc::channel();
        let (opened, is_open) = oneshot::channel();
        let (closing, closed) = oneshot::channel();
        let run = move || {
            match file.open(access, &work) {
                Ok(connection) => {
                    if opened.send(Ok(())).is_ok() {
                        serve(&connection, &queue);
                    }
                }
                Err(error) => drop(opened.send(Err(error))),
            }
            drop(closing);
        };
        // As the operating system shows it.
        let name = if access == Access::Read { "sqlite-reader" } else { "sqlite-writer" };
        thread::Builder::new().name(name.to_owned()).spawn(run).map_err(sqlx::Error::Io)?;
        is_open.await.map_err(|_| sqlx::Error::WorkerCrashed)?.map_err(driver_error)?;
        Ok(Self { tasks, closed })
    }

    /// Runs a statement, and returns its rows. If `prepare` is true, the connection keeps it.
    pub(in crate::database) async fn rows(
        &self,
        statement: &Statement,
        prepare: bool,
    ) -> Result<Vec<Row>, sqlx::Error> {
        let statement = statement.clone();
        let read = self.run(move |connection| {
            let mut page = Page::default();
            statement::run(connection, &statement, prepare, |row| page.push(row))?;
            Ok(page)
        });
        Ok(read.await?.map_err(driver_error)?.into_rows())
    }

    /// Runs statements, one after the other, and hands their rows to the receiver, which is lost if the thread
    /// panics.
    pub(in crate::database) async fn rows_into<S: Sink>(
        &self,
        statements: &[Statement],
        prepare: bool,
        receiver: &mut Option<Receiver<S>>,
    ) -> Result<(), sqlx::Error> {
        let statements = statements.to_vec();
        let mut lent = receiver.take();
        let read = self.run(move |connection| {
            let result = statements.iter().try_for_each(|statement| {
                statement::run(connection, statement, prepare, |row| {
                    if let Some(receiver) = &mut lent {
                        receiver.take(&RawRow::from(row));
                    }
                    Ok(())
                })?;
                lent.as_mut().map(Receiver::next_statement);
                Ok(())
            });
            (lent, result)
        });
        let (given_back, result) = read.await?;
        *receiver = given_back;
        result.map_err(driver_error)
    }

    /// Runs a statement whose rows nobody reads, and returns the number of rows that it has written. If `prepare` is
    /// true, the connection keeps it.
    pub(in crate::database) async fn execute(
        &self,
        statement: &Statement,
        prepare: bool,
    ) -> Result<u64, sqlx::Error> {
        let statement = statement.clone();
        let run = self.run(move |connection| {
            statement::run(connection, &statement, prepare, |_| Ok(()))?;
            Ok(connection.changes())
        });
        run.await?.map_err(driver_error)
    }

    /// Writes rows: runs the statement of each table for each of its rows.
    pub(in crate::database) async fn write(&self, several: Vec<Rows>) -> Result<(), sqlx::Error> {
        let run = self.run(move |connection| {
            several.iter().try_for_each(|rows| statement::run_for_each(connection, rows))
        });
        run.await?.map_err(driver_error)
    }

    /// Runs statements without values.
    pub(in crate::database) async fn script(&self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = sql.to_owned();
        self.run(move |connection| connection.execute_batch(&sql)).await?.map_err(driver_error)
    }

    /// Begins a transaction that writes, with a statement of which it returns the rows.
    pub(in crate::database) async fn begin(&self, first: &Statement) -> Result<Vec<Row>, sqlx::Error> {
        let first = first.clone();
        let run = self.run(move |connection| {
            connection.execute_batch(BEGIN)?;
            let mut page = Page::default();
            statement::run(connection, &first, true, |row| page.push(row))?;
            Ok(page)
        });
        Ok(run.await?.map_err(driver_error)?.into_rows())
    }

    /// Waits for the end of what is under way.
    pub(in crate::database) async fn ping(&self) -> Result<(), sqlx::Error> {
        self.run(|_| ()).await
    }

    /// Closes the connection, after what is under way.
    pub(in crate::database) async fn close(self) {
        drop(self.tasks);
        drop(self.closed.await);
    }

    /// Runs a task on the thread. If nobody waits for it any more, it runs to its end all the same.
    async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&Connection) -> T + Send + 'static,
    ) -> Result<T, sqlx::Error> {
        let (answer, answered) = oneshot::channel();
        let task = Box::new(move |connection: &Connection| drop(answer.send(task(connection))));
        self.tasks.send(task).map_err(|_| sqlx::Error::WorkerCrashed)?;
        answered.await.map_err(|_| sqlx::Error::Decode("the thread of the connection panicked".into()))
    }
}

/// Runs tasks until nobody can send any.
fn serve(connection: &Connection, queue: &mpsc::Receiver<Task>) {
    for task in queue {
        // A task that panics answers by dropping the sender of its answer. What it had of the connection has
        // been dropped too, which resets its statement.
        drop(catch_unwind(AssertUnwindSafe(|| task(connection))));
    }
}
