//! `recordContactEnrichment`.

use async_graphql::{Context, ID, InputObject, Object};
use futures_util::FutureExt as _;

use super::{update_contact::UpdateContactPayload, written_contacts::only_contact};
use crate::{
    access::Scope,
    contacts::{ContactDraft, commands::RecordEnrichment},
    graphql::{
        contact::input::{ContactPatchInput, score_of},
        context::ContextExt as _,
        error::ApiResult,
        user_error::user_errors,
    },
    input::patch::Patch,
};

/// Result of an enrichment run.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RecordContactEnrichmentInput {
    /// Id of the contact.
    id: ID,
    /// Status of the run.
    #[graphql(default_with = "Some(\"complete\".to_owned())")]
    status: Option<String>,
    /// Sets the contact's `score`.
    score: Patch<i64>,
    /// Fields that the run found.
    set: Option<ContactPatchInput>,
}

impl RecordContactEnrichmentInput {
    fn into_command(self) -> ApiResult<RecordEnrichment> {
        let Self { id, status, score, set } = self;
        let found = set.map(ContactDraft::try_from).transpose()?.unwrap_or_default();
        Ok(RecordEnrichment::new(id.0, status, score_of(score)?, found))
    }
}

/// Resolver of `recordContactEnrichment`.
#[derive(Default)]
pub(super) struct RecordContactEnrichment;

#[Object]
impl RecordContactEnrichment {
    /// Store the result of an enrichment run; sets `enrichedAt`.
    async fn record_contact_enrichment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The contact, and the fields that the run found.")]
        input: RecordContactEnrichmentInput,
    ) -> Option<ApiResult<UpdateContactPayload>> {
        let payload = async {
            let command = || input.into_command();
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            let contact = only_contact(&written, &loaders).await?;
            Ok(UpdateContactPayload { contact, user_errors: user_errors(written.problems, &loaders) })
        };
        Some(payload.boxed().await)
    }
}
