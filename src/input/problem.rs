//! What is wrong with an input, in a form that its user can mend.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One problem. It holds nothing of the input's values, so it may be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where in the input, from its root: `["phones", "0", "number"]`; empty when no single place
    /// is at fault.
    pub path: Vec<String>,
    /// What is wrong, for programs.
    pub code: ProblemCode,
    /// What is wrong, for people.
    pub message: String,
    /// The contacts concerned.
    pub conflicting: Vec<Uuid>,
}

impl Problem {
    /// The same problem, of a part of the input that lies at this path.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        let steps = path.split('.').filter(|step| !step.is_empty()).map(str::to_owned);
        self.path = steps.chain(self.path).collect();
        self
    }
}

/// The kinds of problem.
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

/// Things that an input refers to by an id or a name.
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
            Self::Contact => (ProblemCode::ContactNotFound, "does not name a contact"),
            Self::Company => (ProblemCode::CompanyNotFound, "does not name a company"),
            Self::Team => (ProblemCode::TeamNotFound, "does not name a team"),
            Self::User => (ProblemCode::UserNotFound, "does not name a user"),
            Self::Pipeline => (ProblemCode::PipelineNotFound, "does not name a pipeline"),
            Self::Stage => (ProblemCode::StageNotFound, "does not name a stage"),
            Self::Tag => (ProblemCode::TagNotFound, "does not name a tag"),
            Self::ApiKey => (ProblemCode::ApiKeyNotFound, "does not name an API key"),
        }
    }
}

/// Problems of one input, gathered so that its user can mend all of them at once.
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

    /// Adds the problem of an id or a name for which nothing is found.
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

    /// Returns true if there are no problems.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds problems of a part of the input, which lies at this path.
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
