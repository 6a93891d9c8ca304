//! `renameTag` and `deleteTag`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::tag;
use futures_util::FutureExt as _;

use super::reference::{DeletePayload, saved_row};
use crate::{
    access::Scope,
    graphql::{
        context::ContextExt as _,
        error::ApiResult,
        tag::Tag,
        user_error::{UserError, user_errors},
    },
    tags::{DeleteTag, RenameTag},
    writing::Written,
};

/// Tag to rename.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RenameTagInput {
    /// Its name now, whatever the case.
    name: String,
    /// At most 64 characters; `NAME_TAKEN` if another tag has this name, whatever the case. The
    /// same name in another case is accepted.
    new_name: String,
}

impl RenameTagInput {
    fn into_command(self) -> RenameTag {
        let Self { name, new_name } = self;
        RenameTag { name, new_name }
    }
}

/// Tag to delete, and to remove from every contact.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteTagInput {
    /// Its name, whatever the case.
    name: String,
}

impl DeleteTagInput {
    fn into_command(self) -> DeleteTag {
        let Self { name } = self;
        DeleteTag { name }
    }
}

/// The tag after the change, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct TagPayload {
    /// The tag as it is now; null when there are `userErrors`, and nothing was written.
    tag: Option<Tag>,
    /// Empty if and only if the tag has the new name.
    user_errors: Vec<UserError>,
}

/// Resolvers of mutations of tags.
#[derive(Default)]
pub(super) struct TagMutation;

#[Object]
impl TagMutation {
    /// Give a tag another name, on every contact that has it; it is not a new tag of theirs, so their `tagAddedAt` stays.
    async fn rename_tag(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The tag, and its new name.")] input: RenameTagInput,
    ) -> Option<ApiResult<TagPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (Written { value, problems }, loaders) = context.write(Scope::ContactsWrite, command).await?;
            let row = saved_row::<tag::Entity>(value, &loaders).await?;
            let tag = row.map(|row| Tag::new(row, loaders.clone()));
            Ok(TagPayload { tag, user_errors: user_errors(problems, &loaders) })
        };
        Some(payload.boxed().await)
    }

    /// Delete a tag for good, and remove it from every contact.
    async fn delete_tag(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The tag to delete.")] input: DeleteTagInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            Ok(DeletePayload::new(written, &loaders))
        };
        Some(payload.boxed().await)
    }
}
