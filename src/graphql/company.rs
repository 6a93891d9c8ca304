//! Companies.

use std::sync::Arc;

use async_graphql::{ID, Object};
use entity::company;

use super::{error::ApiResult, scalars::DateTime};

/// A company that contacts link to.
pub(super) struct Company(Arc<company::Model>);

impl Company {
    pub(super) fn new(row: Arc<company::Model>) -> Self {
        Self(row)
    }
}

/// A company that contacts link to.
#[Object]
impl Company {
    /// Globally unique.
    pub(super) async fn id(&self) -> ID {
        self.0.id.into()
    }
    /// Never blank; linked contacts show it as their `company`.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Your own key for this company; unique in the organization.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }
    /// An http or https address.
    async fn website(&self) -> Option<&str> {
        self.0.website.as_deref()
    }
    /// The line of business.
    async fn industry(&self) -> Option<&str> {
        self.0.industry.as_deref()
    }
    /// When it was created here.
    async fn created_at(&self) -> ApiResult<DateTime> {
        Ok(DateTime::from_ms(self.0.created_at)?)
    }
    /// When it last changed.
    async fn updated_at(&self) -> ApiResult<DateTime> {
        Ok(DateTime::from_ms(self.0.updated_at)?)
    }
}
