//! Organizations and their policies.

use std::sync::Arc;

use async_graphql::{Description, Enum, ID, Object};
use entity::organization;
use uuid::Uuid;

use super::{
    error::{ApiError, ApiResult},
    loaders::Loaders,
};
use crate::{
    database::Read as _,
    organizations::{ContactField as RequiredField, Policy},
};

/// Preset of a policy.
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
    /// Changed field by field.
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

/// Format in which phone numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "organization::PhoneFormat")]
pub(super) enum PhoneFormat {
    /// A number that cannot be normalized is refused.
    #[graphql(name = "E164_REQUIRED")]
    E164Required,
    /// A number is normalized if possible, else stored as given.
    #[graphql(name = "E164_PREFERRED")]
    E164Preferred,
    /// A number is stored as given.
    AsGiven,
}

/// Policy of an organization: the fields that a contact must have, and the defaults of others. A
/// preset sets all of it; every field can be changed.
#[derive(Description)]
pub(super) struct ContactPolicy {
    organization_id: Uuid,
    policy: Policy,
}

#[Object(use_type_description)]
impl ContactPolicy {
    /// The organization's, so that caches can tell policies apart.
    async fn id(&self) -> ID {
        self.organization_id.into()
    }
    /// Preset that it came from; `CUSTOM` once a single field was changed.
    async fn preset(&self) -> ContactPolicyPreset {
        self.policy.preset.into()
    }
    /// A contact without these, or with blank ones, is refused.
    async fn required_fields(&self) -> Vec<ContactField> {
        self.policy.required_fields.iter().copied().map(ContactField::from).collect()
    }
    /// Used when the field is omitted.
    async fn default_last_name(&self) -> Option<&str> {
        self.policy.default_last_name.as_deref()
    }
    /// Null: the first stage's name, with `usesPipelines`.
    async fn default_status(&self) -> Option<&str> {
        self.policy.default_status.as_deref()
    }
    /// Null: none, or with `usesPipelines` the first stage's name.
    async fn default_stage(&self) -> Option<&str> {
        self.policy.default_stage.as_deref()
    }
    /// ISO 3166-1 alpha-2; null: none.
    async fn default_country(&self) -> Option<&str> {
        self.policy.default_country.as_deref()
    }
    /// Used when the field is omitted.
    async fn default_source(&self) -> &str {
        &self.policy.default_source
    }
    /// Format in which phone numbers are stored.
    async fn phone_format(&self) -> PhoneFormat {
        self.policy.phone_format.into()
    }
    /// Country assumed for national numbers.
    async fn default_phone_region(&self) -> Option<&str> {
        self.policy.default_phone_region.as_deref()
    }
    /// No two live contacts may have the same number.
    async fn unique_phone(&self) -> bool {
        self.policy.unique_phone
    }
    /// No two live contacts may have the same address.
    async fn unique_email(&self) -> bool {
        self.policy.unique_email
    }
    /// `status` and `stage` both follow the pipeline stage.
    async fn uses_pipelines(&self) -> bool {
        self.policy.uses_pipelines
    }
    /// Empty: any status.
    async fn allowed_statuses(&self) -> &[String] {
        &self.policy.allowed_statuses
    }
}

/// Organization that owns contacts. A key sees those of one organization, and nothing of any other.
#[derive(Description)]
pub(super) struct Organization(Arc<organization::Model>);

impl Organization {
    pub(super) fn new(row: Arc<organization::Model>) -> Self {
        Self(row)
    }

    /// Loads the caller's own.
    pub(super) async fn load(loaders: &Loaders) -> ApiResult<Self> {
        let row = loaders.by_id::<organization::Entity>(loaders.tenant().org_id()).await?;
        row.map(Self).ok_or_else(ApiError::internal)
    }
}

#[Object(use_type_description)]
impl Organization {
    /// Globally unique.
    pub(super) async fn id(&self) -> ID {
        self.0.id.into()
    }
    /// Never blank.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Fields that a contact must have, and defaults of others.
    async fn policy(&self) -> ApiResult<ContactPolicy> {
        let policy = Policy::try_from(organization::Model::clone(&self.0))?;
        Ok(ContactPolicy { organization_id: self.0.id, policy })
    }
}
