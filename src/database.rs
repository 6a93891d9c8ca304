//! The store: connecting to either engine, reading as one organization, and the one way to write.
//!
//! - [`Tenant`] reads the rows of one organization, and can read no others.
//! - [`Writer`] runs [`Job`]s in batches, a transaction each, under the organization's change
//!   clock; a job is handed a [`WriteTx`].
//!
//! Neither implements sea-orm's `ConnectionTrait`: a query that was built elsewhere cannot be run.

mod backup;
mod checkpoint;
mod connect;
mod connection;
mod job;
mod json;
mod kind;
mod lock;
pub mod lookup;
mod parameters;
mod pool;
mod postgres;
mod readers;
mod request;
mod revocation;
mod rows;
mod scope;
mod search;
mod selected;
mod sink;
mod sqlite;
mod statistics;
mod store;
mod tenant;
mod transaction;
mod upkeep;
mod version;
mod writer;

use std::sync::Arc;

use entity::Tenanted;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    Select, Statement, sea_query::Condition,
};
use tokio::time::timeout_at;
use uuid::Uuid;

pub use backup::{BackupError, Restored, back_up, restore};
use connect::Connections;
pub use connect::{Engine, JSON_COLLATION, OnStatement, OpenError, Options};
pub use job::{Job, Outcome, WriteError};
pub use readers::MAX_FAST_PRICE;
pub use request::{Account, Deadlines};
pub use rows::Insertions;
pub use scope::{ColumnValue, Row, Scoped, Template, any_of};
pub use search::phrase;
pub use sink::{RawRow, Sink};
pub use store::{KeyStore, MAX_LIVE_KEYS, live_keys, new_epoch};
pub use tenant::{Read, Tenant};
pub use transaction::{Clock, Stamp, WriteTx};
pub use version::Version;
pub use writer::Writer;

use crate::{
    error::{DatabaseError, During as _},
    metrics::Load,
};
use checkpoint::Wal;
use pool::Limited;
use readers::Readers;
use request::RequestShare;
use selected::Selected;
use upkeep::Upkeep;

/// An open store. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Database {
    inner: Arc<Inner>,
    /// Share of the request that this handle serves.
    request: Option<Arc<RequestShare>>,
}

#[derive(Debug)]
struct Inner {
    /// Connections for reads, which on SQLite cannot write.
    readers: Readers,
    /// Connections for what belongs to no organization.
    system: Limited,
    writer: Writer,
    /// Files of SQLite, which somebody may delete or replace.
    files: Option<Arc<lock::Files>>,
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
        let target = connect::target(&options.url)?;
        let lock = connect::lock(&target)?;
        let Connections { readers, system, writers } = connect::open(&target, options).await?;
        let files = target.files();
        let lane = readers.clone();
        let upkeep = Upkeep::start(&target, options, move |is_over| lane.close_slow_lane(is_over));
        let writer = Writer::new(writers, options.batch_time(), upkeep.await?, files.clone());
        let inner = Inner { readers, system, writer, files, _lock: lock };
        Ok(Self { inner: Arc::new(inner), request: None })
    }

    /// Returns the handle that reads as this organization.
    #[must_use]
    pub fn tenant(&self, org_id: Uuid) -> Tenant {
        Tenant::new(self.inner.readers.clone(), org_id, self.request.clone())
    }

    /// Returns the writer, the one way to write.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    /// Engine that keeps the data.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.readers.engine()
    }

    /// Looks an API key up by its public id, over all organizations.
    ///
    /// The one read of a request that belongs to no organization yet: it tells which one is asking.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the named exception: who is asking is not known yet")]
    pub async fn api_key(&self, public_id: &str) -> Result<Option<entity::api_key::Model>, DatabaseError> {
        use entity::api_key::{Column, Entity};
        let key = Entity::find().filter(Column::PublicId.eq(public_id)).limit(1);
        Ok(self.read("looking an API key up", key).await?.pop())
    }

    /// Lists the organizations that have rows which satisfy a condition, for what is swept in each through the
    /// writer.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "ids of organizations, for maintenance alone")]
    pub async fn organizations_with<E: Tenanted>(
        &self,
        condition: Condition,
    ) -> Result<Vec<Uuid>, DatabaseError> {
        const DURING: &str = "listing organizations";
        let ids = E::find().select_only().column_as(E::ORG_ID, "id").distinct().filter(condition);
        let statement = ids.build(self.engine().backend());
        let rows =
            in_time(self.request.as_deref(), DURING, self.inner.system.read(&statement, DURING)).await?;
        rows.iter().map(|row| row.get("id")).collect::<Result<_, _>>().during(DURING)
    }

    /// Lists the cascades that are still to be done in all organizations, oldest first.
    ///
    /// Like the look-up of a key, this read belongs to no organization: maintenance has no caller.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the named exception: no organization is asking")]
    pub async fn cascades(&self) -> Result<Vec<entity::cascade::Model>, DatabaseError> {
        let oldest_first = entity::cascade::Entity::find().order_by_asc(entity::cascade::Column::Id);
        self.read("reading cascades", oldest_first).await
    }

    /// Number of connections in use and of writes that wait, and length of the log.
    #[must_use]
    pub fn load(&self) -> Load {
        let (writers, waiting_writes) = self.inner.writer.load();
        let wal_bytes = self.inner.writer.wal().map_or(0, Wal::file_bytes);
        Load { readers: self.inner.readers.load(), writers, waiting_writes, wal_bytes }
    }

    /// Checks that the database answers and takes writes.
    ///
    /// # Errors
    /// The database failed.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        const DURING: &str = "pinging";
        let statement = Statement::from_string(self.engine().backend(), "SELECT 1");
        if !self.is_in_place() {
            return Err(DatabaseError::unreachable("looking for the database's file"));
        }
        in_time(self.request.as_deref(), DURING, self.inner.system.read(&statement, DURING)).await?;
        self.inner.writer.ping().await
    }

    /// Returns true unless SQLite's file, or its log, was deleted or replaced. What is written then goes to the deleted
    /// one, and is lost with it.
    fn is_in_place(&self) -> bool {
        self.inner.files.as_ref().is_none_or(|files| files.are_in_place())
    }

    /// Reads data that belongs to no organization.
    async fn read<E: Tenanted>(
        &self,
        during: &'static str,
        select: Select<E>,
    ) -> Result<Vec<E::Model>, DatabaseError> {
        let statement = select.build(self.engine().backend());
        let read = self.inner.system.read(&statement, during);
        // Boxed, as the driver's future is large, and every request holds this one.
        let rows = Box::pin(in_time(self.request.as_deref(), during, read)).await?;
        rows.iter().map(Selected::model::<E>).collect::<Result<_, _>>().during(during)
    }

    /// Waits for the running batches, then closes every connection.
    pub async fn close(&self) {
        // The writer first: the callers of its last batches still read what they wrote.
        self.inner.writer.close().await;
        self.inner.readers.close().await;
        self.inner.system.pool().close().await;
    }
}

/// Reads until the request's deadline.
async fn in_time<T>(
    request: Option<&RequestShare>,
    during: &'static str,
    read: impl Future<Output = Result<T, DatabaseError>>,
) -> Result<T, DatabaseError> {
    let deadline = request::deadline_of(request);
    timeout_at(deadline, read).await.unwrap_or_else(|_| Err(DatabaseError::timeout(during)))
}
