//! A contact, as the API shows it. A column is private until it is listed here.

mod columns;
pub(super) mod connection;
pub(super) mod details;
pub(super) mod filter;
pub(super) mod input;
pub(super) mod nested;
pub(super) mod selection;

use std::sync::Arc;

use async_graphql::{Description, ID, Object};
use entity::{
    company,
    contact::{self, Column},
    contact_email, contact_phone, pipeline, pipeline_stage, team, user,
};
use uuid::Uuid;

pub(super) use columns::columns;
use details::{ContactEmail, ContactPhone};

use super::{
    answer_size,
    company::Company,
    error::ApiResult,
    loaders::Loaders,
    organization::Organization,
    pipeline::{Pipeline, PipelineStage},
    scalars::{DateTime, Json},
    team::Team,
    user::User,
};
use crate::{
    contacts,
    database::{ColumnValue, Row},
};

/// A person your organization knows.
#[derive(Clone, Description)]
pub(super) struct Contact {
    id: Uuid,
    row: Arc<Row<contact::Entity>>,
    loaders: Arc<Loaders>,
}

impl Contact {
    /// Shows a row of which at least the id was selected.
    pub(super) fn new(row: Row<contact::Entity>, loaders: Arc<Loaders>) -> ApiResult<Self> {
        Ok(Self { id: row.get(Column::Id)?, row: Arc::new(row), loaders })
    }

    /// Shows a whole row.
    pub(super) fn written(row: Arc<contact::Model>, loaders: Arc<Loaders>) -> Self {
        Self { id: row.id, row: Arc::new(Row::written(row)), loaders }
    }

    pub(super) fn row(&self) -> &Row<contact::Entity> {
        &self.row
    }

    fn get<T: ColumnValue>(&self, column: Column) -> ApiResult<T> {
        Ok(self.row.get(column)?)
    }

    fn text(&self, column: Column) -> ApiResult<Option<String>> {
        let text: Option<String> = self.get(column)?;
        self.loaders.size.add(text.as_ref().map_or(0, String::len))?;
        Ok(text)
    }

    fn reference(&self, column: Column) -> ApiResult<Option<ID>> {
        Ok(self.get::<Option<Uuid>>(column)?.map(ID::from))
    }

    fn time(&self, column: Column) -> ApiResult<Option<DateTime>> {
        let ms = self.get::<Option<i64>>(column)?;
        Ok(ms.map(DateTime::from_ms).transpose()?)
    }

    fn json(&self, column: Column) -> ApiResult<Json> {
        let text = self.get::<String>(column)?;
        self.loaders.size.add(text.len().saturating_mul(answer_size::JSON_WEIGHT))?;
        Ok(Json::from_text(&text)?)
    }

    async fn load_user(&self, column: Column) -> ApiResult<Option<User>> {
        let Some(id) = self.get::<Option<Uuid>>(column)? else {
            return Ok(None);
        };
        let user = self.loaders.by_id::<user::Entity>(id).await?;
        Ok(user.map(User::new))
    }

    async fn load_company(&self) -> ApiResult<Option<Company>> {
        let Some(id) = self.get::<Option<Uuid>>(Column::CompanyId)? else {
            return Ok(None);
        };
        let company = self.loaders.by_id::<company::Entity>(id).await?;
        Ok(company.map(|row| Company::new(row, self.loaders.clone())))
    }

    async fn load_pipeline(&self) -> ApiResult<Option<Pipeline>> {
        let Some(id) = self.get::<Option<Uuid>>(Column::PipelineId)? else {
            return Ok(None);
        };
        let pipeline = self.loaders.by_id::<pipeline::Entity>(id).await?;
        Ok(pipeline.map(|row| Pipeline::new(row, self.loaders.clone())))
    }

    async fn load_stage(&self) -> ApiResult<Option<PipelineStage>> {
        let Some(id) = self.get::<Option<Uuid>>(Column::PipelineStageId)? else {
            return Ok(None);
        };
        let stage = self.loaders.by_id::<pipeline_stage::Entity>(id).await?;
        Ok(stage.map(|row| PipelineStage::new(row, self.loaders.clone())))
    }

