//! Loaders of related rows: one statement for each relation of a page.
//!
//! A set of loaders belongs to one read (a page, a payload), and the values of that read carry
//! it; so a later mutation of the same request never sees rows from before itself.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    future::Future,
    io,
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
};

use dataloader::{BatchFn, cached::Loader};
use entity::{pipeline_stage, tag};
use uuid::Uuid;

use super::{
    answer_size::AnswerSize,
    documents::COUNT_COST,
    error::{ApiError, ApiResult},
};
use crate::{
    database::{
        Tenant,
        lookup::{self, Identified, Owned},
    },
    error::DatabaseError,
    pipelines, request_id, tags,
};

/// Maximum number of keys of one statement.
const MAX_BATCH_KEYS: usize = 1_000;

/// The loaders of one read. Each is made when it is first used.
pub(super) struct Loaders {
    tenant: Tenant,
    /// Size of the answer so far.
    pub(super) size: AnswerSize,
    /// Loaders by the types of their sources.
    made: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
}

impl Loaders {
    pub(super) fn new(tenant: Tenant, size: AnswerSize) -> Arc<Self> {
        Arc::new(Self { tenant, size, made: Mutex::default() })
    }

    pub(super) fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Loads a live row by its id.
    pub(super) async fn by_id<E: Identified>(&self, id: Uuid) -> ApiResult<Option<Arc<E::Model>>>
    where
        E::Model: Sync,
    {
        loaded(self.loader::<Rows<E>>().try_load(id).await)
    }

    /// Loads live rows by their ids, in that order; those that do not exist are left out.
    pub(super) async fn by_ids<E: Identified>(
        &self,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> ApiResult<Vec<Arc<E::Model>>>
    where
        E::Model: Sync,
    {
        let loader = self.loader::<Rows<E>>();
        // All are asked for before any is waited for, so that they are one batch.
        let rows = futures_util::future::join_all(ids.into_iter().map(|id| loader.try_load(id))).await;
        rows.into_iter().filter_map(|row| loaded(row).transpose()).collect()
    }

    /// Loads the live rows that belong to another one, in order.
    pub(super) async fn by_owner<E: Owned>(&self, owner: Uuid) -> ApiResult<Arc<Vec<E::Model>>>
    where
        E::Model: Sync,
    {
        let rows = loaded(self.loader::<Children<E>>().try_load(owner).await)?;
        self.size.add_objects(rows.len())?;
        Ok(rows)
    }

    /// Counts the live contacts that have a tag or are at a stage.
    pub(super) async fn contacts_count<E: Counted>(&self, id: Uuid) -> ApiResult<i32> {
        Ok(self.counted(loaded(self.loader::<Counts<E>>().try_load(id).await)?))
    }

    /// Counts the live contacts of each of several tags or stages, for [`Self::counted`].
    pub(super) async fn counts<E: Counted>(&self, ids: Vec<Uuid>) -> ApiResult<HashMap<Uuid, i64>> {
        match self.loader::<Counts<E>>().try_load_many(ids).await {
            Ok(counts) => counts.into_iter().map(|(id, count)| Ok((id, count?))).collect(),
            Err(error) => loaded(Err(error)),
        }
    }

    /// Returns a number of contacts as it is answered, which pays for its being counted.
    pub(super) fn counted(&self, contacts: i64) -> i32 {
        self.size.add_work(COUNT_COST);
        self.size.add_counted(contacts);
        i32::try_from(contacts).unwrap_or(i32::MAX)
    }

    /// Returns the loader of a source, which is made if it is used for the first time.
    fn loader<S: Source>(&self) -> SourceLoader<S> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let known = made.get(&TypeId::of::<S>()).and_then(|loader| loader.downcast_ref::<SourceLoader<S>>());
        if let Some(loader) = known {
            return loader.clone();
        }
        let batch = Batch { tenant: self.tenant.clone(), source: PhantomData };
        let loader = Loader::new(batch).with_max_batch_size(MAX_BATCH_KEYS).with_yield_count(1);
        made.insert(TypeId::of::<S>(), Box::new(loader.clone()));
        loader
    }
}

