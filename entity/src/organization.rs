//! An organization, and its policy: what it requires of a contact, and what it fills in.

use sea_orm::entity::prelude::*;

/// An organization, and its policy: what it requires of a contact, and what it fills in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub created_at: i64,
    pub preset: Preset,
    /// JSON list of `ContactField` names.
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
    /// JSON list; empty: any.
    pub allowed_statuses: String,
}

/// Rows are joined by id in code; the foreign keys stand in the migration.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How numbers are kept.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum PhoneFormat {
    /// What cannot be normalized is an error.
    #[sea_orm(string_value = "E164_REQUIRED")]
    E164Required,
    /// Normalized when possible, else kept as given.
    #[sea_orm(string_value = "E164_PREFERRED")]
    E164Preferred,
    /// Kept as given.
    #[sea_orm(string_value = "AS_GIVEN")]
    AsGiven,
}

/// Where a policy came from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Preset {
    /// First name required.
    #[sea_orm(string_value = "STANDARD")]
    Standard,
    /// Phone required and unique; status from pipelines.
    #[sea_orm(string_value = "PIPELINE")]
    Pipeline,
    /// First name required; US numbers.
    #[sea_orm(string_value = "DIALER")]
    Dialer,
    /// Nothing required.
    #[sea_orm(string_value = "MESSAGING")]
    Messaging,
    /// Changed by hand.
    #[sea_orm(string_value = "CUSTOM")]
    Custom,
}
