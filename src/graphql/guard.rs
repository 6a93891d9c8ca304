//! What a key may do: checked by each root field, in its own resolver.

use std::sync::Arc;

use async_graphql::Context;

use super::{
    error::{ApiError, ApiResult},
    loaders::Loaders,
};
use crate::{
    access::{Caller, Scope},
    database::{Database, Tenant},
};

/// Who is asking.
pub(super) fn caller<'a>(context: &Context<'a>) -> ApiResult<&'a Arc<Caller>> {
    context.data::<Arc<Caller>>().map_err(|_| ApiError::internal())
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

/// A fresh set of loaders, for one page or payload.
pub(super) fn loaders(context: &Context<'_>, caller: &Caller) -> ApiResult<Arc<Loaders>> {
    Ok(Loaders::new(tenant(context, caller)?))
}
