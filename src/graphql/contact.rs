//! The type `Contact` of the API. A column is private until it is listed here.

mod columns;
pub(super) mod connection;
pub(super) mod details;
pub(super) mod filter;
pub(super) mod input;
pub(super) mod nested;
pub(super) mod selection;
mod values;

use std::sync::Arc;

use async_graphql::{Description, ID, Object};
use entity::{
    contact::{self, Column},
    contact_email, contact_phone,
};
use uuid::Uuid;

pub(super) use columns::{DISPLAY_NAME, columns};
use details::{ContactEmail, ContactPhone};

use super::{
    company::Company,
    error::ApiResult,
    loaders::Loaders,
    organization::Organization,
    pipeline::{Pipeline, PipelineStage},
    scalars::{DateTime, Json},
    team::Team,
    user::User,
};
use crate::{contacts, database::Row};

/// A person your organization knows.
#[derive(Clone, Description)]
pub(super) struct Contact {
    id: Uuid,
    row: Arc<Row<contact::Entity>>,
    loaders: Arc<Loaders>,
}

#[Object(use_type_description)]
impl Contact {
    /// Globally unique id; a UUID.
    pub(super) async fn id(&self) -> ID {
        self.id.into()
    }
    /// Id of the organization that the contact belongs to.
    async fn org_id(&self) -> ApiResult<ID> {
        Ok(self.get::<Uuid>(Column::OrgId)?.into())
    }
    /// Organization that the contact belongs to: always your own.
    async fn organization(&self) -> ApiResult<Organization> {
        Organization::load(&self.loaders).await
    }
    /// Your own key for this person; unique among the live contacts of the organization.
    async fn external_id(&self) -> ApiResult<Option<String>> {
        self.text(Column::ExternalId)
    }
    /// Given name, at most 256 characters.
    async fn first_name(&self) -> ApiResult<Option<String>> {
        self.text(Column::FirstName)
    }
    /// Family name, at most 256 characters.
    async fn last_name(&self) -> ApiResult<Option<String>> {
        self.text(Column::LastName)
    }
    /// First and last name, else company, email, phone, WhatsApp number, else `Contact ` and the
    /// last 8 characters of the id. Never empty.
    async fn display_name(&self) -> ApiResult<String> {
        let others = [
            self.text(Column::Company)?,
            self.text(Column::Email)?,
            self.text(Column::Phone)?,
            self.text(Column::WhatsappNumber)?,
        ];
        let (first, last) = (self.text(Column::FirstName)?, self.text(Column::LastName)?);
        Ok(contacts::display_name(self.id, first.as_deref(), last.as_deref(), &others))
    }
    /// Primary email address; null if the contact has no email.
    async fn email(&self) -> ApiResult<Option<String>> {
        self.text(Column::Email)
    }
    /// All email addresses, in the order they were given.
    async fn emails(&self) -> ApiResult<Vec<ContactEmail>> {
        let rows = self.loaders.by_owner::<contact_email::Entity>(self.id).await?;
        Ok(rows.iter().cloned().map(ContactEmail::new).collect())
    }
    /// Primary phone number; null if the contact has none.
    async fn phone(&self) -> ApiResult<Option<String>> {
        self.text(Column::Phone)
    }
    /// All phone numbers, in the order they were given.
    async fn phones(&self) -> ApiResult<Vec<ContactPhone>> {
        let rows = self.loaders.by_owner::<contact_phone::Entity>(self.id).await?;
        Ok(rows.iter().cloned().map(ContactPhone::new).collect())
    }
    /// WhatsApp number, in E.164; also one of `phones`.
    async fn whatsapp_number(&self) -> ApiResult<Option<String>> {
        self.text(Column::WhatsappNumber)
    }
    /// Company name as text; the name of `companyRecord` if one is linked.
    async fn company(&self) -> ApiResult<Option<String>> {
        self.text(Column::Company)
    }
    /// Id of the linked company.
    async fn company_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::CompanyId)
    }
    // An object that may be null is an `Option` outside: async-graphql nulls only such a field for an
    // error, and for any other type the object around it.
    /// Linked company.
    async fn company_record(&self) -> Option<ApiResult<Company>> {
        self.load_company().await.transpose()
    }
    /// Job title, e.g. `Head of Sales`.
    async fn job_title(&self) -> ApiResult<Option<String>> {
        self.text(Column::JobTitle)
    }
    /// Line of business.
    async fn industry(&self) -> ApiResult<Option<String>> {
        self.text(Column::Industry)
    }
    /// Web address, http or https.
    async fn website(&self) -> ApiResult<Option<String>> {
        self.text(Column::Website)
    }
    /// Web address of the LinkedIn profile, http or https.
    async fn linkedin_url(&self) -> ApiResult<Option<String>> {
        self.text(Column::LinkedinUrl)
    }
    /// Street and number.
    async fn address_line1(&self) -> ApiResult<Option<String>> {
        self.text(Column::AddressLine1)
    }
    /// Building, floor, unit.
    async fn address_line2(&self) -> ApiResult<Option<String>> {
        self.text(Column::AddressLine2)
    }
    /// City or town.
    async fn city(&self) -> ApiResult<Option<String>> {
        self.text(Column::City)
    }
    /// State, province or region, as it was given.
    async fn state(&self) -> ApiResult<Option<String>> {
        self.text(Column::State)
    }
    /// Postal code.
    async fn zip(&self) -> ApiResult<Option<String>> {
        self.text(Column::Zip)
    }
    /// ISO 3166-1 alpha-2 code, e.g. `CA`.
    async fn country(&self) -> ApiResult<Option<String>> {
        self.text(Column::Country)
    }
    /// IANA time zone, e.g. `Europe/Berlin`.
    async fn timezone(&self) -> ApiResult<Option<String>> {
        self.text(Column::Timezone)
    }
    /// BCP 47 language tag, e.g. `pt-BR`.
    async fn language(&self) -> ApiResult<Option<String>> {
        self.text(Column::Language)
    }
    /// Tag names, in the order they were added.
    async fn tags(&self) -> ApiResult<Vec<String>> {
        details::tags(&self.get::<String>(Column::Tags)?)
    }
    /// Lifecycle status, e.g. `active`, `unsubscribed`. In a pipeline organization it is the stage's name.
    async fn status(&self) -> ApiResult<String> {
        self.get(Column::Status)
    }
    /// Stage label. In a pipeline organization it is the stage's name.
    async fn stage(&self) -> ApiResult<Option<String>> {
        self.text(Column::Stage)
    }
    /// Id of the pipeline that the contact is in.
    async fn pipeline_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::PipelineId)
    }
    /// Pipeline that the contact is in.
    async fn pipeline(&self) -> Option<ApiResult<Pipeline>> {
        self.load_pipeline().await.transpose()
    }
    /// Id of the pipeline stage that the contact is at.
    async fn pipeline_stage_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::PipelineStageId)
    }
    /// Pipeline stage that the contact is at.
    async fn pipeline_stage(&self) -> Option<ApiResult<PipelineStage>> {
        self.load_stage().await.transpose()
    }
    /// Process that the contact takes part in, as it was given.
    async fn process(&self) -> ApiResult<Option<String>> {
        self.text(Column::Process)
    }
    /// Channel that the contact came in by, e.g. `api`, `import`, `form`.
    async fn source(&self) -> ApiResult<String> {
        self.get(Column::Source)
    }
    /// Your own rating; any 32-bit integer.
    async fn score(&self) -> ApiResult<Option<i32>> {
        self.get(Column::Score)
    }
    /// Free text of several lines, at most 65,536 characters.
    async fn notes(&self) -> ApiResult<Option<String>> {
        self.text(Column::Notes)
    }
    /// True if the contact is in use. The default is true.
    async fn is_active(&self) -> ApiResult<bool> {
        self.get(Column::IsActive)
    }
    /// True if the person wants email. The default is true.
    async fn email_subscribed(&self) -> ApiResult<bool> {
        self.get(Column::EmailSubscribed)
    }
    /// Your own data, a JSON object; `{}` by default.
    async fn metadata(&self) -> ApiResult<Json> {
        self.json(Column::Metadata)
    }
    /// Your own data about the line of business, a JSON object; `{}` by default.
    async fn industry_context(&self) -> ApiResult<Json> {
        self.json(Column::IndustryContext)
    }
    /// Id of the team that the contact belongs to.
    async fn team_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::TeamId)
    }
    /// Team that the contact belongs to.
    async fn team(&self) -> Option<ApiResult<Team>> {
        self.load_team().await.transpose()
    }
    /// Id of the user who owns the contact.
    async fn owner_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::OwnerId)
    }
    /// User who owns the contact.
    async fn owner(&self) -> Option<ApiResult<User>> {
        self.load_user(Column::OwnerId).await.transpose()
    }
    /// Users who work on the contact, in the order they were given.
    async fn assignees(&self) -> ApiResult<Vec<User>> {
        details::assignees(&self.loaders, self.id).await
    }
    /// Time at which the result of an enrichment run was last recorded.
    async fn enriched_at(&self) -> ApiResult<Option<DateTime>> {
        self.time(Column::EnrichedAt)
    }
    /// Status of the latest enrichment run, e.g. `complete`.
    async fn enrichment_status(&self) -> ApiResult<Option<String>> {
        self.text(Column::EnrichmentStatus)
    }
    /// Time at which a tag was last added.
    async fn tag_added_at(&self) -> ApiResult<Option<DateTime>> {
        self.time(Column::TagAddedAt)
    }
    /// Time of creation in this system.
    async fn created_at(&self) -> ApiResult<DateTime> {
        Ok(DateTime::from_ms(self.get(Column::CreatedAt)?)?)
    }
    /// Time of the latest change of any kind. Never older than `createdAt`, `enrichedAt` or
    /// `tagAddedAt`.
    async fn updated_at(&self) -> ApiResult<DateTime> {
        Ok(DateTime::from_ms(self.get(Column::UpdatedAt)?)?)
    }
    /// User whose API key created the contact; null if that key belongs to no user.
    async fn created_by(&self) -> Option<ApiResult<User>> {
        self.load_user(Column::CreatedBy).await.transpose()
    }
    /// User whose API key last changed the contact; null if that key belongs to no user.
    async fn updated_by(&self) -> Option<ApiResult<User>> {
        self.load_user(Column::UpdatedBy).await.transpose()
    }
    /// Time of creation in the system that the contact came from.
    async fn source_created_at(&self) -> ApiResult<Option<DateTime>> {
        self.time(Column::SourceCreatedAt)
    }
    /// Time at which the contact was deleted or merged into another; null for a live contact.
    async fn deleted_at(&self) -> ApiResult<Option<DateTime>> {
        self.time(Column::DeletedAt)
    }
    /// Number that grows by one with every change. Send it back as `expectedVersion`.
    async fn version(&self) -> ApiResult<i32> {
        self.get(Column::Version)
    }
}
