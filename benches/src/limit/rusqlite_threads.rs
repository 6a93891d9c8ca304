//! rusqlite: threads of its own, each with a connection, that step a statement and write its JSON.

use std::thread;

use crossbeam_channel::{Receiver, Sender};
use rusqlite::{Connection, OpenFlags, Params, Row, params, types::ValueRef};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    create::{Created, SQLITE, SQLITE_CLOCK, Values, answer_all, next_group, now_ms},
    json::{self, Cells, List, Related},
    sql::Read,
};
use crate::failure::Failure;

type Job = (Read, oneshot::Sender<Result<Vec<u8>, rusqlite::Error>>);

pub(super) struct Readers(Sender<Job>);

impl Readers {
    pub(super) fn open(path: &str, organization: Uuid, readers: usize) -> Result<Self, Failure> {
        let (sender, jobs) = crossbeam_channel::unbounded();
        for _ in 0..readers {
            let connection = open(path)?;
            connection.pragma_update(None, "query_only", true)?;
            let jobs = jobs.clone();
            thread::Builder::new().spawn(move || serve(&connection, organization, &jobs))?;
        }
        Ok(Self(sender))
    }

    pub(super) async fn read(&self, read: Read) -> Result<Vec<u8>, Failure> {
        let (sender, result) = oneshot::channel();
        self.0.send((read, sender)).map_err(|_| "the readers have ended")?;
        Ok(result.await.map_err(|_| "the readers have ended")??)
    }
}

fn open(path: &str) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn serve(connection: &Connection, organization: Uuid, jobs: &Receiver<Job>) {
    for (read, sender) in jobs {
        drop(sender.send(run(connection, organization, read)));
    }
}

fn run(connection: &Connection, organization: Uuid, read: Read) -> Result<Vec<u8>, rusqlite::Error> {
    let org = organization.as_bytes();
    match read {
        Read::Page | Read::Related => answer(connection, read, params![org]),
        Read::One(id) => answer(connection, read, params![org, id.as_bytes()]),
        Read::Poll(since) => answer(connection, read, params![org, since]),
        Read::Deep(at, seq) => answer(connection, read, params![org, at, seq]),
    }
}

fn answer(connection: &Connection, read: Read, params: impl Params) -> Result<Vec<u8>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(read.sql())?;
    let mut rows = statement.query(params)?;
    match read {
        Read::Page | Read::Poll(_) | Read::Deep(..) => {
            let mut list = List::of(read.columns());
            while let Some(row) = rows.next()? {
                list.push(row);
            }
            Ok(list.finish())
        }
        Read::Related => {
            let mut list = Related::new();
            while let Some(row) = rows.next()? {
                list.push(row);
            }
            Ok(list.finish())
        }
        Read::One(_) => Ok(json::one(read.columns(), rows.next()?)),
    }
}

impl Cells for Row<'_> {
    fn id(&self, index: usize) -> Option<Uuid> {
        match self.get_ref(index) {
            Ok(ValueRef::Blob(bytes)) => Uuid::from_slice(bytes).ok(),
            _ => None,
        }
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.get_ref(index).ok()?.as_str_or_null().ok()?
    }

    fn int(&self, index: usize) -> Option<i32> {
        self.time(index).and_then(|value| i32::try_from(value).ok())
    }

    fn flag(&self, index: usize) -> Option<bool> {
        self.time(index).map(|value| value != 0)
    }

    fn time(&self, index: usize) -> Option<i64> {
        self.get_ref(index).ok()?.as_i64_or_null().ok()?
    }
}

/// Starts the writer: one transaction for all creates that wait.
pub(super) fn start_writer(
    path: &str,
    organization: Uuid,
    mut queue: mpsc::Receiver<Created>,
) -> Result<(), Failure> {
    let mut connection = open(path)?;
    connection.pragma_update(None, "wal_autocheckpoint", super::sqlx_connections::CHECKPOINT_PAGES)?;
    let runtime = tokio::runtime::Handle::current();
    thread::Builder::new().spawn(move || {
        while let Some(mut group) = runtime.block_on(next_group(&mut queue)) {
            let values = group.take_values(true);
            answer_all(group.callers, &write(&mut connection, organization, &values));
        }
    })?;
    Ok(())
}

fn write(connection: &mut Connection, organization: Uuid, values: &[Values]) -> Result<(), Failure> {
    let json = serde_json::to_string(values)?;
    let org = organization.as_bytes();
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    let (before, at): (i64, i64) = tx
        .prepare_cached(SQLITE_CLOCK)?
        .query_row(params![org, count, now_ms()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for statement in SQLITE.iter() {
        tx.prepare_cached(statement)?.execute(params![org, json, before, at])?;
    }
    tx.commit()?;
    Ok(())
}
