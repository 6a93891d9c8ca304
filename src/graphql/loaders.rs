//! Related rows: one statement for each relation of a page.
//!
//! A set of loaders belongs to one read (a page, a payload), and the values of that read carry
//! it; so a later mutation of the same request never sees rows from before itself.

use std::{collections::HashMap, marker::PhantomData, sync::Arc};

use dataloader::{BatchFn, cached::Loader};
use entity::{
    Tenanted, api_key, api_key_team, company, contact, contact_assignee, contact_email, contact_phone,
    organization, pipeline, pipeline_stage, tag, team, team_member, user,
};
use sea_orm::{ColumnTrait as _, sea_query::Condition};
use uuid::Uuid;

use super::{
    answer_size::AnswerSize,
    error::{ApiError, ApiResult},
};
use crate::{
    database::{Read as _, Tenant, any_of},
    error::DatabaseError,
    pipelines, tags,
};

/// Keys of one statement, at most.
const BATCH: usize = 1_000;

type Loaded<T> = Result<T, DatabaseError>;
type ById<E> = Loader<Uuid, Loaded<Option<Arc<<E as sea_orm::EntityTrait>::Model>>>, Live<E>>;
type Children<E> = Loader<Uuid, Loaded<Arc<Vec<<E as sea_orm::EntityTrait>::Model>>>, Of<E>>;

/// An entity whose live rows are looked up by id.
pub(super) trait Identified: Tenanted {
    const ID: Self::Column;
    /// The column that is null in live rows, if rows can be deleted at all.
    const DELETED_AT: Option<Self::Column>;
    fn id(row: &Self::Model) -> Uuid;
}

/// An entity whose rows are looked up by what they belong to, in order.
pub(super) trait Owned: Tenanted {
    const OWNER: Self::Column;
    const DELETED_AT: Option<Self::Column>;
    fn owner(row: &Self::Model) -> Uuid;
    fn position(row: &Self::Model) -> i32;
}

macro_rules! identified {
    ($($table:ident $deleted_at:expr),+ $(,)?) => {
        $(impl Identified for $table::Entity {
            const ID: Self::Column = $table::Column::Id;
            const DELETED_AT: Option<Self::Column> = $deleted_at;
            fn id(row: &Self::Model) -> Uuid {
                row.id
            }
        })+
    };
}

identified!(
    api_key None,
    company Some(company::Column::DeletedAt),
    contact Some(contact::Column::DeletedAt),
    organization None,
    pipeline Some(pipeline::Column::DeletedAt),
    pipeline_stage Some(pipeline_stage::Column::DeletedAt),
    tag Some(tag::Column::DeletedAt),
    team Some(team::Column::DeletedAt),
    user Some(user::Column::DeletedAt),
);

macro_rules! owned {
    ($($table:ident.$owner:ident ($column:ident) $deleted_at:expr, $position:expr);+ $(;)?) => {
        $(impl Owned for $table::Entity {
            const OWNER: Self::Column = $table::Column::$column;
            const DELETED_AT: Option<Self::Column> = $deleted_at;
            fn owner(row: &Self::Model) -> Uuid {
                row.$owner
            }
            fn position(row: &Self::Model) -> i32 {
                let position: fn(&Self::Model) -> i32 = $position;
                position(row)
            }
        })+
    };
}

owned!(
    contact_phone.contact_id (ContactId) None, |row| row.position;
    contact_email.contact_id (ContactId) None, |row| row.position;
    contact_assignee.contact_id (ContactId) None, |row| row.position;
    team_member.team_id (TeamId) None, |row| row.position;
    pipeline_stage.pipeline_id (PipelineId) Some(pipeline_stage::Column::DeletedAt), |row| row.position;
    api_key_team.api_key_id (ApiKeyId) None, |_| 0;
);

/// The loaders of one read.
pub(super) struct Loaders {
    tenant: Tenant,
    /// What the answer holds already.
    pub(super) size: AnswerSize,
    pub(super) api_keys: ById<api_key::Entity>,
    pub(super) companies: ById<company::Entity>,
    pub(super) contacts: ById<contact::Entity>,
    pub(super) organizations: ById<organization::Entity>,
    pub(super) pipelines: ById<pipeline::Entity>,
    pub(super) stages: ById<pipeline_stage::Entity>,
    pub(super) tags: ById<tag::Entity>,
    pub(super) tag_counts: Loader<Uuid, Loaded<i64>, Counts>,
    pub(super) stage_counts: Loader<Uuid, Loaded<i64>, Counts>,
    pub(super) teams: ById<team::Entity>,
    pub(super) users: ById<user::Entity>,
    pub(super) phones: Children<contact_phone::Entity>,
    pub(super) emails: Children<contact_email::Entity>,
    pub(super) assignees: Children<contact_assignee::Entity>,
    pub(super) members: Children<team_member::Entity>,
    pub(super) stages_of: Children<pipeline_stage::Entity>,
    pub(super) key_teams: Children<api_key_team::Entity>,
}

