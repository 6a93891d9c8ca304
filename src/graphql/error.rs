//! Top-level errors: the only place where one is built, for resolvers and for the transport.
//!
//! [`ApiError`] is deliberately not `Display`: `?` cannot turn any other error into one unless a
//! [conversion](conversions) says how, so no text of a database can slip out.

mod conversions;

use std::{collections::BTreeMap, time::Duration};

use async_graphql::{Error, ErrorExtensionValues, Pos, ServerError, Value};
use uuid::Uuid;

use crate::{
    access::{Exhausted, Scope},
    error::ErrorCode,
};

pub(super) use self::conversions::answered;
use super::Response;

/// Result of a resolver.
pub(super) type ApiResult<T> = Result<T, ApiError>;

/// An error of the request, of its credential, or of ours.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    code: ErrorCode,
    message: String,
    /// Place in the document, if the error has one that the library does not know.
    place: Option<Pos>,
    extensions: Vec<(&'static str, Value)>,
}

/// Maximum number of characters of a message that the library words.
const MAX_MESSAGE_CHARS: usize = 250;

/// Time after which it is worth trying again, in milliseconds, when it is not known what the
/// client waits for.
const DEFAULT_RETRY_AFTER_MS: i64 = 1_000;

impl ApiError {
    /// Returns an error that tells whether the request may be tried again, as its code has it.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let error = Self { code, message: message.into(), place: None, extensions: Vec::new() };
        if code.is_retryable() {
            error.with("retryable", true).with("retryAfterMs", DEFAULT_RETRY_AFTER_MS)
        } else {
            error
        }
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }

    /// Returns the same with its place in the document.
    pub(super) fn at(mut self, place: Option<Pos>) -> Self {
        self.place = place;
        self
    }

    /// Returns the same with its place in the document, unless it has one already.
    pub(super) fn at_unless_known(self, place: Option<Pos>) -> Self {
        let place = self.place.or(place);
        self.at(place)
    }

    /// Returns the same with another extension, which takes the place of one of the same name.
    pub(crate) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.retain(|(known, _)| *known != key);
        self.extensions.push((key, value.into()));
        self
    }

    /// Returns the same, to be tried again after some time; at least a millisecond.
    pub(crate) fn retry_after(self, time: Duration) -> Self {
        // With 0 a client would come back at once, too early by less than a millisecond.
        self.with("retryAfterMs", i64::try_from(time.as_millis()).unwrap_or(i64::MAX).max(1))
    }

    /// An argument that a resolver refuses.
    pub(super) fn bad_input(argument: &'static str, message: &str) -> Self {
        Self::new(ErrorCode::BadUserInput, format!("`{argument}` {message}")).with("argument", argument)
    }

    /// A list in an argument that is too long.
    pub(super) fn too_many(argument: &'static str, maximum: usize) -> Self {
        let error = Self::bad_input(argument, &format!("has more than {maximum} items"));
        error.with("maximum", i64::try_from(maximum).unwrap_or(i64::MAX))
    }

    /// The key lacks the scope of a root field.
    pub(super) fn forbidden(scope: Scope) -> Self {
        let message = format!("This API key lacks the scope {}.", scope.name());
        Self::new(ErrorCode::Forbidden, message).with("requiredScope", scope.constant())
    }

    /// An identifier is that of several contacts.
    pub(super) fn ambiguous(contacts: &[Uuid]) -> Self {
        let ids: Vec<Value> = contacts.iter().map(|id| id.to_string().into()).collect();
        Self::new(ErrorCode::AmbiguousMatch, "Several contacts have this identifier.")
            .with("contactIds", Value::List(ids))
    }

    /// The database cannot be reached.
    pub(crate) fn unavailable() -> Self {
        Self::new(ErrorCode::Unavailable, "The database cannot be reached. Try again later.")
    }

    /// Too much is under way: no connection to the database was free, for instance.
    pub(crate) fn overloaded() -> Self {
        Self::new(ErrorCode::Overloaded, "The server is overloaded. Try again later.")
    }

    /// Clients of the organization leave too many bytes of answers untaken.
    pub(crate) fn untaken_answers() -> Self {
        let message =
            "Clients of your organization have not taken the answers to earlier requests. Take them first.";
        Self::new(ErrorCode::Overloaded, message)
    }

    /// The answer was not complete by its deadline.
    pub(crate) fn timeout() -> Self {
        Self::new(ErrorCode::Timeout, "The answer took too long. Try again, or ask for less.")
    }

    /// The organization has spent its points.
    pub(crate) fn rate_limited(exhausted: Exhausted) -> Self {
        Self::exhausted(exhausted, "Your organization has sent too many requests. Try again later.")
    }

    /// Somebody has exhausted a limit that comes back with time.
    pub(crate) fn exhausted(exhausted: Exhausted, message: &'static str) -> Self {
        Self::new(ErrorCode::RateLimited, message).retry_after(exhausted.retry_after)
    }

    /// A fault of ours; the log has the cause.
    pub(crate) fn internal() -> Self {
        Self::new(ErrorCode::InternalServerError, "Something went wrong on our side.")
    }

    fn extend(self, values: &mut ErrorExtensionValues) {
        values.set("code", self.code.name());
        for (key, value) in self.extensions {
            values.set(key, value);
        }
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        let mut values = ErrorExtensionValues::default();
        let mut built = Self::new(error.message.clone());
        error.extend(&mut values);
        built.extensions = Some(values);
        built
    }
}

