//! What is wrong with an input, in a form that its user can mend.

use uuid::Uuid;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where in the input, from its root: `["phones", "0", "number"]`.
    pub path: Vec<String>,
    /// What is wrong, for programs.
    pub code: FaultCode,
    /// What is wrong, for people.
    pub message: String,
    /// The contacts concerned.
    pub conflicting: Vec<Uuid>,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the API's enum describes each")]
pub enum FaultCode {
    FirstNameRequired,
    LastNameRequired,
    EmailRequired,
    PhoneRequired,
    CompanyRequired,
    EmailInvalid,
    PhoneInvalid,
    CountryInvalid,
    TimezoneInvalid,
    LanguageInvalid,
    UrlInvalid,
    TagInvalid,
    MetadataInvalid,
    CharacterInvalid,
    Invalid,
    TooLong,
    TooMany,
    FieldsConflict,
    MultiplePrimary,
    MultipleWhatsapp,
    EmailTaken,
    PhoneTaken,
    ExternalIdTaken,
    CompanyNotFound,
    TeamNotFound,
    UserNotFound,
    PipelineNotFound,
    StageNotFound,
    TeamAccessDenied,
    StageNotInPipeline,
    StatusNotAllowed,
    StatusStageMismatch,
}

/// The faults of one input, gathered all at once.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault at a path such as `phones.0.number`.
    pub(super) fn add(&mut self, path: &str, code: FaultCode, message: impl Into<String>) {
        self.conflict(path, code, message, Vec::new());
    }

    /// Adds a fault that concerns other contacts.
    pub(super) fn conflict(
        &mut self,
        path: &str,
        code: FaultCode,
        message: impl Into<String>,
        conflicting: Vec<Uuid>,
    ) {
        self.0.push(Fault {
            path: path.split('.').map(str::to_owned).collect(),
            code,
            message: message.into(),
            conflicting,
        });
    }

    /// Whether any is at this field, or at its plural.
    pub(super) fn concern(&self, field: &str) -> bool {
        self.0.iter().any(|fault| fault.path[0].trim_end_matches('s') == field)
    }

    pub(super) fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}

impl From<Vec<Fault>> for Faults {
    fn from(faults: Vec<Fault>) -> Self {
        Self(faults)
    }
}
