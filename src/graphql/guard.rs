//! What a key may do: checked by each root field, in its own resolver.

use std::sync::Arc;

use async_graphql::Context;
use rlibphonenumber::Region;

use super::{
    Call,
    answer_size::AnswerSize,
    error::{ApiError, ApiResult},
    loaders::Loaders,
};
use crate::{
    access::{Caller, Scope},
    database::{Database, Tenant},
    organizations::SettingsCache,
    writing::{Request, idempotency::Repeatable},
};

/// Who is asking.
pub(super) fn caller<'a>(context: &Context<'a>) -> ApiResult<&'a Arc<Caller>> {
    let call = context.data::<Call>().map_err(|_| ApiError::internal())?;
    Ok(&call.caller)
}

/// Who is asking, if their key has the scope.
pub(super) fn require<'a>(context: &Context<'a>, scope: Scope) -> ApiResult<&'a Arc<Caller>> {
    let caller = caller(context)?;
    if caller.scopes.allow(scope) { Ok(caller) } else { Err(ApiError::forbidden(scope)) }
}

/// Reads as the caller's organization.
pub(super) fn tenant(context: &Context<'_>, caller: &Caller) -> ApiResult<Tenant> {
    let database = context.data::<Database>().map_err(|_| ApiError::internal())?;
    Ok(database.tenant(caller.org_id))
}

/// The header by which the field at hand can be repeated, with what it was sent with.
fn repeatable(context: &Context<'_>) -> ApiResult<Option<Repeatable>> {
    let Some(key) = context.data::<Call>().ok().and_then(|call| call.idempotency_key.as_deref()) else {
        return Ok(None);
    };
    let field = context.field();
    let arguments = field.arguments().map_err(|_| ApiError::internal())?;
    let members =
        arguments.into_iter().map(|(name, value)| (name.to_string(), value.into_json().unwrap_or_default()));
    let path = context.path_node.map(|node| node.to_string()).unwrap_or_default();
    Ok(Some(Repeatable::new(key, &path, field.name(), members.collect())))
}

/// What a command is executed with.
pub(super) fn request<'a>(context: &Context<'a>, caller: &'a Caller) -> ApiResult<Request<'a>> {
    Ok(Request {
        database: context.data::<Database>().map_err(|_| ApiError::internal())?,
        settings: context.data::<SettingsCache>().map_err(|_| ApiError::internal())?,
        caller,
        repeatable: repeatable(context)?,
    })
}

/// The country of the organization's national phone numbers, as of now.
pub(super) async fn phone_region(context: &Context<'_>, caller: &Caller) -> ApiResult<Option<Region>> {
    let settings = context.data::<SettingsCache>().map_err(|_| ApiError::internal())?;
    Ok(settings.in_force(&tenant(context, caller)?).await?.policy.phone_region())
}

/// A fresh set of loaders, for one page or payload.
pub(super) fn loaders(context: &Context<'_>, caller: &Caller) -> ApiResult<Arc<Loaders>> {
    let size = context.data::<AnswerSize>().map_err(|_| ApiError::internal())?;
    Ok(Loaders::new(tenant(context, caller)?, size.clone()))
}
