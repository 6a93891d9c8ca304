//! Plain statements for filling and sampling a database.

use rusqlite::{functions::FunctionFlags, types::ValueRef};
use tokio_postgres::{NoTls, SimpleQueryMessage};
use uuid::Uuid;

use crate::{failure::Failure, options::Engine, trigrams};

/// Connection to a database.
pub(crate) enum Database {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl Database {
    /// Connects by the URL that the gateway takes.
    pub(crate) async fn connect(url: &str) -> Result<Self, Failure> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let connection = rusqlite::Connection::open(path)?;
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            // The built-in SQLite checks foreign keys, which is for others to do.
            connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -500000")?;
            let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
            connection.create_scalar_function("tokens", 1, flags, |call| {
                Ok(trigrams::tokens(call.get_raw(0).as_str()?))
            })?;
            // Its statements run on this thread, which then hears no signal; filling takes minutes.
            let running = connection.get_interrupt_handle();
            tokio::spawn(async move {
                if tokio::signal::ctrl_c().await.is_ok() {
                    running.interrupt();
                }
            });
            return Ok(Self::Sqlite(connection));
        }
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self::Postgres(client))
    }

    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs statements, separated by semicolons.
    pub(crate) async fn run(&self, sql: &str) -> Result<(), Failure> {
        let failed = |error: Failure| format!("{error}, in {}", sql.chars().take(200).collect::<String>());
        match self {
            Self::Sqlite(connection) => {
                connection.execute_batch(sql).map_err(Failure::from).map_err(failed)?;
            }
            Self::Postgres(client) => {
                client.batch_execute(sql).await.map_err(Failure::from).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Returns rows as texts, null as an empty one and bytes in hexadecimal.
    pub(crate) async fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>, Failure> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare(sql)?;
                let columns = statement.column_count();
                let rows = statement.query_map([], |row| {
                    (0..columns).map(|index| row.get_ref(index).map(text)).collect::<Result<Vec<_>, _>>()
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            }
            Self::Postgres(client) => {
                let messages = client.simple_query(sql).await?.into_iter();
                let rows = messages.filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => {
                        let cell = |index| row.get(index).unwrap_or_default().to_owned();
                        Some((0..row.len()).map(cell).collect())
                    }
                    _ => None,
                });
                Ok(rows.collect())
            }
        }
    }

    /// Returns the values of a statement that selects one row of integers.
    pub(crate) async fn numbers<const N: usize>(&self, sql: &str) -> Result<[i64; N], Failure> {
        let rows = self.rows(sql).await?;
        let row = rows.first().ok_or_else(|| format!("no row: {sql}"))?;
        let numbers = row.iter().filter_map(|value| value.parse().ok()).collect::<Vec<i64>>();
        numbers.try_into().map_err(|_| format!("not {N} numbers: {sql}").into())
    }

    /// Returns an id as a literal.
    pub(crate) fn literal(&self, id: Uuid) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", id.simple()),
            Self::Postgres(_) => format!("'{id}'::uuid"),
        }
    }
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => bytes.iter().flat_map(|byte| trigrams::hexadecimal(*byte)).collect(),
    }
}
