//! Any object by its id.

use std::sync::Arc;

use async_graphql::{ID, Interface};
use entity::{api_key, company, contact, organization, pipeline, pipeline_stage, tag, team, user};
use uuid::Uuid;

use super::{
    api_key::ApiKey,
    company::Company,
    contact::Contact,
    error::{ApiError, ApiResult},
    loaders::Loaders,
    organization::Organization,
    pipeline::{Pipeline, PipelineStage},
    tag::Tag,
    team::Team,
    user::User,
};
use crate::{
    access::{Caller, Scope},
    database::lookup::{self, TableIds},
};

/// Lists the types with ids: the table of each, the scope without which it is not found, and how
/// it is made of a row.
macro_rules! nodes {
    ($($node:ident of $table:ident requires $scope:ident, $new:expr;)+) => {
        /// Anything with a globally unique id. Ids are plain UUIDs.
        #[derive(Interface)]
        #[graphql(field(name = "id", ty = "ID", desc = "Globally unique."))]
        pub(super) enum Node {
            $($node($node),)+
        }

        /// Table of a type with ids.
        #[derive(Clone, Copy)]
        enum Table {
            $($node,)+
        }

        impl Table {
            const ALL: &[Self] = &[$(Self::$node),+];
            /// In the order of [`Self::ALL`].
            const IDS: &[TableIds] = &[$(lookup::ids_in::<$table::Entity>),+];

            async fn load(
                self,
                id: Uuid,
                caller: &Caller,
                loaders: &Arc<Loaders>,
            ) -> ApiResult<Option<Node>> {
                match self {
                    $(Self::$node if !caller.scopes.allow(Scope::$scope) => Ok(None),
                    Self::$node => {
                        let new: fn(Arc<$table::Model>, Arc<Loaders>) -> $node = $new;
                        let row = loaders.by_id::<$table::Entity>(id).await?;
                        Ok(row.map(|row| new(row, loaders.clone()).into()))
                    })+
                }
            }
        }
    };
}

nodes! {
    Contact of contact requires ContactsRead, Contact::written;
    Company of company requires ContactsRead, Company::new;
    Team of team requires ContactsRead, Team::new;
    User of user requires ContactsRead, |row, _| User::new(row);
    Tag of tag requires ContactsRead, Tag::new;
    Pipeline of pipeline requires ContactsRead, Pipeline::new;
    PipelineStage of pipeline_stage requires ContactsRead, PipelineStage::new;
    Organization of organization requires ContactsRead, |row, _| Organization::new(row);
    ApiKey of api_key requires KeysManage, ApiKey::new;
}

/// Returns the objects with these ids, in their order; null where none exists, or the caller may
/// not see its type. One statement tells which table each is in; then one for each table reads them.
pub(super) async fn nodes(
    caller: &Caller,
    loaders: &Arc<Loaders>,
    ids: &[ID],
) -> ApiResult<Vec<Option<Node>>> {
    let ids: Vec<Option<Uuid>> = ids.iter().map(|id| id.parse().ok()).collect();
    let known: Vec<Uuid> = ids.iter().flatten().copied().collect();
    let tables = lookup::tables_of(loaders.tenant(), &known, Table::IDS).await?;
    let found = ids.into_iter().map(|id| {
        let found = id.and_then(|id| tables.get(&id).map(|table| (id, Table::ALL.get(*table))));
        async move {
            let Some((id, table)) = found else {
                return Ok(None);
            };
            table.ok_or_else(ApiError::internal)?.load(id, caller, loaders).await
        }
    });
    futures_util::future::try_join_all(found).await
}
