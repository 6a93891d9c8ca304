//! Organizations: their policies, and the settings that writes are prepared with.

mod policy;
mod settings;

use entity::organization::{Model, PhoneFormat, Preset};
use uuid::Uuid;

pub use policy::{ContactField, Policy};
pub use settings::{Pipeline, Settings, SettingsCache, Stage};

/// A new organization, under the policy STANDARD.
#[must_use]
pub fn new(id: Uuid, name: &str, created_at: i64) -> Model {
    Model {
        id,
        name: name.to_owned(),
        created_at,
        preset: Preset::Standard,
        required_fields: r#"["FIRST_NAME"]"#.to_owned(),
        default_last_name: Some(String::new()),
        default_status: Some("active".to_owned()),
        default_stage: None,
        default_country: None,
        default_source: "api".to_owned(),
        phone_format: PhoneFormat::E164Preferred,
        default_phone_region: None,
        unique_phone: false,
        unique_email: false,
        uses_pipelines: false,
        allowed_statuses: "[]".to_owned(),
    }
}
