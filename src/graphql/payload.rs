//! What mutations answer: the thing, and what its caller has to mend.

use std::sync::Arc;

use async_graphql::{Enum, Object, SimpleObject};

use super::{
    contact::Contact,
    error::ApiResult,
    loaders::{Loaders, loaded},
};
use crate::contacts::{Created, Fault, FaultCode};

/// What is wrong with an input, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "FaultCode")]
pub(super) enum UserErrorCode {
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
    /// A control character.
    CharacterInvalid,
    /// Any other value that makes no sense where it stands.
    Invalid,
    /// Longer than the field takes.
    TooLong,
    /// More items than the list takes.
    TooMany,
    /// Two fields that say the same thing, as `phone` and `phones`.
    FieldsConflict,
    /// More than one primary phone or email.
    MultiplePrimary,
    /// More than one WhatsApp number.
    MultipleWhatsapp,
    /// Another contact has this email, and the policy wants emails to be unique.
    EmailTaken,
    /// Another contact has this number, and the policy wants phones to be unique.
    PhoneTaken,
    /// Another contact has this external id.
    ExternalIdTaken,
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
    /// The key is limited to other teams.
    TeamAccessDenied,
    /// The stage is one of another pipeline.
    StageNotInPipeline,
    /// The policy does not list this status.
    StatusNotAllowed,
    /// Status, stage and stage id name different stages.
    StatusStageMismatch,
}

/// A problem the caller can fix. Every payload lists all of them at once.
pub(super) struct UserError {
    fault: Fault,
    loaders: Arc<Loaders>,
}

/// A problem the caller can fix. Every payload lists all of them at once.
#[Object]
impl UserError {
    /// Path into the arguments, e.g. `["input", "phones", "0", "number"]`. Null when no single argument is at fault.
    async fn field(&self) -> Option<Vec<&str>> {
        let path = self.fault.path.iter().map(String::as_str);
        Some(std::iter::once("input").chain(path).collect())
    }
    /// For people. May change; switch on `code` instead.
    async fn message(&self) -> String {
        let field = self.fault.path.join(".");
        format!("`{field}` {}", self.fault.message)
    }
    /// For programs.
    async fn code(&self) -> UserErrorCode {
        self.fault.code.into()
    }
    /// For `..._TAKEN`: the contacts concerned.
    async fn conflicting_contacts(&self) -> ApiResult<Vec<Contact>> {
        let contacts = self.fault.conflicting.iter();
        let rows = futures_util::future::join_all(contacts.map(|id| self.loaders.contacts.try_load(*id)));
        let mut found = Vec::new();
        for row in rows.await {
            found.extend(loaded(row)?.map(|row| Contact::written(row, self.loaders.clone())));
        }
        Ok(found)
    }
}

/// The new contact, or what is wrong with the input.
#[derive(SimpleObject)]
pub(super) struct CreateContactPayload {
    /// The new contact; null when there are `userErrors`, and nothing was written.
    contact: Option<Contact>,
    /// Empty if and only if the contact was created.
    user_errors: Vec<UserError>,
}

impl CreateContactPayload {
    pub(super) fn new(created: Created, loaders: Arc<Loaders>) -> Self {
        match created {
            Ok(row) => Self { contact: Some(Contact::written(row, loaders)), user_errors: Vec::new() },
            Err(faults) => Self {
                contact: None,
                user_errors: faults
                    .into_iter()
                    .map(|fault| UserError { fault, loaders: loaders.clone() })
                    .collect(),
            },
        }
    }
}
