//! The policy of an organization: the fields that it requires of a contact, and its defaults.

use std::str::FromStr as _;

use entity::organization::{self, PhoneFormat, Preset};
use rlibphonenumber::Region;
use uuid::Uuid;

use crate::error::DatabaseError;

/// A field that a policy may require.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ContactField {
    FirstName,
    LastName,
    Email,
    Phone,
    Company,
}

impl ContactField {
    /// All fields, with their names in the API and in the database.
    pub(crate) const ALL: [(Self, &'static str); 5] = [
        (Self::FirstName, "FIRST_NAME"),
        (Self::LastName, "LAST_NAME"),
        (Self::Email, "EMAIL"),
        (Self::Phone, "PHONE"),
        (Self::Company, "COMPANY"),
    ];
}

/// The policy of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Preset that the policy came from.
    pub preset: Preset,
    /// Fields without which, or with which blank, a contact is refused.
    pub required_fields: Vec<ContactField>,
    /// Default of the last name.
    pub default_last_name: Option<String>,
    /// Default of the status; `None` for the name of the first stage with `uses_pipelines`, else for
    /// `active`.
    pub default_status: Option<String>,
    /// Default of the stage.
    pub default_stage: Option<String>,
    /// Default of the country, ISO 3166-1 alpha-2.
    pub default_country: Option<String>,
    /// Default of the source.
    pub default_source: String,
    /// Format in which phone numbers are stored.
    pub phone_format: PhoneFormat,
    /// Country of national phone numbers, ISO 3166-1 alpha-2; `None` for no country.
    pub default_phone_region: Option<String>,
    /// True if no two live contacts may have the same phone number.
    pub unique_phone: bool,
    /// True if no two live contacts may have the same email address.
    pub unique_email: bool,
    /// True if status and stage both follow the pipeline stage.
    pub uses_pipelines: bool,
    /// Accepted statuses; empty for any.
    pub allowed_statuses: Vec<String>,
}

impl Policy {
    /// Returns the policy of a preset. CUSTOM has none of its own, and gets STANDARD's under its name.
    #[must_use]
    pub fn of(preset: Preset) -> Self {
        let standard = Self {
            preset,
            required_fields: vec![ContactField::FirstName],
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
            allowed_statuses: Vec::new(),
        };
        match preset {
            Preset::Standard | Preset::Custom => standard,
            Preset::Pipeline => Self {
                required_fields: vec![ContactField::Phone],
                default_last_name: None,
                default_status: None,
                phone_format: PhoneFormat::E164Required,
                unique_phone: true,
                uses_pipelines: true,
                ..standard
            },
            Preset::Dialer => Self {
                default_last_name: None,
                default_status: Some("not_contacted".to_owned()),
                default_stage: Some("lead".to_owned()),
                default_country: Some("US".to_owned()),
                default_phone_region: Some("US".to_owned()),
                phone_format: PhoneFormat::E164Required,
                ..standard
            },
            Preset::Messaging => Self { required_fields: Vec::new(), default_last_name: None, ..standard },
        }
    }

    /// Converts the policy and its organization to a row.
    #[must_use]
    pub fn into_row(self, id: Uuid, name: String, created_at: i64) -> organization::Model {
        let names = ContactField::ALL.into_iter().filter(|(field, _)| self.requires(*field));
        let required: Vec<&str> = names.map(|(_, name)| name).collect();
        organization::Model {
            id,
            name,
            created_at,
            preset: self.preset,
            required_fields: serde_json::Value::from(required).to_string(),
            default_last_name: self.default_last_name,
            default_status: self.default_status,
            default_stage: self.default_stage,
            default_country: self.default_country,
            default_source: self.default_source,
            phone_format: self.phone_format,
            default_phone_region: self.default_phone_region,
            unique_phone: self.unique_phone,
            unique_email: self.unique_email,
            uses_pipelines: self.uses_pipelines,
            allowed_statuses: serde_json::Value::from(self.allowed_statuses).to_string(),
        }
    }

    /// Returns true if a contact must have the field.
    #[must_use]
    pub fn requires(&self, field: ContactField) -> bool {
        self.required_fields.contains(&field)
    }

    /// Returns the region of national phone numbers.
    #[must_use]
    pub fn phone_region(&self) -> Option<Region> {
        Region::from_str(self.default_phone_region.as_deref()?).ok()
    }

    /// Returns the status in the spelling of the allowed one, whatever its case; `None` if it is not
    /// allowed.
    #[must_use]
    pub fn allowed_status<'a>(&'a self, status: &'a str) -> Option<&'a str> {
        if self.allowed_statuses.is_empty() {
            return Some(status);
        }
        let key = |text: &str| text.trim().to_lowercase();
        let status = key(status);
        self.allowed_statuses.iter().map(String::as_str).find(|allowed| key(allowed) == status)
    }
}

impl TryFrom<organization::Model> for Policy {
    type Error = DatabaseError;

    fn try_from(row: organization::Model) -> Result<Self, DatabaseError> {
        let required: Vec<String> = list(&row.required_fields)?;
        Ok(Self {
            preset: row.preset,
            // In the order of `ALL`, whatever the stored one.
            required_fields: ContactField::ALL
                .into_iter()
                .filter(|(_, name)| required.iter().any(|required| required == name))
                .map(|(field, _)| field)
                .collect(),
            default_last_name: row.default_last_name,
            default_status: row.default_status,
            default_stage: row.default_stage,
            default_country: row.default_country,
            default_source: row.default_source,
            phone_format: row.phone_format,
            default_phone_region: row.default_phone_region,
            unique_phone: row.unique_phone,
            unique_email: row.unique_email,
            uses_pipelines: row.uses_pipelines,
            allowed_statuses: list(&row.allowed_statuses)?,
        })
    }
}

/// Reads a stored list of texts.
fn list(json: &str) -> Result<Vec<String>, DatabaseError> {
    serde_json::from_str(json)
        .map_err(|_| DatabaseError::internal("reading a policy", "a column is not a list of texts"))
}
