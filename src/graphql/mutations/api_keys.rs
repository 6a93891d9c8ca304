//! `createApiKey` and `revokeApiKey`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::api_key;
use futures_util::FutureExt as _;

use crate::{
    access::Scope,
    api_keys::{CreateKey, RevokeKey, SavedKey},
    graphql::{
        api_key::{ApiKey, ApiScope},
        contact::selection::texts,
        context::ContextExt as _,
        error::ApiResult,
        loaders::Loaders,
        scalars::DateTime,
        user_error::{UserError, user_errors},
    },
    writing::Written,
};

/// API key to create. It grants at most the scopes and teams of your own key, and does not outlive it.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateApiKeyInput {
    /// Name that says what the key is for, at most 256 characters.
    name: String,
    /// Scopes of the key; at least one.
    scopes: Vec<ApiScope>,
    /// Teams to which the key is limited. Omitted: the same as your own key.
    team_ids: Option<Vec<ID>>,
    /// User to whom the key belongs: creator and owner of the contacts that are created with it.
    user_id: Option<ID>,
    /// Time at which the key stops working, no later than your own key does. Omitted: the same as your own key, which
    /// may be never.
    expires_at: Option<DateTime>,
}

impl CreateApiKeyInput {
    fn into_command(self) -> CreateKey {
        let Self { name, scopes, team_ids, user_id, expires_at } = self;
        CreateKey {
            name,
            scopes: scopes.into_iter().map(Into::into).collect(),
            team_ids: team_ids.map(texts),
            user_id: user_id.map(|id| id.0),
            expires_at: expires_at.map(DateTime::ms),
        }
    }
}

/// The new key, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CreateApiKeyPayload {
    /// The key without its secret; null when there are `userErrors`.
    api_key: Option<ApiKey>,
    /// The key itself. It is shown once: null in a repeat under the same `Idempotency-Key`.
    secret: Option<String>,
    /// Empty if and only if the key was created.
    user_errors: Vec<UserError>,
}

/// API key to revoke.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RevokeApiKeyInput {
    /// Id of the key.
    id: ID,
}

/// The key after the change, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ApiKeyPayload {
    /// The key as it is now; null when there are `userErrors`.
    api_key: Option<ApiKey>,
    /// Empty if and only if the key is revoked.
    user_errors: Vec<UserError>,
}

/// Resolvers of mutations of API keys.
#[derive(Default)]
pub(super) struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Create an API key. The secret is in this answer and nowhere else. When your own key is revoked, so is the new
    /// one. At most 1,000 keys of an organization are neither revoked nor expired. Requires `keys:manage`.
    async fn create_api_key(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The name, scopes, teams and user of the key.")] input: CreateApiKeyInput,
    ) -> Option<ApiResult<CreateApiKeyPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (Written { value, problems }, loaders) = context.write(Scope::KeysManage, command).await?;
            let api_key = load(value.as_ref(), &loaders).await?;
            let secret = value.and_then(|saved| saved.secret);
            Ok(CreateApiKeyPayload { api_key, secret, user_errors: user_errors(problems, &loaders) })
        };
        Some(payload.boxed().await)
    }

    /// Revoke an API key and all keys that were made with it: they stop working within 5 seconds. A revoked key stays
    /// revoked, and is removed after 30 days. Your own key must have the scopes and teams of the key. Requires
    /// `keys:manage`.
    async fn revoke_api_key(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The key to revoke.")] input: RevokeApiKeyInput,
    ) -> Option<ApiResult<ApiKeyPayload>> {
        let payload = async {
            let command = || Ok(RevokeKey { id: input.id.0 });
            let (Written { value, problems }, loaders) = context.write(Scope::KeysManage, command).await?;
            let api_key = load(value.as_ref(), &loaders).await?;
            Ok(ApiKeyPayload { api_key, user_errors: user_errors(problems, &loaders) })
        };
        Some(payload.boxed().await)
    }
}

async fn load(saved: Option<&SavedKey>, loaders: &Arc<Loaders>) -> ApiResult<Option<ApiKey>> {
    let Some(saved) = saved else {
        return Ok(None);
    };
    let row = loaders.by_id::<api_key::Entity>(saved.id).await?;
    Ok(row.map(|row| ApiKey::new(row, loaders.clone())))
}
