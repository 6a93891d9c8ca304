//! Companies.

use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object};
use entity::company;

use super::{
    contact::nested::{ContactOwner, with_contacts},
    error::ApiResult,
    loaders::Loaders,
    scalars::DateTime,
};
use crate::contacts::Parent;

/// A company that contacts link to.
#[derive(Clone, Description)]
pub(super) struct Company {
    row: Arc<company::Model>,
    loaders: Arc<Loaders>,
}

impl Company {
    pub(super) fn new(row: Arc<company::Model>, loaders: Arc<Loaders>) -> Self {
        Self { row, loaders }
    }
}

impl ContactOwner for Company {
    fn contacts_of(&self, _context: &Context<'_>) -> ApiResult<(Arc<Loaders>, Option<Parent>)> {
        Ok((self.loaders.clone(), Some(Parent::Company(self.row.id))))
    }
}

with_contacts! {
    #[Object(use_type_description)]
    impl Company {
        /// Globally unique.
        pub(super) async fn id(&self) -> ID {
            self.row.id.into()
        }
        /// Never blank; linked contacts show it as their `company`.
        async fn name(&self) -> &str {
            &self.row.name
        }
        /// Your own key for this company; unique in the organization.
        async fn external_id(&self) -> Option<&str> {
            self.row.external_id.as_deref()
        }
        /// An http or https address.
        async fn website(&self) -> Option<&str> {
            self.row.website.as_deref()
        }
        /// The line of business.
        async fn industry(&self) -> Option<&str> {
            self.row.industry.as_deref()
        }
        /// Time at which it was created here.
        async fn created_at(&self) -> ApiResult<DateTime> {
            Ok(DateTime::from_ms(self.row.created_at)?)
        }
        /// Time at which it last changed.
        async fn updated_at(&self) -> ApiResult<DateTime> {
            Ok(DateTime::from_ms(self.row.updated_at)?)
        }
    }

    /// Contacts of the company, with the arguments of `Query.contacts`. Requires `contacts:read`.
    contacts
}
