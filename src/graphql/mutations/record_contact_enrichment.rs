//! `recordContactEnrichment`.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use sea_orm::ActiveValue::{NotSet, Set};

use super::{update_contact::UpdateContactPayload, written_contacts::only_contact};
use crate::{
    access::Scope,
    contacts::{Command, Draft},
    graphql::{
        contact::input::{ContactPatchInput, column, score},
        context::ContextExt as _,
        error::ApiResult,
        user_error::user_errors,
    },
    input::text::is_blank,
};

/// The result of an enrichment run.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct RecordContactEnrichmentInput {
    /// Which contact.
    id: ID,
    /// How the run went.
    #[graphql(default_with = "Some(\"complete\".to_owned())")]
    status: Option<String>,
    /// Sets the contact's `score`.
    score: MaybeUndefined<i64>,
    /// What the run found out.
    set: Option<ContactPatchInput>,
}

impl RecordContactEnrichmentInput {
    fn into_command(self) -> ApiResult<Command> {
        let Self { id, status, score: given, set } = self;
        let mut draft = set.map(Draft::try_from).transpose()?.unwrap_or_default();
        let status = status.filter(|status| !is_blank(status));
        draft.contact.enrichment_status = Set(Some(status.unwrap_or_else(|| "complete".to_owned())));
        let given = column(score(given)?);
        if given != NotSet {
            draft.contact.score = given;
        }
        Ok(Command::Enrich { id: id.0, draft })
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
        #[graphql(desc = "Which contact, and what the run found.")] input: RecordContactEnrichmentInput,
    ) -> Option<ApiResult<UpdateContactPayload>> {
        let payload = async {
            let command = || input.into_command();
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            let contact = only_contact(&written, &loaders).await?;
            Ok(UpdateContactPayload { contact, user_errors: user_errors(written.problems, &loaders) })
        };
        Some(payload.await)
    }
}
