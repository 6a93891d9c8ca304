//! API keys, and who is asking with one.

use std::sync::Arc;

use async_graphql::{Description, Enum, ID, Object};
use entity::{api_key, api_key_team, team, user};
use uuid::Uuid;

use super::{
    error::ApiResult, loaders::Loaders, organization::Organization, scalars::DateTime, team::Team, user::User,
};
use crate::{
    access::{Caller, Key, Scope, Scopes},
    teams,
};

/// Written `contacts:write` in error messages. A write scope includes its read scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Scope")]
pub(super) enum ApiScope {
    /// `contacts:read`: every query but those of API keys.
    ContactsRead,
    /// `contacts:write`: contact, company and tag mutations; includes reading.
    ContactsWrite,
    /// `contacts:purge`: erasing contacts for good.
    ContactsPurge,
    /// `settings:write`: policy, team, user and pipeline mutations.
    SettingsWrite,
    /// `keys:manage`: API keys.
    KeysManage,
}

/// An API key. Its secret was shown once, and is not kept.
#[derive(Clone, Description)]
pub(super) struct ApiKey {
    row: Arc<api_key::Model>,
    loaders: Arc<Loaders>,
}

impl ApiKey {
    pub(super) fn new(row: Arc<api_key::Model>, loaders: Arc<Loaders>) -> Self {
        Self { row, loaders }
    }
}

#[Object(use_type_description)]
impl ApiKey {
    /// Globally unique.
    pub(super) async fn id(&self) -> ID {
        self.row.id.into()
    }
    /// Name that says what the key is for.
    async fn name(&self) -> &str {
        &self.row.name
    }
    /// First characters of the key, by which to recognize it.
    async fn prefix(&self) -> String {
        Key::prefix_of(&self.row.public_id)
    }
    /// Scopes of the key.
    async fn scopes(&self) -> Vec<ApiScope> {
        Scopes::from_bits(self.row.scopes).iter().map(ApiScope::from).collect()
    }
    /// True if the key is not limited to teams.
    async fn all_teams(&self) -> bool {
        self.row.all_teams
    }
    /// Teams to which the key is limited; empty when `allTeams`.
    async fn teams(&self) -> ApiResult<Vec<Team>> {
        let rows = self.loaders.by_owner::<api_key_team::Entity>(self.row.id).await?;
        let teams = self.loaders.by_ids::<team::Entity>(rows.iter().map(|row| row.team_id)).await?;
        Ok(teams.into_iter().map(|row| Team::new(row, self.loaders.clone())).collect())
    }
    /// Time at which it was created.
    async fn created_at(&self) -> ApiResult<DateTime> {
        Ok(DateTime::from_ms(self.row.created_at)?)
    }
    /// Time at which it was last used, recorded once a minute.
    async fn last_used_at(&self) -> ApiResult<Option<DateTime>> {
        Ok(self.row.last_used_at.map(DateTime::from_ms).transpose()?)
    }
    /// Time at which it stops working; null: never.
    async fn expires_at(&self) -> ApiResult<Option<DateTime>> {
        Ok(self.row.expires_at.map(DateTime::from_ms).transpose()?)
    }
    /// Time at which it was revoked; null if it was not.
    async fn revoked_at(&self) -> ApiResult<Option<DateTime>> {
        Ok(self.row.revoked_at.map(DateTime::from_ms).transpose()?)
    }
}

/// The caller: the key of the request, and its scopes.
#[derive(Description)]
pub(super) struct Viewer {
    caller: Arc<Caller>,
    loaders: Arc<Loaders>,
}

impl Viewer {
    pub(super) fn new(caller: Arc<Caller>, loaders: Arc<Loaders>) -> Self {
        Self { caller, loaders }
    }

    async fn load_user(&self) -> ApiResult<Option<User>> {
        let Some(id) = self.caller.user_id else {
            return Ok(None);
        };
        Ok(self.loaders.by_id::<user::Entity>(id).await?.map(User::new))
    }

    async fn load_key(&self) -> ApiResult<Option<ApiKey>> {
        let row = self.loaders.by_id::<api_key::Entity>(self.caller.key_id).await?;
        Ok(row.map(|row| ApiKey::new(row, self.loaders.clone())))
    }
}

#[Object(use_type_description)]
impl Viewer {
    /// Its own id, not the key's.
    async fn id(&self) -> ID {
        Uuid::new_v5(&self.caller.key_id, b"viewer").into()
    }
    /// The organization whose contacts it sees.
    async fn organization(&self) -> ApiResult<Organization> {
        Organization::load(&self.loaders).await
    }
    /// The user the key belongs to, when it belongs to one.
    async fn user(&self) -> Option<ApiResult<User>> {
        self.load_user().await.transpose()
    }
    /// The key itself, without its secret.
    async fn api_key(&self) -> Option<ApiResult<ApiKey>> {
        self.load_key().await.transpose()
    }
    /// Scopes of the key.
    async fn scopes(&self) -> Vec<ApiScope> {
        self.caller.scopes.iter().map(ApiScope::from).collect()
    }
    /// True if the key is not limited to teams.
    async fn all_teams(&self) -> bool {
        self.caller.teams.is_none()
    }
    /// The teams into which it may put contacts, by name.
    async fn teams(&self) -> ApiResult<Vec<Team>> {
        let rows = teams::usable(self.loaders.tenant(), &self.caller).await?;
        self.loaders.size.add_objects(rows.len())?;
        Ok(rows.into_iter().map(|row| Team::new(Arc::new(row), self.loaders.clone())).collect())
    }
}
