//! `renameTag` and `deleteTag`.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::tag;

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

/// A tag to rename.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RenameTagInput {
    /// What it is called now, whatever the case.
    name: String,
    /// At most 64 characters; `NAME_TAKEN` if another tag is called so, whatever the case. Another
    /// case of the same name is welcome.
    new_name: String,
}

impl RenameTagInput {
    fn into_command(self) -> RenameTag {
        let Self { name, new_name } = self;
        RenameTag { name, new_name }
    }
}

/// A tag to delete, and to take from every contact.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteTagInput {
    /// What it is called, whatever the case.
    name: String,
}

impl DeleteTagInput {
    fn into_command(self) -> DeleteTag {
        let Self { name } = self;
        DeleteTag { name }
    }
}

/// The tag after the change, or what is wrong with the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct TagPayload {
    /// As it is now; null when there are `userErrors`, and nothing was written.
    tag: Option<Tag>,
    /// Empty if and only if the tag is called as it was asked to be.
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
        #[graphql(desc = "Which tag, and its new name.")] input: RenameTagInput,
    ) -> Option<ApiResult<TagPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (Written { value, problems }, loaders) = context.write(Scope::ContactsWrite, command).await?;
            let row = saved_row::<tag::Entity>(value, &loaders).await?;
            let tag = row.map(|row| Tag::new(row, loaders.clone()));
            Ok(TagPayload { tag, user_errors: user_errors(problems, &loaders) })
        };
        Some(payload.await)
    }

    /// Delete a tag for good, and take it from every contact.
    async fn delete_tag(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which tag.")] input: DeleteTagInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            Ok(DeletePayload::new(written, &loaders))
        };
        Some(payload.await)
    }
}