impl Loaders {
    pub(super) fn new(tenant: Tenant, size: AnswerSize) -> Arc<Self> {
        Arc::new(Self {
            size,
            api_keys: by_id(&tenant),
            companies: by_id(&tenant),
            contacts: by_id(&tenant),
            organizations: by_id(&tenant),
            pipelines: by_id(&tenant),
            stages: by_id(&tenant),
            tags: by_id(&tenant),
            tag_counts: counts(&tenant, Counted::Tags),
            stage_counts: counts(&tenant, Counted::Stages),
            teams: by_id(&tenant),
            users: by_id(&tenant),
            phones: children(&tenant),
            emails: children(&tenant),
            assignees: children(&tenant),
            members: children(&tenant),
            stages_of: children(&tenant),
            key_teams: children(&tenant),
            tenant,
        })
    }

    pub(super) fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}

fn by_id<E: Identified>(tenant: &Tenant) -> ById<E> {
    let load = Live { tenant: tenant.clone(), entity: PhantomData };
    Loader::new(load).with_max_batch_size(BATCH).with_yield_count(1)
}

fn children<E: Owned>(tenant: &Tenant) -> Children<E> {
    let load = Of { tenant: tenant.clone(), entity: PhantomData };
    Loader::new(load).with_max_batch_size(BATCH).with_yield_count(1)
}

fn counts(tenant: &Tenant, of: Counted) -> Loader<Uuid, Loaded<i64>, Counts> {
    Loader::new(Counts { tenant: tenant.clone(), of }).with_max_batch_size(BATCH).with_yield_count(1)
}

/// Loads live rows by id.
pub(super) struct Live<E> {
    tenant: Tenant,
    entity: PhantomData<fn() -> E>,
}

impl<E: Identified> BatchFn<Uuid, Loaded<Option<Arc<E::Model>>>> for Live<E> {
    async fn load(&mut self, ids: &[Uuid]) -> HashMap<Uuid, Loaded<Option<Arc<E::Model>>>> {
        let mut wanted = Condition::all().add(any_of(E::ID, ids.iter().copied()));
        if let Some(deleted_at) = E::DELETED_AT {
            wanted = wanted.add(deleted_at.is_null());
        }
        match self.tenant.find::<E>(wanted).await {
            Ok(rows) => {
                let mut found: HashMap<_, _> = ids.iter().map(|id| (*id, Ok(None))).collect();
                found.extend(rows.into_iter().map(|row| (E::id(&row), Ok(Some(Arc::new(row))))));
                found
            }
            Err(error) => ids.iter().map(|id| (*id, Err(error.clone()))).collect(),
        }
    }
}

/// Loads the rows that belong to others, in order.
pub(super) struct Of<E> {
    tenant: Tenant,
    entity: PhantomData<fn() -> E>,
}

impl<E: Owned> BatchFn<Uuid, Loaded<Arc<Vec<E::Model>>>> for Of<E> {
    async fn load(&mut self, owners: &[Uuid]) -> HashMap<Uuid, Loaded<Arc<Vec<E::Model>>>> {
        let mut wanted = Condition::all().add(any_of(E::OWNER, owners.iter().copied()));
        if let Some(deleted_at) = E::DELETED_AT {
            wanted = wanted.add(deleted_at.is_null());
        }
        match self.tenant.find::<E>(wanted).await {
            Ok(mut rows) => {
                rows.sort_by_key(E::position);
                let mut lists: HashMap<Uuid, Vec<E::Model>> =
                    owners.iter().map(|owner| (*owner, Vec::new())).collect();
                for row in rows {
                    lists.entry(E::owner(&row)).or_default().push(row);
                }
                lists.into_iter().map(|(owner, rows)| (owner, Ok(Arc::new(rows)))).collect()
            }
            Err(error) => owners.iter().map(|owner| (*owner, Err(error.clone()))).collect(),
        }
    }
}

/// Counts the contacts of tags, or of stages.
pub(super) struct Counts {
    tenant: Tenant,
    of: Counted,
}

#[derive(Clone, Copy)]
enum Counted {
    Tags,
    Stages,
}

impl BatchFn<Uuid, Loaded<i64>> for Counts {
    async fn load(&mut self, ids: &[Uuid]) -> HashMap<Uuid, Loaded<i64>> {
        let counts = match self.of {
            Counted::Tags => tags::count(&self.tenant, ids).await,
            Counted::Stages => pipelines::count(&self.tenant, ids).await,
        };
        match counts {
            Ok(counts) => ids.iter().map(|id| (*id, Ok(counts.get(id).copied().unwrap_or(0)))).collect(),
            Err(error) => ids.iter().map(|id| (*id, Err(error.clone()))).collect(),
        }
    }
}

/// What a loader answered; that it fills every key is its promise.
pub(super) fn loaded<T>(answer: Result<Loaded<T>, std::io::Error>) -> ApiResult<T> {
    match answer {
        Ok(answer) => answer.map_err(ApiError::from),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a loader left a key out");
            Err(ApiError::internal())
        }
    }
}
