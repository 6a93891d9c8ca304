//! Any object by its id.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{ID, Interface};
use entity::{Tenanted, api_key, company, contact, organization, pipeline, pipeline_stage, tag, team, user};
use sea_orm::sea_query::{Condition, Expr};
use uuid::Uuid;

use super::{
    api_key::ApiKey,
    company::Company,
    contact::Contact,
    error::{ApiError, ApiResult},
    loaders::{Loaders, loaded},
    organization::Organization,
    pipeline::{Pipeline, PipelineStage},
    tag::Tag,
    team::Team,
    user::User,
};
use crate::{
    access::{Caller, Scope},
    database::{Read as _, Scoped, any_of},
};

/// Anything with a globally unique id. Ids are plain UUIDs.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Globally unique."))]
pub(super) enum Node {
    Contact(Contact),
    Company(Company),
    Team(Team),
    User(User),
    Tag(Tag),
    Pipeline(Pipeline),
    PipelineStage(PipelineStage),
    Organization(Organization),
    ApiKey(ApiKey),
}

/// Which table has an id.
#[derive(Clone, Copy)]
enum Kind {
    Contact,
    Company,
    Team,
    User,
    Tag,
    Pipeline,
    PipelineStage,
    Organization,
    ApiKey,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Contact,
        Self::Company,
        Self::Team,
        Self::User,
        Self::Tag,
        Self::Pipeline,
        Self::PipelineStage,
        Self::Organization,
        Self::ApiKey,
    ];
}

/// The objects with these ids, in their order; null where there is none, or the key may not see
/// its kind. One statement tells which table each is in; then one for each table reads them.
pub(super) async fn nodes(
    caller: &Caller,
    loaders: &Arc<Loaders>,
    ids: &[ID],
) -> ApiResult<Vec<Option<Node>>> {
    let ids: Vec<Option<Uuid>> = ids.iter().map(|id| id.parse().ok()).collect();
    let known: Vec<Uuid> = ids.iter().flatten().copied().collect();
    let kinds = kinds(loaders, &known).await?;
    let found = ids.into_iter().map(|id| {
        let found = id.and_then(|id| kinds.get(&id).map(|kind| (id, *kind)));
        async move {
            match found {
                Some((id, kind)) => node(caller, loaders, kind, id).await,
                None => Ok(None),
            }
        }
    });
    futures_util::future::try_join_all(found).await
}

async fn kinds(loaders: &Loaders, ids: &[Uuid]) -> ApiResult<HashMap<Uuid, Kind>> {
    let mut kinds = HashMap::new();
    if ids.is_empty() {
        return Ok(kinds);
    }
    let arms = Kind::ALL.into_iter().zip(0..).map(|(kind, number)| match kind {
        Kind::Contact => arm::<contact::Entity>(loaders, contact::Column::Id, ids, number),
        Kind::Company => arm::<company::Entity>(loaders, company::Column::Id, ids, number),
        Kind::Team => arm::<team::Entity>(loaders, team::Column::Id, ids, number),
        Kind::User => arm::<user::Entity>(loaders, user::Column::Id, ids, number),
        Kind::Tag => arm::<tag::Entity>(loaders, tag::Column::Id, ids, number),
        Kind::Pipeline => arm::<pipeline::Entity>(loaders, pipeline::Column::Id, ids, number),
        Kind::PipelineStage => {
            arm::<pipeline_stage::Entity>(loaders, pipeline_stage::Column::Id, ids, number)
        }
        Kind::Organization => arm::<organization::Entity>(loaders, organization::Column::Id, ids, number),
        Kind::ApiKey => arm::<api_key::Entity>(loaders, api_key::Column::Id, ids, number),
    });
    let tenant = loaders.tenant();
    let select = tenant.select::<contact::Entity>().concat(arms);
    for row in tenant.rows(select).await? {
        let number = row.value::<i32>("kind")?;
        let kind = usize::try_from(number).ok().and_then(|number| Kind::ALL.get(number));
        kinds.insert(row.value::<Uuid>("id")?, *kind.ok_or_else(ApiError::internal)?);
    }
    Ok(kinds)
}

/// The ids that one table has. It goes under the contact's type, as all arms must have one.
fn arm<E: Tenanted>(loaders: &Loaders, id: E::Column, ids: &[Uuid], number: i32) -> Scoped<contact::Entity> {
    loaders
        .tenant()
        .select::<E>()
        .column(id)
        .expr(Expr::cust(number.to_string()), "kind")
        .filter(Condition::all().add(any_of(id, ids.iter().copied())))
        .retyped()
}

async fn node(caller: &Caller, loaders: &Arc<Loaders>, kind: Kind, id: Uuid) -> ApiResult<Option<Node>> {
    let shared = || loaders.clone();
    Ok(match kind {
        Kind::Contact => {
            loaded(loaders.contacts.try_load(id).await)?.map(|row| Contact::written(row, shared()).into())
        }
        Kind::Company => {
            loaded(loaders.companies.try_load(id).await)?.map(|row| Company::new(row, shared()).into())
        }
        Kind::Team => loaded(loaders.teams.try_load(id).await)?.map(|row| Team::new(row, shared()).into()),
        Kind::User => loaded(loaders.users.try_load(id).await)?.map(|row| User::new(row).into()),
        Kind::Tag => loaded(loaders.tags.try_load(id).await)?.map(|row| Tag::new(row, shared()).into()),
        Kind::Pipeline => {
            loaded(loaders.pipelines.try_load(id).await)?.map(|row| Pipeline::new(row, shared()).into())
        }
        Kind::PipelineStage => {
            loaded(loaders.stages.try_load(id).await)?.map(|row| PipelineStage::new(row, shared()).into())
        }
        Kind::Organization => Some(Organization::load(loaders).await?.into()),
        Kind::ApiKey if caller.scopes.allow(Scope::KeysManage) => {
            loaded(loaders.api_keys.try_load(id).await)?.map(|row| ApiKey::new(row, shared()).into())
        }
        Kind::ApiKey => None,
    })
}
