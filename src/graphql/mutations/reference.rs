//! Parts that the mutations of all kinds of reference data share.

use std::sync::Arc;

use async_graphql::{ID, SimpleObject};

use crate::{
    database::lookup::Identified,
    graphql::{
        error::ApiResult,
        loaders::Loaders,
        user_error::{UserError, user_errors},
    },
    reference::Saved,
    writing::Written,
};

/// The object that was deleted, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct DeletePayload {
    /// Id of what was deleted; null when there are `userErrors`.
    deleted_id: Option<ID>,
    /// Empty if and only if it was deleted.
    user_errors: Vec<UserError>,
}

impl DeletePayload {
    pub(super) fn new<M>(written: Written<Option<Saved<M>>>, loaders: &Arc<Loaders>) -> Self {
        let Written { value, problems } = written;
        let deleted_id = value.map(|saved| saved.id.into());
        Self { deleted_id, user_errors: user_errors(problems, loaders) }
    }
}

/// Returns a row that was saved: as it was written, or in a repeat as it is now.
pub(super) async fn saved_row<E>(
    saved: Option<Saved<E::Model>>,
    loaders: &Loaders,
) -> ApiResult<Option<Arc<E::Model>>>
where
    E: Identified<Model: Sync>,
{
    match saved {
        Some(Saved { row: Some(row), .. }) => Ok(Some(row)),
        Some(Saved { id, row: None, .. }) => loaders.by_id::<E>(id).await,
        None => Ok(None),
    }
}
