//! An organization with its policy: the fields that it requires of a contact, and its defaults.

use sea_orm::entity::prelude::*;

/// An organization with its policy: the fields that it requires of a contact, and its defaults.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub created_at: i64,
    pub preset: Preset,
    /// JSON list of `ContactField` names, as in the API.
    pub required_fields: String,
    pub default_last_name: Option<String>,
    pub default_status: Option<String>,
    pub default_stage: Option<String>,
    pub default_country: Option<String>,
    pub default_source: String,
    pub phone_format: PhoneFormat,
    pub default_phone_region: Option<String>,
    pub unique_phone: bool,
    pub unique_email: bool,
    pub uses_pipelines: bool,
    /// JSON list of accepted statuses; an empty one accepts any.
    pub allowed_statuses: String,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Format in which phone numbers are stored.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PhoneFormat {
    /// E.164 only: a number that cannot be normalized is refused.
    #[sea_orm(string_value = "E164_REQUIRED")]
    E164Required,
    /// E.164 if the number can be normalized, else as it was given.
    #[sea_orm(string_value = "E164_PREFERRED")]
    E164Preferred,
    /// The form in which it was given.
    #[sea_orm(string_value = "AS_GIVEN")]
    AsGiven,
}

/// Preset that a policy came from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Preset {
    /// First name required.
    #[sea_orm(string_value = "STANDARD")]
    Standard,
    /// Phone required and unique; status by pipelines.
    #[sea_orm(string_value = "PIPELINE")]
    Pipeline,
    /// First name required; US numbers.
    #[sea_orm(string_value = "DIALER")]
    Dialer,
    /// Nothing required.
    #[sea_orm(string_value = "MESSAGING")]
    Messaging,
    /// A policy of one's own.
    #[sea_orm(string_value = "CUSTOM")]
    Custom,
}
