//! Access of a resolver to its request: caller, database, loaders, idempotency key.

use std::{future::Future, sync::Arc};

use async_graphql::Context;
use futures_util::FutureExt as _;
use rlibphonenumber::Region;

use super::{
    RequestContext,
    answer_size::AnswerSize,
    error::{ApiError, ApiResult, answered},
    loaders::Loaders,
};
use crate::{
    access::{Caller, Scope},
    database::{Database, Tenant},
    organizations::SettingsCache,
    writing::{Execute, Request, idempotency::Repeatable},
};

/// Access to the caller, the database and the loaders.
///
/// A scope is required here, by each root field's own resolver: a guard attribute of the library
/// would turn the whole answer into null.
pub(super) trait ContextExt {
    /// Returns who asks.
    fn caller(&self) -> ApiResult<&Arc<Caller>>;

    /// Returns who asks, if their key has the scope.
    fn require(&self, scope: Scope) -> ApiResult<&Arc<Caller>>;

    /// Returns a reader of the caller's organization.
    fn tenant(&self) -> ApiResult<Tenant>;

    /// Returns a fresh set of loaders, for one page or payload.
    fn loaders(&self) -> ApiResult<Arc<Loaders>>;

    /// Returns a fresh set of loaders, if the caller's key has the scope.
    fn loaders_for(&self, scope: Scope) -> ApiResult<Arc<Loaders>>;

    /// Returns the settings of organizations, as far as they are remembered.
    fn settings(&self) -> ApiResult<&SettingsCache>;

    /// Returns the country of the organization's national phone numbers, as of now.
    fn phone_region(&self) -> impl Future<Output = ApiResult<Option<Region>>> + Send;

    /// Returns the idempotency key of the field at hand, with the input that it came with.
    fn repeatable(&self) -> ApiResult<Option<Repeatable>>;

    /// Executes a command, if the caller's key has the scope; returns what came of it, and the
    /// loaders of its payload.
    ///
    /// The command is made after the scope is checked, so that who may not write is not told what
    /// is wrong with their input. The loaders are new, so that the payload shows what was written.
    fn write<C>(
        &self,
        scope: Scope,
        command: impl FnOnce() -> ApiResult<C> + Send,
    ) -> impl Future<Output = ApiResult<(C::Answer, Arc<Loaders>)>> + Send
    where
        C: Execute<Answer: Send> + Send;
}

impl ContextExt for Context<'_> {
    fn caller(&self) -> ApiResult<&Arc<Caller>> {
        Ok(&data::<RequestContext>(self)?.caller)
    }

    fn require(&self, scope: Scope) -> ApiResult<&Arc<Caller>> {
        let caller = self.caller()?;
        if caller.scopes.allow(scope) { Ok(caller) } else { Err(ApiError::forbidden(scope)) }
    }

    fn tenant(&self) -> ApiResult<Tenant> {
        Ok(data::<Database>(self)?.tenant(self.caller()?.org_id))
    }

    fn loaders(&self) -> ApiResult<Arc<Loaders>> {
        Ok(Loaders::new(self.tenant()?, data::<AnswerSize>(self)?.clone()))
    }

    fn loaders_for(&self, scope: Scope) -> ApiResult<Arc<Loaders>> {
        self.require(scope)?;
        self.loaders()
    }

    fn settings(&self) -> ApiResult<&SettingsCache> {
        data(self)
    }

    async fn phone_region(&self) -> ApiResult<Option<Region>> {
        Ok(self.settings()?.in_force(&self.tenant()?).await?.policy.phone_region())
    }

    fn repeatable(&self) -> ApiResult<Option<Repeatable>> {
        let Some(key) = data::<RequestContext>(self)?.idempotency_key.as_deref() else {
            return Ok(None);
        };
        let field = self.field();
        let arguments = field.arguments().map_err(|_| ApiError::internal())?;
        let members = arguments
            .into_iter()
            .map(|(name, value)| (name.to_string(), value.into_json().unwrap_or_default()));
        let path = self.path_node.map(|node| node.to_string()).unwrap_or_default();
        Ok(Some(Repeatable::new(key, &path, field.name(), members.collect())))
    }

    async fn write<C>(
        &self,
        scope: Scope,
        command: impl FnOnce() -> ApiResult<C> + Send,
    ) -> ApiResult<(C::Answer, Arc<Loaders>)>
    where
        C: Execute<Answer: Send> + Send,
    {
        let caller = self.require(scope)?;
        let request = Request {
            database: data(self)?,
            settings: self.settings()?,
            caller,
            repeatable: self.repeatable()?,
        };
        // A future holds the largest that any of its fields may wait for: this one is on the heap.
        let written = command()?.execute(&request).boxed().await;
        Ok((answered(written, request.repeatable.is_some())?, self.loaders()?))
    }
}

/// Returns what the executor has put into every request; it would be our fault if it had not.
fn data<'a, T: Send + Sync + 'static>(context: &Context<'a>) -> ApiResult<&'a T> {
    context.data().map_err(|_| ApiError::internal())
}
