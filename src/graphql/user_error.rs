//! Problems of an input, in the form in which payloads list them.

use std::sync::Arc;

use async_graphql::{Description, Enum, Object};
use entity::contact;

use crate::{
    graphql::{contact::Contact, error::ApiResult, loaders::Loaders},
    input::problem::{Problem, ProblemCode},
};

/// Code of a problem with an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "ProblemCode")]
pub(in crate::graphql) enum UserErrorCode {
    /// The policy requires a first name that is not blank.
    FirstNameRequired,
    /// The policy requires a last name that is not blank.
    LastNameRequired,
    /// The policy requires an email.
    EmailRequired,
    /// The policy requires a phone that is not only for WhatsApp.
    PhoneRequired,
    /// The policy requires a company.
    CompanyRequired,
    /// A name is blank.
    NameRequired,
    /// Not an email address.
    EmailInvalid,
    /// Not a phone number that can be put into E.164.
    PhoneInvalid,
    /// Not a country.
    CountryInvalid,
    /// Not an IANA time zone.
    TimezoneInvalid,
    /// Not a BCP 47 language tag.
    LanguageInvalid,
    /// Not an http or https address.
    UrlInvalid,
    /// A blank tag.
    TagInvalid,
    /// Not a JSON object.
    MetadataInvalid,
    /// A control character, or an invisible one, such as those that change the direction of writing.
    CharacterInvalid,
    /// Any other value that is not valid for its field.
    Invalid,
    /// Longer than the field may be.
    TooLong,
    /// More items than the list may have.
    TooMany,
    /// Two fields that exclude each other, such as `phone` and `phones`.
    FieldsConflict,
    /// More than one primary phone or email.
    MultiplePrimary,
    /// More than one WhatsApp number.
    MultipleWhatsapp,
    /// Another contact has this email, and it has to be unique.
    EmailTaken,
    /// Another contact has this number, and it has to be unique.
    PhoneTaken,
    /// Another object of the kind has this external id.
    ExternalIdTaken,
    /// Another object of the kind has this name.
    NameTaken,
    /// No such contact, or it is deleted.
    ContactNotFound,
    /// No such company.
    CompanyNotFound,
    /// No such team.
    TeamNotFound,
    /// No such user.
    UserNotFound,
    /// No such pipeline.
    PipelineNotFound,
    /// No such stage.
    StageNotFound,
    /// No such tag.
    TagNotFound,
    /// No such API key.
    ApiKeyNotFound,
    /// The key is limited to other teams.
    TeamAccessDenied,
    /// The stage belongs to another pipeline.
    StageNotInPipeline,
    /// The policy does not list this status.
    StatusNotAllowed,
    /// Status, stage and stage id name different stages.
    StatusStageMismatch,
    /// The contact has changed since the version that was expected.
    StaleVersion,
    /// The keys match several contacts.
    AmbiguousMatch,
    /// The number of matching contacts differs from the expected one.
    CountMismatch,
    /// Contacts share a phone or an email, which therefore cannot be made unique.
    DuplicatesExist,
    /// Something else depends on it.
    InUse,
    /// A key grants at most its own scopes, teams and time, and revokes only keys that have no other scopes and teams.
    ScopeNotGrantable,
}

/// A problem the caller can fix. Every payload lists all of them at once.
#[derive(Description)]
pub(in crate::graphql) struct UserError {
    problem: Problem,
    loaders: Arc<Loaders>,
}

/// Problems as they are answered.
pub(in crate::graphql) fn user_errors(problems: Vec<Problem>, loaders: &Arc<Loaders>) -> Vec<UserError> {
    problems.into_iter().map(|problem| UserError { problem, loaders: loaders.clone() }).collect()
}

#[Object(use_type_description)]
impl UserError {
    /// Path into the arguments, e.g. `["input", "phones", "0", "number"]`. Null when no single argument is at fault.
    async fn field(&self) -> Option<Vec<&str>> {
        let path = self.problem.path.iter().map(String::as_str);
        (!self.problem.path.is_empty()).then(|| std::iter::once("input").chain(path).collect())
    }
    /// Message for people. It may change; programs should use `code`.
    async fn message(&self) -> String {
        let message = &self.problem.message;
        match self.problem.path.as_slice() {
            [] => format!("The input {message}"),
            path => format!("`{}` {message}", path.join(".")),
        }
    }
    /// Code for programs.
    async fn code(&self) -> UserErrorCode {
        self.problem.code.into()
    }
    /// For `..._TAKEN`, `AMBIGUOUS_MATCH` and `STALE_VERSION`: the contacts concerned.
    async fn conflicting_contacts(&self) -> ApiResult<Vec<Contact>> {
        let rows = self.loaders.by_ids::<contact::Entity>(self.problem.conflicting.iter().copied()).await?;
        Ok(rows.into_iter().map(|row| Contact::written(row, self.loaders.clone())).collect())
    }
}