    async fn load_team(&self) -> ApiResult<Option<Team>> {
        let Some(id) = self.get::<Option<Uuid>>(Column::TeamId)? else {
            return Ok(None);
        };
        let team = self.loaders.by_id::<team::Entity>(id).await?;
        Ok(team.map(|row| Team::new(row, self.loaders.clone())))
    }
}

#[Object(use_type_description)]
impl Contact {
    /// Globally unique; a UUID.
    pub(super) async fn id(&self) -> ID {
        self.id.into()
    }
    /// The organization it belongs to.
    async fn org_id(&self) -> ApiResult<ID> {
        Ok(self.get::<Uuid>(Column::OrgId)?.into())
    }
    /// The organization it belongs to: always your own.
    async fn organization(&self) -> ApiResult<Organization> {
        Organization::load(&self.loaders).await
    }
    /// Your own key for this person; unique in the organization.
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
    /// Primary email.
    async fn email(&self) -> ApiResult<Option<String>> {
        self.text(Column::Email)
    }
    /// All email addresses, in the order they were given.
    async fn emails(&self) -> ApiResult<Vec<ContactEmail>> {
        let rows = self.loaders.by_owner::<contact_email::Entity>(self.id).await?;
        Ok(rows.iter().cloned().map(ContactEmail::new).collect())
    }
    /// Primary phone number.
    async fn phone(&self) -> ApiResult<Option<String>> {
        self.text(Column::Phone)
    }
    /// All phone numbers, in the order they were given.
    async fn phones(&self) -> ApiResult<Vec<ContactPhone>> {
        let rows = self.loaders.by_owner::<contact_phone::Entity>(self.id).await?;
        Ok(rows.iter().cloned().map(ContactPhone::new).collect())
    }
    /// The number that reaches them on WhatsApp, in E.164; also one of `phones`.
    async fn whatsapp_number(&self) -> ApiResult<Option<String>> {
        self.text(Column::WhatsappNumber)
    }
    /// Company name as text; follows `companyRecord` when linked.
    async fn company(&self) -> ApiResult<Option<String>> {
        self.text(Column::Company)
    }
    /// The linked company's id.
    async fn company_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::CompanyId)
    }
    /// The linked company.
    async fn company_record(&self) -> Option<ApiResult<Company>> {
        self.load_company().await.transpose()
    }
    /// Position in the company.
    async fn job_title(&self) -> ApiResult<Option<String>> {
        self.text(Column::JobTitle)
    }
    /// The line of business.
    async fn industry(&self) -> ApiResult<Option<String>> {
        self.text(Column::Industry)
    }
    /// An http or https address.
    async fn website(&self) -> ApiResult<Option<String>> {
        self.text(Column::Website)
    }
    /// Their LinkedIn profile, an http or https address.
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
    /// State, province or region, as given.
    async fn state(&self) -> ApiResult<Option<String>> {
        self.text(Column::State)
    }
    /// Postal code.
    async fn zip(&self) -> ApiResult<Option<String>> {
        self.text(Column::Zip)
    }
    /// ISO 3166-1 alpha-2.
    async fn country(&self) -> ApiResult<Option<String>> {
        self.text(Column::Country)
    }
    /// IANA zone, e.g. `Europe/Berlin`.
    async fn timezone(&self) -> ApiResult<Option<String>> {
        self.text(Column::Timezone)
    }
    /// BCP 47 tag, e.g. `pt-BR`.
    async fn language(&self) -> ApiResult<Option<String>> {
        self.text(Column::Language)
    }
    /// Tag names, in the order they were added.
    async fn tags(&self) -> ApiResult<Vec<String>> {
        details::tags(&self.get::<String>(Column::Tags)?)
    }
    /// Lifecycle status, e.g. `active`, `unsubscribed`. In a pipeline organization it is the stage name.
    async fn status(&self) -> ApiResult<String> {
        self.get(Column::Status)
    }
    /// Stage label.
    async fn stage(&self) -> ApiResult<Option<String>> {
        self.text(Column::Stage)
    }
    /// The id of the pipeline it is in.
    async fn pipeline_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::PipelineId)
    }
    /// The pipeline it is in.
    async fn pipeline(&self) -> Option<ApiResult<Pipeline>> {
        self.load_pipeline().await.transpose()
    }
    /// The id of the pipeline stage it is at.
    async fn pipeline_stage_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::PipelineStageId)
    }
    /// The pipeline stage it is at.
    async fn pipeline_stage(&self) -> Option<ApiResult<PipelineStage>> {
        self.load_stage().await.transpose()
    }
    /// The process it takes part in, as given.
    async fn process(&self) -> ApiResult<Option<String>> {
        self.text(Column::Process)
    }
    /// Origin of the contact, e.g. `api`, `import`, `form`.
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
    /// True if the contact is in use, which is the default.
    async fn is_active(&self) -> ApiResult<bool> {
        self.get(Column::IsActive)
    }
    /// True if they want email, which is the default.
    async fn email_subscribed(&self) -> ApiResult<bool> {
        self.get(Column::EmailSubscribed)
    }
    /// Your own data, an object; `{}` when none was given.
    async fn metadata(&self) -> ApiResult<Json> {
        self.json(Column::Metadata)
    }
    /// Your own data about their line of business, an object; `{}` when none was given.
    async fn industry_context(&self) -> ApiResult<Json> {
        self.json(Column::IndustryContext)
    }
    /// The id of the team it belongs to.
    async fn team_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::TeamId)
    }
    /// The team it belongs to.
    async fn team(&self) -> Option<ApiResult<Team>> {
        self.load_team().await.transpose()
    }
    /// The id of the user who owns it.
    async fn owner_id(&self) -> ApiResult<Option<ID>> {
        self.reference(Column::OwnerId)
    }
    /// The user who owns it.
    async fn owner(&self) -> Option<ApiResult<User>> {
        self.load_user(Column::OwnerId).await.transpose()
    }
    /// The users who work on it, in the order they were given.
    async fn assignees(&self) -> ApiResult<Vec<User>> {
        details::assignees(&self.loaders, self.id).await
    }
    /// Time at which an enrichment run last stored its result.
    async fn enriched_at(&self) -> ApiResult<Option<DateTime>> {
        self.time(Column::EnrichedAt)
    }
    /// Status of the last enrichment run, e.g. `complete`.
    async fn enrichment_status(&self) -> ApiResult<Option<String>> {
        self.text(Column::EnrichmentStatus)
    }
    /// Time at which a tag was last added.
    async fn tag_added_at(&self) -> ApiResult<Option<DateTime>> {
        self.time(Column::TagAddedAt)
    }
    /// Time at which it was created here.
    async fn created_at(&self) -> ApiResult<DateTime> {
        Ok(DateTime::from_ms(self.get(Column::CreatedAt)?)?)
    }
    /// Time at which anything about the contact last changed. Never older than `createdAt`, `enrichedAt`
    /// or `tagAddedAt`.
    async fn updated_at(&self) -> ApiResult<DateTime> {
        Ok(DateTime::from_ms(self.get(Column::UpdatedAt)?)?)
    }
    /// The user whose key created it, when that key belongs to one.
    async fn created_by(&self) -> Option<ApiResult<User>> {
        self.load_user(Column::CreatedBy).await.transpose()
    }
    /// The user whose key changed it last, when that key belongs to one.
    async fn updated_by(&self) -> Option<ApiResult<User>> {
        self.load_user(Column::UpdatedBy).await.transpose()
    }
    /// Time at which it was created in the system it came from.
    async fn source_created_at(&self) -> ApiResult<Option<DateTime>> {
        self.time(Column::SourceCreatedAt)
    }
    /// Time at which it was deleted or merged away; null for a live contact.
    async fn deleted_at(&self) -> ApiResult<Option<DateTime>> {
        self.time(Column::DeletedAt)
    }
    /// Grows by one with every change. Send it back as `expectedVersion`.
    async fn version(&self) -> ApiResult<i32> {
        self.get(Column::Version)
    }
}