/// Source of the values of a loader.
trait Source: 'static {
    type Value: Clone + Send + 'static;
    /// Value of a key that is not found.
    const MISSING: fn() -> Self::Value;

    /// Reads the values of some keys, in one statement.
    fn read(
        tenant: &Tenant,
        keys: &[Uuid],
    ) -> impl Future<Output = Result<HashMap<Uuid, Self::Value>, DatabaseError>> + Send;
}

/// Live rows by id.
struct Rows<E>(PhantomData<E>);

impl<E: Identified> Source for Rows<E>
where
    E::Model: Sync,
{
    type Value = Option<Arc<E::Model>>;
    const MISSING: fn() -> Self::Value = || None;

    async fn read(tenant: &Tenant, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, DatabaseError> {
        let rows = lookup::by_id::<E>(tenant, ids).await?;
        Ok(rows.into_iter().map(|(id, row)| (id, Some(row))).collect())
    }
}

/// Live rows by what they belong to.
struct Children<E>(PhantomData<E>);

impl<E: Owned> Source for Children<E>
where
    E::Model: Sync,
{
    type Value = Arc<Vec<E::Model>>;
    const MISSING: fn() -> Self::Value = Arc::default;

    async fn read(tenant: &Tenant, owners: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, DatabaseError> {
        lookup::by_owner::<E>(tenant, owners).await
    }
}

/// Numbers of live contacts.
struct Counts<E>(PhantomData<E>);

impl<E: Counted> Source for Counts<E> {
    type Value = i64;
    const MISSING: fn() -> i64 = || 0;

    async fn read(tenant: &Tenant, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, DatabaseError> {
        E::count(tenant, ids).await
    }
}

/// Something whose contacts are counted.
pub(super) trait Counted: 'static {
    fn count(
        tenant: &Tenant,
        ids: &[Uuid],
    ) -> impl Future<Output = Result<HashMap<Uuid, i64>, DatabaseError>> + Send;
}

impl Counted for tag::Entity {
    async fn count(tenant: &Tenant, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, DatabaseError> {
        tags::count(tenant, ids).await
    }
}

impl Counted for pipeline_stage::Entity {
    async fn count(tenant: &Tenant, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, DatabaseError> {
        pipelines::count(tenant, ids).await
    }
}

type Loaded<S> = Result<<S as Source>::Value, DatabaseError>;
type SourceLoader<S> = Loader<Uuid, Loaded<S>, Batch<S>>;

/// Reads a batch of keys. It answers every key, as the library demands.
struct Batch<S> {
    tenant: Tenant,
    source: PhantomData<fn() -> S>,
}

impl<S: Source> BatchFn<Uuid, Loaded<S>> for Batch<S> {
    async fn load(&mut self, keys: &[Uuid]) -> HashMap<Uuid, Loaded<S>> {
        match S::read(&self.tenant, keys).await {
            Ok(mut found) => {
                let value = |key| found.remove(key).unwrap_or_else(S::MISSING);
                keys.iter().zip(keys.iter().map(value)).map(|(key, value)| (*key, Ok(value))).collect()
            }
            Err(error) => keys.iter().map(|key| (*key, Err(error.clone()))).collect(),
        }
    }
}

/// Returns what a loader answered. Its own error means that a key was not answered: our fault.
fn loaded<T>(answer: Result<Result<T, DatabaseError>, io::Error>) -> ApiResult<T> {
    match answer {
        Ok(answer) => answer.map_err(ApiError::from),
        Err(error) => {
            let (request_id, error) = (request_id::current(), &error as &dyn std::error::Error);
            tracing::error!(request_id, error, "a loader left a key out");
            Err(ApiError::internal())
        }
    }
}
