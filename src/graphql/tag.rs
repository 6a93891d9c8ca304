//! Tags.

use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object};
use entity::tag;

use super::{
    contact::nested::{ContactOwner, with_contacts},
    error::ApiResult,
    loaders::Loaders,
};
use crate::contacts::Parent;

/// A tag that contacts have, or had. Giving a contact a new tag makes it; it stays until it is deleted.
#[derive(Clone, Description)]
pub(super) struct Tag {
    row: Arc<tag::Model>,
    loaders: Arc<Loaders>,
}

impl Tag {
    pub(super) fn new(row: Arc<tag::Model>, loaders: Arc<Loaders>) -> Self {
        Self { row, loaders }
    }
}

impl ContactOwner for Tag {
    fn contacts_of(&self, _context: &Context<'_>) -> ApiResult<(Arc<Loaders>, Option<Parent>)> {
        Ok((self.loaders.clone(), Some(Parent::Tag(self.row.id))))
    }
}

with_contacts! {
    #[Object(use_type_description)]
    impl Tag {
        /// Globally unique; renaming keeps it.
        pub(super) async fn id(&self) -> ID {
            self.row.id.into()
        }
        /// In its first spelling, unless it was renamed; unique whatever the case.
        async fn name(&self) -> &str {
            &self.row.name
        }
        /// Number of contacts that have it, without deleted ones.
        async fn contacts_count(&self) -> ApiResult<i32> {
            self.loaders.contacts_count::<tag::Entity>(self.row.id).await
        }
    }

    /// Contacts that have the tag, with the arguments of `Query.contacts`. Requires `contacts:read`.
    contacts
}
