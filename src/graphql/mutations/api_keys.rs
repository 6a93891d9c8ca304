//! `createApiKey` and `revokeApiKey`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::api_key;

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

/// A key to be made: it grants at most what your own key does.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateApiKeyInput {
    /// What the key is for, at most 256 characters.
    name: String,
    /// What it allows; at least one.
    scopes: Vec<ApiScope>,
    /// Omitted: as wide as your own key.
    team_ids: Option<Vec<ID>>,
    /// The user it belongs to: who then creates and owns what is made with it.
    user_id: Option<ID>,
    /// When it stops working by itself; omitted: never.
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

/// The new key, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CreateApiKeyPayload {
    /// The key without its secret; null when there are `userErrors`.
    api_key: Option<ApiKey>,
    /// Shown once: null in a repeat under the same `Idempotency-Key`.
    secret: Option<String>,
    /// Empty if and only if the key was made.
    user_errors: Vec<UserError>,
}

/// A key to revoke.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RevokeApiKeyInput {
    /// Which key.
    id: ID,
}

/// The key, or what is wrong with the input.
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
    /// The secret is in this answer and nowhere else.
    async fn create_api_key(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the key is to allow.")] input: CreateApiKeyInput,
    ) -> Option<ApiResult<CreateApiKeyPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (Written { value, problems }, loaders) = context.write(Scope::KeysManage, command).await?;
            let api_key = load(value.as_ref(), &loaders).await?;
            let secret = value.and_then(|saved| saved.secret);
            Ok(CreateApiKeyPayload { api_key, secret, user_errors: user_errors(problems, &loaders) })
        };
        Some(payload.await)
    }

    /// Stops a key within 5 seconds. A revoked one stays so.
    async fn revoke_api_key(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which key.")] input: RevokeApiKeyInput,
    ) -> Option<ApiResult<ApiKeyPayload>> {
        let payload = async {
            let command = || Ok(RevokeKey { id: input.id.0 });
            let (Written { value, problems }, loaders) = context.write(Scope::KeysManage, command).await?;
            let api_key = load(value.as_ref(), &loaders).await?;
            Ok(ApiKeyPayload { api_key, user_errors: user_errors(problems, &loaders) })
        };
        Some(payload.await)
    }
}

async fn load(saved: Option<&SavedKey>, loaders: &Arc<Loaders>) -> ApiResult<Option<ApiKey>> {
    let Some(saved) = saved else {
        return Ok(None);
    };
    let row = loaders.by_id::<api_key::Entity>(saved.id).await?;
    Ok(row.map(|row| ApiKey::new(row, loaders.clone())))
}
