//! An organization's policy and its API keys.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{
    api_key::{ApiKey, ApiScope},
    contact::input::field,
    error::{ApiResult, answered},
    guard,
    loaders::{Loaders, loaded},
    organization::{ContactField, ContactPolicyPreset, Organization, PhoneFormat},
    payload::{UserError, user_errors},
    scalars::DateTime,
};
use crate::{
    access::Scope,
    api_keys::{CreateKey, RevokeKey, SavedKey},
    policies::{ChangePolicy, PolicyChange},
    writing::{Execute, Written},
};

/// A change to the policy: give a preset, or single fields, or both (fields win). Omitted: as it is.
#[derive(Debug, InputObject)]
pub(super) struct UpdateContactPolicyInput {
    /// Sets every field; CUSTOM changes nothing.
    preset: Option<ContactPolicyPreset>,
    /// A contact without these is refused; those that are there stay as they are.
    required_fields: Option<Vec<ContactField>>,
    /// For an omitted last name; null: none.
    default_last_name: MaybeUndefined<String>,
    /// For an omitted status; null: `active`, or with `usesPipelines` the first stage's name.
    default_status: MaybeUndefined<String>,
    /// For an omitted stage; null: none.
    default_stage: MaybeUndefined<String>,
    /// For an omitted country; null: none.
    default_country: MaybeUndefined<String>,
    /// For an omitted source; not blank.
    default_source: Option<String>,
    /// How phone numbers are kept from now on.
    phone_format: Option<PhoneFormat>,
    /// Region assumed for national numbers: any that has numbers, such as US or XK; null: none.
    default_phone_region: MaybeUndefined<String>,
    /// `DUPLICATES_EXIST` while live contacts share a number.
    unique_phone: Option<bool>,
    /// `DUPLICATES_EXIST` while live contacts share an address.
    unique_email: Option<bool>,
    /// Without any pipeline, one named "Default" with the stage "New Lead" is made.
    uses_pipelines: Option<bool>,
    /// At most 200; empty: any status. Case does not count, and these spellings are kept.
    allowed_statuses: Option<Vec<String>>,
}

/// The organization after the change, or what is wrong with the input.
#[derive(SimpleObject)]
pub(super) struct ContactPolicyPayload {
    /// Null when there are `userErrors`, and nothing was written.
    organization: Option<Organization>,
    /// Empty if and only if the policy is as it was asked to be.
    user_errors: Vec<UserError>,
}

/// A key to be made: it grants at most what your own key does.
#[derive(Debug, InputObject)]
pub(super) struct CreateApiKeyInput {
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

/// The new key, or what is wrong with the input.
#[derive(SimpleObject)]
pub(super) struct CreateApiKeyPayload {
    /// The key without its secret; null when there are `userErrors`.
    api_key: Option<ApiKey>,
    /// Shown once: null in a repeat under the same `Idempotency-Key`.
    secret: Option<String>,
    /// Empty if and only if the key was made.
    user_errors: Vec<UserError>,
}

/// A key to revoke.
#[derive(Debug, InputObject)]
pub(super) struct RevokeApiKeyInput {
    /// Which key.
    id: ID,
}

/// The key, or what is wrong with the input.
#[derive(SimpleObject)]
pub(super) struct ApiKeyPayload {
    /// The key as it is now; null when there are `userErrors`.
    api_key: Option<ApiKey>,
    /// Empty if and only if the key is revoked.
    user_errors: Vec<UserError>,
}

/// Changing settings.
#[derive(Default)]
pub(super) struct SettingsMutation;

/// Changing settings.
#[Object]
impl SettingsMutation {
    /// Give a preset, or single fields, or both (fields win). Contacts that are there stay as they are.
    async fn update_contact_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateContactPolicyInput,
    ) -> Option<ApiResult<ContactPolicyPayload>> {
        let payload = async {
            let (changed, loaders) = write(context, Scope::SettingsWrite, ChangePolicy(input.into())).await?;
            let organization = match changed.problems.is_empty() {
                true => Some(Organization::load(&loaders).await?),
                false => None,
            };
            Ok(ContactPolicyPayload { organization, user_errors: user_errors(changed.problems, &loaders) })
        };
        Some(payload.await)
    }

    /// The secret is in this answer and nowhere else.
    async fn create_api_key(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What the key is to allow.")] input: CreateApiKeyInput,
    ) -> Option<ApiResult<CreateApiKeyPayload>> {
        let payload = async {
            let command = CreateKey::from(input);
            let (Written { value, problems }, loaders) = write(context, Scope::KeysManage, command).await?;
            let api_key = key(value.as_ref(), &loaders).await?;
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
            let job = RevokeKey { id: input.id.0 };
            let (Written { value, problems }, loaders) = write(context, Scope::KeysManage, job).await?;
            let api_key = key(value.as_ref(), &loaders).await?;
            Ok(ApiKeyPayload { api_key, user_errors: user_errors(problems, &loaders) })
        };
        Some(payload.await)
    }
}

async fn key(saved: Option<&SavedKey>, loaders: &Arc<Loaders>) -> ApiResult<Option<ApiKey>> {
    let Some(saved) = saved else {
        return Ok(None);
    };
    let row = loaded(loaders.api_keys.try_load(saved.id).await)?;
    Ok(row.map(|row| ApiKey::new(row, loaders.clone())))
}

/// Executes a command, if the caller has the scope.
async fn write<C: Execute>(
    context: &Context<'_>,
    scope: Scope,
    command: C,
) -> ApiResult<(C::Answer, Arc<Loaders>)> {
    let caller = guard::require(context, scope)?;
    let request = guard::request(context, caller)?;
    let answered = answered(command.execute(&request).await, request.repeatable.is_some())?;
    Ok((answered, guard::loaders(context, caller)?))
}

impl From<UpdateContactPolicyInput> for PolicyChange {
    fn from(input: UpdateContactPolicyInput) -> Self {
        let UpdateContactPolicyInput {
            preset,
            required_fields,
            default_last_name,
            default_status,
            default_stage,
            default_country,
            default_source,
            phone_format,
            default_phone_region,
            unique_phone,
            unique_email,
            uses_pipelines,
            allowed_statuses,
        } = input;
        Self {
            preset: preset.map(Into::into),
            required_fields: required_fields.map(|fields| fields.into_iter().map(Into::into).collect()),
            default_last_name: field(default_last_name),
            default_status: field(default_status),
            default_stage: field(default_stage),
            default_country: field(default_country),
            default_source,
            phone_format: phone_format.map(Into::into),
            default_phone_region: field(default_phone_region),
            unique_phone,
            unique_email,
            uses_pipelines,
            allowed_statuses,
        }
    }
}

impl From<CreateApiKeyInput> for CreateKey {
    fn from(input: CreateApiKeyInput) -> Self {
        let CreateApiKeyInput { name, scopes, team_ids, user_id, expires_at } = input;
        Self {
            name,
            scopes: scopes.into_iter().map(Into::into).collect(),
            team_ids: team_ids.map(|ids| ids.into_iter().map(|id| id.0).collect()),
            user_id: user_id.map(|id| id.0),
            expires_at: expires_at.map(DateTime::ms),
        }
    }
}
