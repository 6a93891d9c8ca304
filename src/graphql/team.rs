//! Teams.

use std::sync::Arc;

use async_graphql::{ID, Object};
use entity::team;

use super::{
    contact::nested::with_contacts,
    error::ApiResult,
    loaders::{Loaders, loaded},
    user::User,
};
use crate::contacts::Within;

/// A team of users.
pub(super) struct Team {
    row: Arc<team::Model>,
    loaders: Arc<Loaders>,
}

impl Team {
    pub(super) fn new(row: Arc<team::Model>, loaders: Arc<Loaders>) -> Self {
        Self { row, loaders }
    }

    fn within(&self) -> Within {
        Within::Team(self.row.id)
    }
}

with_contacts! {
    /// A team of users, to which contacts may belong and API keys may be limited.
    #[Object]
    impl Team {
        /// Globally unique.
        pub(super) async fn id(&self) -> ID {
            self.row.id.into()
        }
        /// Your own key for this team; unique in the organization.
        async fn external_id(&self) -> Option<&str> {
            self.row.external_id.as_deref()
        }
        /// Never blank.
        async fn name(&self) -> &str {
            &self.row.name
        }
        /// The users in it, in the order they were given.
        async fn members(&self) -> ApiResult<Vec<User>> {
            let rows = loaded(self.loaders.members.try_load(self.row.id).await)?;
            let users = rows.iter().map(|row| self.loaders.users.try_load(row.user_id));
            let mut members = Vec::with_capacity(rows.len());
            for user in futures_util::future::join_all(users).await {
                members.extend(loaded(user)?.map(User::new));
            }
            Ok(members)
        }
    }
}
