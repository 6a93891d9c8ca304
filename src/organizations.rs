//! Organizations: their policies, and the settings that writes depend on.

mod policy;
mod settings;

use entity::organization::{Model, Preset};
use uuid::Uuid;

pub use policy::{ContactField, Policy};
pub use settings::{Pipeline, Settings, SettingsCache, Stage};

/// Returns a new organization with the policy STANDARD.
#[must_use]
pub fn new(id: Uuid, name: &str, created_at: i64) -> Model {
    Policy::of(Preset::Standard).into_row(id, name.to_owned(), created_at)
}
