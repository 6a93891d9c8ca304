//! `createCompany`, `updateCompany` and `deleteCompany`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::company;
use futures_util::FutureExt as _;
use uuid::Uuid;

use super::reference::{DeletePayload, saved_row};
use crate::{
    access::Scope,
    companies::Details,
    graphql::{
        company::Company,
        context::ContextExt as _,
        error::ApiResult,
        loaders::Loaders,
        user_error::{UserError, user_errors},
    },
    input::patch::Patch,
    reference::{Create, Delete, Names, Saved, Update},
    writing::Written,
};

/// Company to create.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct CreateCompanyInput {
    /// Not blank, at most 256 characters; trimmed. Several companies may have the same name.
    name: String,
    /// An http or https address; `https://` is added when it has no scheme.
    website: Option<String>,
    /// The line of business, at most 1,024 characters.
    industry: Option<String>,
    /// Your own key for this company, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Option<String>,
}

impl CreateCompanyInput {
    fn into_command(self) -> Create<company::Entity> {
        let Self { name, website, industry, external_id } = self;
        let details = Details { website: website.into(), industry: industry.into() };
        Create { id: Uuid::now_v7(), names: Names::of_new(name, external_id), details }
    }
}

/// Change to a company. Omitted fields stay. Null clears a field, except the name.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct UpdateCompanyInput {
    /// Id of the company.
    id: ID,
    /// Linked contacts show the new name too, each a change of its own. Null or blank is `NAME_REQUIRED`.
    name: Patch<String>,
    /// An http or https address; `https://` is added when it has no scheme.
    website: Patch<String>,
    /// The line of business, at most 1,024 characters.
    industry: Patch<String>,
    /// Your own key for this company, at most 255 characters; `EXTERNAL_ID_TAKEN` if another has it.
    external_id: Patch<String>,
}

impl UpdateCompanyInput {
    fn into_command(self) -> Update<company::Entity> {
        let Self { id, name, website, industry, external_id } = self;
        let details = Details { website, industry };
        Update { id: id.0, names: Names { name, external_id }, details }
    }
}

/// Company to delete. Contacts linked to it keep its name as text.
#[derive(Debug, InputObject)]
pub(in crate::graphql) struct DeleteCompanyInput {
    /// Id of the company.
    id: ID,
}

impl DeleteCompanyInput {
    fn into_command(self) -> Delete<company::Entity> {
        let Self { id } = self;
        Delete::new(id.0)
    }
}

/// The company after the change, or the problems of the input.
#[derive(SimpleObject)]
pub(in crate::graphql) struct CompanyPayload {
    /// The company as it is now; null when there are `userErrors`, and nothing was written.
    company: Option<Company>,
    /// Empty if and only if the company is as it was asked to be.
    user_errors: Vec<UserError>,
}

impl CompanyPayload {
    async fn new(written: Written<Option<Saved<company::Model>>>, loaders: &Arc<Loaders>) -> ApiResult<Self> {
        let Written { value, problems } = written;
        let row = saved_row::<company::Entity>(value, loaders).await?;
        let company = row.map(|row| Company::new(row, loaders.clone()));
        Ok(Self { company, user_errors: user_errors(problems, loaders) })
    }
}

/// Resolvers of mutations of companies.
#[derive(Default)]
pub(super) struct CompanyMutation;

#[Object]
impl CompanyMutation {
    /// Create a company, for contacts to link to.
    async fn create_company(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Fields of the company.")] input: CreateCompanyInput,
    ) -> Option<ApiResult<CompanyPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            CompanyPayload::new(written, &loaders).await
        };
        Some(payload.boxed().await)
    }

    /// Omitted fields stay; null clears. A new name shows on linked contacts too: on all of them when this answers, or, when they are very many, soon after.
    async fn update_company(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The company, and the fields to change.")] input: UpdateCompanyInput,
    ) -> Option<ApiResult<CompanyPayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            CompanyPayload::new(written, &loaders).await
        };
        Some(payload.boxed().await)
    }

    /// Delete a company for good. Its contacts are unlinked and keep its name as text: all of them when this answers, or, when they are very many, soon after.
    async fn delete_company(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The company to delete.")] input: DeleteCompanyInput,
    ) -> Option<ApiResult<DeletePayload>> {
        let payload = async {
            let command = || Ok(input.into_command());
            let (written, loaders) = context.write(Scope::ContactsWrite, command).await?;
            Ok(DeletePayload::new(written, &loaders))
        };
        Some(payload.boxed().await)
    }
}