/// Returns a response that is nothing but errors, for what is found before execution or around it.
pub(crate) fn refused(errors: Vec<ApiError>, request_id: &str) -> Response {
    let errors = errors.into_iter().map(|error| {
        let place = error.place;
        let mut server = Error::from(error).into_server_error(Pos::default());
        server.locations = place.into_iter().collect();
        server
    });
    let mut errors: Vec<_> = errors.collect();
    finish(&mut errors, request_id);
    Response { errors, data: None, extensions: BTreeMap::new() }
}

/// Returns the code of an error. One without a code would be a fault of ours.
pub(crate) fn code(error: &ServerError) -> ErrorCode {
    let code = match error.extensions.as_ref().and_then(|values| values.get("code")) {
        Some(Value::String(name)) => ErrorCode::named(name),
        _ => None,
    };
    code.unwrap_or(ErrorCode::InternalServerError)
}

/// Gives every error its request's id, and a code to those that the GraphQL library made.
pub(super) fn finish(errors: &mut [ServerError], request_id: &str) {
    for error in errors {
        let code = library_code(error);
        let values = error.extensions.get_or_insert_default();
        if values.get("code").is_none() {
            values.set("code", code.name());
        }
        // Names of the document, which may be of any length, are repeated.
        if let Some((end, _)) = error.message.char_indices().nth(MAX_MESSAGE_CHARS) {
            error.message.truncate(end);
            error.message.push('…');
        }
        values.set("requestId", request_id);
    }
}

/// A mutation reads only what it has written: when that takes too long or fails below its root field,
/// it must not be repeated without a key.
pub(super) fn forbid_repeating(errors: &mut [ServerError]) {
    let timeout = Value::from(ErrorCode::Timeout.name());
    for error in errors {
        let is_below = error.path.len() > 1;
        let Some(values) = error.extensions.as_mut() else { continue };
        if values.get("code") == Some(&timeout) || (is_below && values.get("retryable").is_some()) {
            values.set("retryable", false);
            values.unset("retryAfterMs");
        }
    }
}

/// Returns the code of an error that the library made. With a path it is about a value that a field
/// refused; without, about the document.
fn library_code(error: &ServerError) -> ErrorCode {
    if error.path.is_empty() { ErrorCode::GraphqlValidationFailed } else { ErrorCode::BadUserInput }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::WriteError;

    #[test]
    fn a_write_of_unknown_outcome_may_be_tried_again_under_its_key_only() {
        for repeatable in [true, false] {
            let answer = answered::<()>(Err(WriteError::OutcomeUnknown), repeatable);
            let error = answer.map(drop).map_err(Error::from).expect_err("an error");
            let extensions = error.extensions.unwrap_or_default();
            assert_eq!(extensions.get("code"), Some(&"OUTCOME_UNKNOWN".into()));
            assert_eq!(extensions.get("retryable"), Some(&repeatable.into()));
        }
    }

    #[test]
    fn what_fails_below_a_mutation_that_was_written_may_not_be_repeated() {
        use async_graphql::PathSegment;
        let overloaded = |path: &[&str]| {
            let error = Error::from(ApiError::overloaded()).into_server_error(Pos::default());
            let path = path.iter().map(|name| PathSegment::Field((*name).to_owned())).collect();
            ServerError { path, ..error }
        };
        let mut errors = [overloaded(&["a"]), overloaded(&["b", "contact", "phones"])];
        forbid_repeating(&mut errors);
        let told = |index: usize, name| {
            errors[index].extensions.as_ref().and_then(|values| values.get(name)).cloned()
        };
        assert_eq!([told(0, "retryable"), told(1, "retryable")], [Some(true.into()), Some(false.into())]);
        assert_eq!([told(0, "retryAfterMs").is_some(), told(1, "retryAfterMs").is_some()], [true, false]);
    }
}
