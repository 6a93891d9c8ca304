//! Organizations and their policies.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, SimpleObject};
use entity::organization;

use super::{
    error::{ApiError, ApiResult},
    loaders::{Loaders, loaded},
};
use crate::{
    database::Read as _,
    organizations::{ContactField as RequiredField, Policy},
};

/// Where a policy came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "organization::Preset")]
pub(super) enum ContactPolicyPreset {
    /// First name required. Status `active`, source `api`, last name `""`.
    Standard,
    /// Phone required, E.164, unique. Status and stage from the default pipeline.
    Pipeline,
    /// First name required. Country `US`, status `not_contacted`, stage `lead`, phones E.164.
    Dialer,
    /// Nothing required. WhatsApp, timezone, language.
    Messaging,
    /// Changed by hand.
    Custom,
}

/// A field that a policy may require.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "RequiredField")]
pub(super) enum ContactField {
    /// `firstName`, not blank.
    FirstName,
    /// `lastName`, not blank.
    LastName,
    /// At least one email.
    Email,
    /// At least one phone that is not only for WhatsApp.
    Phone,
    /// `company` or `companyId`.
    Company,
}

/// How phone numbers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "organization::PhoneFormat")]
pub(super) enum PhoneFormat {
    /// What cannot be normalized is an error.
    #[graphql(name = "E164_REQUIRED")]
    E164Required,
    /// Normalize when possible, else keep as given.
    #[graphql(name = "E164_PREFERRED")]
    E164Preferred,
    /// Keep as given.
    AsGiven,
}

/// What this organization requires of a contact, and what it fills in. A preset sets all of it;
/// every field can be changed.
#[derive(SimpleObject)]
pub(super) struct ContactPolicy {
    /// The organization's, so that caches can tell policies apart.
    id: ID,
    /// Where it came from; `CUSTOM` once a field was changed by hand.
    preset: ContactPolicyPreset,
    /// A contact without these, or with blank ones, is refused.
    required_fields: Vec<ContactField>,
    /// Used when the field is omitted.
    default_last_name: Option<String>,
    /// Null: the first stage's name, with `usesPipelines`.
    default_status: Option<String>,
    /// Null: none, or with `usesPipelines` the first stage's name.
    default_stage: Option<String>,
    /// ISO 3166-1 alpha-2; null: none.
    default_country: Option<String>,
    /// Used when the field is omitted.
    default_source: String,
    /// How phone numbers are kept.
    phone_format: PhoneFormat,
    /// Country assumed for national numbers.
    default_phone_region: Option<String>,
    /// No two live contacts may have the same number.
    unique_phone: bool,
    /// No two live contacts may have the same address.
    unique_email: bool,
    /// `status` and `stage` both follow the pipeline stage.
    uses_pipelines: bool,
    /// Empty: any status.
    allowed_statuses: Vec<String>,
}

impl ContactPolicy {
    fn new(organization: &organization::Model) -> ApiResult<Self> {
        let Policy {
            preset,
            required_fields,
            default_last_name,
            default_status,
            default_stage,
            default_country,
            default_source,
            phone_format,
            default_phone_region,
            unique_phone,
            unique_email,
            uses_pipelines,
            allowed_statuses,
        } = Policy::try_from(organization.clone())?;
        Ok(Self {
            id: organization.id.into(),
            preset: preset.into(),
            required_fields: required_fields.into_iter().map(ContactField::from).collect(),
            default_last_name,
            default_status,
            default_stage,
            default_country,
            default_source,
            phone_format: phone_format.into(),
            default_phone_region,
            unique_phone,
            unique_email,
            uses_pipelines,
            allowed_statuses,
        })
    }
}

/// Whose contacts these are.
pub(super) struct Organization(Arc<organization::Model>);

impl Organization {
    /// The tenant's own.
    pub(super) async fn load(loaders: &Loaders) -> ApiResult<Self> {
        let row = loaded(loaders.organizations.try_load(loaders.tenant().org_id()).await)?;
        row.map(Self).ok_or_else(ApiError::internal)
    }
}

/// Whose contacts these are: a key sees those of one organization, and nothing of any other.
#[Object]
impl Organization {
    /// Globally unique.
    pub(super) async fn id(&self) -> ID {
        self.0.id.into()
    }
    /// Never blank.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// What is required of a contact, and what is filled in.
    async fn policy(&self) -> ApiResult<ContactPolicy> {
        ContactPolicy::new(&self.0)
    }
}
