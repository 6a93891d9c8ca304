//! Problems of an input, in a form that lets its user correct them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Problem of one part of an input. It contains none of the input's values, so it may be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Path from the root of the input, such as `["phones", "0", "number"]`. Empty if the problem is not one
    /// of a single part.
    pub path: Vec<String>,
    /// Kind of problem, for programs.
    pub code: ProblemCode,
    /// Description of the problem, for people. It begins with a verb, whose subject is the field.
    pub message: String,
    /// Ids of the contacts that the problem concerns.
    pub conflicting: Vec<Uuid>,
}

impl Problem {
    /// Returns the same problem, with its path below another path.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        let steps = path.split('.').filter(|step| !step.is_empty()).map(str::to_owned);
        self.path = steps.chain(self.path).collect();
        self
    }
}

/// Kind of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the API's enum describes each")]
pub enum ProblemCode {
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

/// Kind of object to which an input refers by an id or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Referent {
    Contact,
    Company,
    Team,
    User,
    Pipeline,
    Stage,
    Tag,
    ApiKey,
}

impl Referent {
    fn not_found(self) -> (ProblemCode, &'static str) {
        match self {
            Self::Contact => (ProblemCode::ContactNotFound, "is not the id of an existing contact"),
            Self::Company => (ProblemCode::CompanyNotFound, "is not the id of an existing company"),
            Self::Team => (ProblemCode::TeamNotFound, "is not the id of an existing team"),
            Self::User => (ProblemCode::UserNotFound, "is not the id of an existing user"),
            Self::Pipeline => (ProblemCode::PipelineNotFound, "is not the id of an existing pipeline"),
            Self::Stage => (ProblemCode::StageNotFound, "is not the id of an existing stage"),
            Self::Tag => (ProblemCode::TagNotFound, "is not the name of an existing tag"),
            Self::ApiKey => (ProblemCode::ApiKeyNotFound, "is not the id of an existing API key"),
        }
    }
}

/// Problems of one input, collected so that its user can correct all of them at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// Adds a problem at a path such as `phones.0.number`.
    pub(crate) fn add(&mut self, path: &str, code: ProblemCode, message: impl Into<String>) {
        self.conflict(path, code, message, Vec::new());
    }

    /// Adds a problem that concerns other contacts.
    pub(crate) fn conflict(
        &mut self,
        path: &str,
        code: ProblemCode,
        message: impl Into<String>,
        conflicting: Vec<Uuid>,
    ) {
        self.0.push(Problem {
            path: path.split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
            code,
            message: message.into(),
            conflicting,
        });
    }

    /// Adds a problem for an id or a name for which no object exists.
    pub(crate) fn not_found(&mut self, path: &str, referent: Referent) {
        let (code, message) = referent.not_found();
        self.add(path, code, message);
    }

    /// Returns true if any problem is at one of these fields.
    pub(crate) fn concern(&self, fields: &[&str]) -> bool {
        self.0
            .iter()
            .any(|problem| problem.path.first().is_some_and(|first| fields.contains(&first.as_str())))
    }

    /// Returns true if any problem is at exactly this path.
    pub(crate) fn are_at(&self, path: &str) -> bool {
        self.0.iter().any(|problem| problem.path.iter().map(String::as_str).eq(path.split('.')))
    }

    /// Returns true if there are no problems.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the problems of a part of the input, with their paths below the path of that part.
    pub(crate) fn extend_at(&mut self, path: &str, problems: impl IntoIterator<Item = Problem>) {
        self.0.extend(problems.into_iter().map(|problem| problem.at(path)));
    }

    /// Returns the problems in the order in which they were found.
    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        Self(problems)
    }
}
