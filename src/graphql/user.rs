//! Users.

use std::sync::Arc;

use async_graphql::{Description, ID, Object};
use entity::user;

/// A person of your organization: who owns contacts, is assigned to them, or holds an API key.
#[derive(Clone, Description)]
pub(super) struct User(Arc<user::Model>);

impl User {
    pub(super) fn new(row: Arc<user::Model>) -> Self {
        Self(row)
    }
}

#[Object(use_type_description)]
impl User {
    /// Globally unique.
    pub(super) async fn id(&self) -> ID {
        self.0.id.into()
    }
    /// Your own key for this user; unique in the organization.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }
    /// Never blank.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Email address of the user.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }
}
