//! The store: connecting to either engine, reading as one organization, and the one way to write.
//!
//! - [`Tenant`] reads the rows of one organization, and can read no others.
//! - [`Writer`] runs [`Job`]s in batches, a transaction each, under the organization's change
//!   clock; a job is handed a [`WriteTx`].
//!
//! Neither implements sea-orm's `ConnectionTrait`: a query that was built elsewhere cannot be run.

mod connect;
mod deadlines;
mod job;
mod json;
mod lock;
pub mod lookup;
mod pool;
mod scope;
mod search;
mod store;
mod tenant;
mod transaction;
mod writer;

use std::sync::Arc;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

pub use connect::{Engine, JSON_COLLATION, OnStatement, OpenError, Options};
pub use deadlines::Deadlines;
pub use job::{Job, Outcome, WriteError};
pub use scope::{ColumnValue, Row, Scoped, any_of};
pub use search::indexed;
pub use store::{KeyStore, new_epoch};
pub use tenant::{Read, Tenant};
pub use transaction::{Clock, Stamp, WriteTx};
pub use writer::Writer;

use crate::{
    error::{DatabaseError, During as _},
    metrics::Load,
};
use deadlines::in_time;
use pool::{Pool, Pools};

/// An open store. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Database {
    inner: Arc<Inner>,
    /// Deadlines of the request that this handle serves.
    deadlines: Option<Deadlines>,
}

#[derive(Debug)]
struct Inner {
    /// Connections for reads, which on SQLite cannot write.
    reader: Pool,
    writer: Writer,
    /// Keeps other processes off an SQLite file; released with the last handle.
    _lock: Option<lock::FileLock>,
}

impl Database {
    /// Opens the store that `options` name, brings its tables up to date, and starts the writer.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the setting, and how to mend it.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        // Before anything is opened: two writers would give out the same numbers of the change clock.
        let lock = connect::lock(options)?;
        let connections = connect::open(options).await?;
        store::ensure_epoch(&connections.writer.connection().await).await?;
        let reader = connections.reader.clone();
        let pools = Pools { writer: connections.writer, reader: connections.reader };
        let inner = Inner { reader, writer: Writer::new(pools, options.batch_time()), _lock: lock };
        Ok(Self { inner: Arc::new(inner), deadlines: None })
    }

    /// Returns the handle that reads as this organization.
    #[must_use]
    pub fn tenant(&self, org_id: Uuid) -> Tenant {
        Tenant::new(self.inner.reader.clone(), org_id, self.deadlines.map(|deadlines| deadlines.reads))
    }

    /// Returns the writer, the one way to write.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    /// Engine that keeps the data.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.reader.engine()
    }

    /// Looks an API key up by its public id, over all organizations.
    ///
    /// The one read of a request that belongs to no organization yet: it tells which one is asking.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the named exception: who is asking is not known yet")]
    pub async fn api_key(&self, public_id: &str) -> Result<Option<entity::api_key::Model>, DatabaseError> {
        let key = |connection| async move {
            entity::api_key::Entity::find()
                .filter(entity::api_key::Column::PublicId.eq(public_id))
                .one(&connection)
                .await
        };
        self.read("looking an API key up", key).await
    }

    /// Lists every organization, for what is swept in each through the writer.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "ids of organizations, for maintenance alone")]
    pub async fn organization_ids(&self) -> Result<Vec<Uuid>, DatabaseError> {
        let all = |connection| async move { entity::organization::Entity::find().all(&connection).await };
        let rows = self.read("listing organizations", all).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Lists the cascades that are still to be done in all organizations, oldest first.
    ///
    /// Like the look-up of a key, this read belongs to no organization: maintenance has no caller.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the named exception: no organization is asking")]
    pub async fn cascades(&self) -> Result<Vec<entity::cascade::Model>, DatabaseError> {
        let all = |connection| async move {
            let oldest_first = entity::cascade::Entity::find().order_by_asc(entity::cascade::Column::Id);
            oldest_first.all(&connection).await
        };
        self.read("reading cascades", all).await
    }

    /// Number of connections in use and of writes that wait.
    #[must_use]
    pub fn load(&self) -> Load {
        let (writers, waiting_writes) = self.inner.writer.load();
        Load { readers: self.inner.reader.load(), writers, waiting_writes }
    }

    /// Checks that the database answers and takes writes.
    ///
    /// # Errors
    /// The database failed.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        let ping =
            |connection: DatabaseConnection| async move { connection.execute_unprepared("SELECT 1").await };
        self.read("pinging", ping).await?;
        self.inner.writer.ping().await
    }

    /// Reads data that belongs to no organization.
    async fn read<T, F>(
        &self,
        during: &'static str,
        read: impl Fn(DatabaseConnection) -> F,
    ) -> Result<T, DatabaseError>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let read = |connection| {
            let read = read(connection);
            async move { read.await.during(during) }
        };
        let read = self.inner.reader.on_a_live_connection(read);
        // Boxed, as the driver's future is large, and every request holds this one.
        Box::pin(in_time(self.deadlines.map(|deadlines| deadlines.reads), during, read)).await
    }

    /// Waits for the running batches, then closes every connection.
    pub async fn close(&self) {
        // The writer first: the callers of its last batches still read what they wrote.
        self.inner.writer.close().await;
        self.inner.reader.close().await;
    }
}
