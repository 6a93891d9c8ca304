//! Teams.

use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object};
use entity::{team, team_member, user};

use super::{
    contact::nested::{ContactOwner, with_contacts},
    error::ApiResult,
    loaders::Loaders,
    user::User,
};
use crate::contacts::Parent;

/// A team of users, to which contacts may belong and API keys may be limited.
#[derive(Description)]
pub(super) struct Team {
    row: Arc<team::Model>,
    loaders: Arc<Loaders>,
}

impl Team {
    pub(super) fn new(row: Arc<team::Model>, loaders: Arc<Loaders>) -> Self {
        Self { row, loaders }
    }
}

impl ContactOwner for Team {
    fn contacts_of(&self, _context: &Context<'_>) -> ApiResult<(Arc<Loaders>, Option<Parent>)> {
        Ok((self.loaders.clone(), Some(Parent::Team(self.row.id))))
    }
}

with_contacts! {
    #[Object(use_type_description)]
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
        /// The users in it, in the order they were given; at most 500. Of many large teams, ask for the members of some at a time.
        async fn members(&self) -> ApiResult<Vec<User>> {
            let rows = self.loaders.by_owner::<team_member::Entity>(self.row.id).await?;
            let users = self.loaders.by_ids::<user::Entity>(rows.iter().map(|row| row.user_id)).await?;
            Ok(users.into_iter().map(User::new).collect())
        }
    }

    /// Contacts of the team, with the arguments of `Query.contacts`. Requires `contacts:read`.
    contacts
}
