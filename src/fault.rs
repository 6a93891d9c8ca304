//! What is wrong with an input, in a form that its user can mend.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One fault. It holds nothing of the input's values, so it may be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Where in the input, from its root: `["phones", "0", "number"]`; empty when no single place
    /// is at fault.
    pub path: Vec<String>,
    /// What is wrong, for programs.
    pub code: FaultCode,
    /// What is wrong, for people.
    pub message: String,
    /// The contacts concerned.
    pub conflicting: Vec<Uuid>,
}

impl Fault {
    /// The same fault, of a part of the input that lies at this path.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        let steps = path.split('.').filter(|step| !step.is_empty()).map(str::to_owned);
        self.path = steps.chain(self.path).collect();
        self
    }
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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
    NameTaken,
    NameRequired,
    ContactNotFound,
    CompanyNotFound,
    TeamNotFound,
    UserNotFound,
    PipelineNotFound,
    StageNotFound,
    TagNotFound,
    ApiKeyNotFound,
    TeamAccessDenied,
    StageNotInPipeline,
    StatusNotAllowed,
    StatusStageMismatch,
    StaleVersion,
    AmbiguousMatch,
    CountMismatch,
    DuplicatesExist,
    InUse,
    ScopeNotGrantable,
}

/// The faults of one input, gathered all at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault at a path such as `phones.0.number`.
    pub(crate) fn add(&mut self, path: &str, code: FaultCode, message: impl Into<String>) {
        self.conflict(path, code, message, Vec::new());
    }

    /// Adds a fault that concerns other contacts.
    pub(crate) fn conflict(
        &mut self,
        path: &str,
        code: FaultCode,
        message: impl Into<String>,
        conflicting: Vec<Uuid>,
    ) {
        self.0.push(Fault {
            path: path.split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
            code,
            message: message.into(),
            conflicting,
        });
    }

    /// Whether any is at this field, or at its plural.
    pub(crate) fn concern(&self, field: &str) -> bool {
        self.0
            .iter()
            .any(|fault| fault.path.first().is_some_and(|first| first.trim_end_matches('s') == field))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds faults found in a part of the input, which lies at this path.
    pub(crate) fn extend_at(&mut self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        self.0.extend(faults.into_iter().map(|fault| fault.at(path)));
    }

    pub(crate) fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}

impl From<Vec<Fault>> for Faults {
    fn from(faults: Vec<Fault>) -> Self {
        Self(faults)
    }
}
