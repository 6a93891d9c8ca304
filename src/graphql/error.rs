//! Top-level errors: the only place where one is built.
//!
//! [`ApiError`] is deliberately not `Display`: `?` cannot turn any other error into one unless a
//! conversion here says how, so no text of a database can slip out.

use async_graphql::{Error, ErrorExtensionValues, Pos, Response, ServerError, Value};
use uuid::Uuid;

use super::documents::TooComplex;
use crate::{
    access::{Empty, Scope},
    contacts::{self, MatchingError},
    database::WriteError,
    directory::Directory,
    error::{DatabaseError, FailureKind},
    paging::{CursorError, Mark, PageError},
    writing::idempotency::Answered,
};

/// What a resolver answers.
pub(super) type ApiResult<T> = Result<T, ApiError>;

/// A fault of the program, of its credential, or of ours.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    code: &'static str,
    message: String,
    /// Its place in the document, if it has one that the library does not know.
    place: Option<Pos>,
    extensions: Vec<(&'static str, Value)>,
}

/// Characters of a message of the library, at most.
const LONGEST_MESSAGE: usize = 250;

/// After how long it is worth trying again, in milliseconds.
const RETRY_AFTER_MS: i32 = 1_000;

impl ApiError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None, extensions: Vec::new() }
    }

    /// The same with its place in the document.
    pub(super) fn at(mut self, place: Option<Pos>) -> Self {
        self.place = place;
        self
    }

    /// As [`Self::at`], unless it has a place already.
    pub(super) fn at_unless_known(self, place: Option<Pos>) -> Self {
        let place = self.place.or(place);
        self.at(place)
    }

    fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.push((key, value.into()));
        self
    }

    fn retryable(code: &'static str, message: &str) -> Self {
        Self::new(code, message).with("retryable", true).with("retryAfterMs", RETRY_AFTER_MS)
    }

    /// An argument that a resolver refuses.
    pub(super) fn bad_input(argument: &'static str, message: &str) -> Self {
        Self::new("BAD_USER_INPUT", format!("`{argument}` {message}")).with("argument", argument)
    }

    /// As [`Self::bad_input`], for a list that is too long.
    pub(super) fn too_many(argument: &'static str, maximum: i32) -> Self {
        Self::bad_input(argument, &format!("has more than {maximum} items")).with("maximum", maximum)
    }

    /// The key lacks the scope of a root field.
    pub(super) fn forbidden(scope: Scope) -> Self {
        let message = format!("this API key lacks the scope {}", scope.name());
        Self::new("FORBIDDEN", message).with("requiredScope", scope.constant())
    }

    /// An identifier is that of several contacts.
    pub(super) fn ambiguous(contacts: &[Uuid]) -> Self {
        let ids: Vec<Value> = contacts.iter().map(|id| id.to_string().into()).collect();
        Self::new("AMBIGUOUS_MATCH", "several contacts have this identifier")
            .with("contactIds", Value::List(ids))
    }

    /// The organization has asked for too much in too short a time.
    pub(super) fn rate_limited(empty: Empty) -> Self {
        Self::new("RATE_LIMITED", "your organization asks for too much; try again later")
            .with("retryable", true)
            .with("retryAfterMs", empty.retry_after_ms())
    }

    /// A fault of ours; the log has the cause.
    pub(super) fn internal() -> Self {
        Self::new("INTERNAL_SERVER_ERROR", "something went wrong on our side")
    }

    fn extend(self, values: &mut ErrorExtensionValues) {
        values.set("code", self.code);
        for (key, value) in self.extensions {
            values.set(key, value);
        }
    }
}

/// An answer that is nothing but errors, for what is found before execution.
pub(super) fn refused(errors: Vec<ApiError>, request_id: &str) -> Response {
    let errors = errors.into_iter().map(|error| {
        let place = error.place;
        let mut server = Error::from(error).into_server_error(Pos::default());
        server.locations = place.into_iter().collect();
        server
    });
    let mut response = Response::from_errors(errors.collect());
    finish(&mut response, request_id);
    response
}

/// The answer of a write that may have come with an `Idempotency-Key`. One whose outcome is not
/// known can be tried again under its key.
pub(super) fn answered<A>(written: Result<Answered<A>, WriteError>, repeatable: bool) -> ApiResult<A> {
    match written {
        Ok(Answered::Answer(answer)) => Ok(answer),
        Ok(Answered::KeyReused) => {
            let message = "this Idempotency-Key was used before, with another input; nothing was written";
            Err(ApiError::new("IDEMPOTENCY_KEY_REUSED", message))
        }
        Err(error @ WriteError::OutcomeUnknown) => {
            Err(ApiError::new("OUTCOME_UNKNOWN", error.to_string()).with("retryable", repeatable))
        }
        Err(error) => Err(error.into()),
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

impl From<std::convert::Infallible> for ApiError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl From<DatabaseError> for ApiError {
    /// Logs it: this is where it is handled.
    fn from(error: DatabaseError) -> Self {
        match error.log().kind {
            FailureKind::Unavailable => Self::retryable("UNAVAILABLE", "the database is away"),
            FailureKind::Overloaded | FailureKind::Conflict => {
                Self::retryable("OVERLOADED", "too much is being asked at the moment")
            }
            FailureKind::Timeout => {
                Self::retryable("TIMEOUT", "the answer took too long; try again, or ask for less")
            }
            FailureKind::StorageFull => Self::retryable("STORAGE_FULL", "the disk is full"),
            FailureKind::Internal => Self::internal(),
        }
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        let message = error.to_string();
        match error {
            WriteError::Overloaded => Self::retryable("OVERLOADED", &message),
            WriteError::Unavailable => Self::retryable("UNAVAILABLE", &message),
            WriteError::StorageFull => Self::retryable("STORAGE_FULL", &message),
            WriteError::OutcomeUnknown => Self::new("OUTCOME_UNKNOWN", message).with("retryable", false),
            WriteError::Internal => Self::internal(),
        }
    }
}

impl From<TooComplex> for ApiError {
    fn from(error: TooComplex) -> Self {
        let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
        Self::new("QUERY_TOO_COMPLEX", error.to_string())
            .with("limit", error.limit)
            .with("maximum", number(error.maximum))
            .with("actual", number(error.actual))
    }
}

impl From<MatchingError> for ApiError {
    fn from(error: MatchingError) -> Self {
        let message = error.to_string();
        let (argument, maximum) = error.argument();
        let maximum = i32::try_from(maximum).unwrap_or(i32::MAX);
        Self::new("BAD_USER_INPUT", message).with("argument", argument).with("maximum", maximum)
    }
}

impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        let message = error.to_string();
        match error {
            PageError::Argument { argument, maximum, .. } => {
                let refused = Self::new("BAD_USER_INPUT", message).with("argument", argument);
                match maximum {
                    Some(maximum) => refused.with("maximum", maximum),
                    None => refused,
                }
            }
            PageError::Cursor { argument, cause } => bad_cursor(argument, &cause),
            PageError::Database(error) => error.into(),
        }
    }
}

/// Returns the refusal of a cursor.
fn bad_cursor(argument: &'static str, cause: &CursorError) -> ApiError {
    if let CursorError::Mismatch { made_for, used_for } = cause
        && let (Some(made_for), Some(used_for)) = (order_name(*made_for), order_name(*used_for))
    {
        let message = format!(
            "`{argument}`: the cursor is of a list sorted by {made_for}, and this one is sorted by {used_for}"
        );
        return ApiError::new("CURSOR_MISMATCH", message)
            .with("argument", argument)
            .with("cursorOrder", made_for)
            .with("listOrder", used_for);
    }
    // A mark that no order has is one that this API never gave out.
    ApiError::new("INVALID_CURSOR", format!("`{argument}`: {}", CursorError::Malformed))
        .with("argument", argument)
        .with("reason", "MALFORMED")
}

/// Returns the name of the order whose cursors have this mark.
fn order_name(mark: Mark) -> Option<String> {
    let of_contacts = contacts::Order::marked(mark).map(|order| order.to_string());
    of_contacts.or_else(|| Directory::marked(mark).map(|directory| directory.to_string()))
}

/// An answer that is nothing but one error, for faults found before or around execution.
#[must_use]
pub(crate) fn transport_error(
    code: &'static str,
    message: impl Into<String>,
    extensions: &[(&'static str, Value)],
    request_id: &str,
) -> Response {
    let mut error = ApiError::new(code, message);
    error.extensions = extensions.to_vec();
    refused(vec![error], request_id)
}

/// Gives every error its request's id, and a code to those that the GraphQL library made.
pub(super) fn finish(response: &mut Response, request_id: &str) {
    for error in &mut response.errors {
        let code = library_code(error);
        let values = error.extensions.get_or_insert_default();
        if values.get("code").is_none() {
            values.set("code", code);
        }
        // Names of the document, which may be of any length, are repeated.
        if let Some((end, _)) = error.message.char_indices().nth(LONGEST_MESSAGE) {
            error.message.truncate(end);
            error.message.push('…');
        }
        values.set("requestId", request_id);
    }
}

/// A mutation reads only what it has written: when that takes too long or fails below its root field,
/// it must not be repeated without a key.
pub(super) fn forbid_repeating(response: &mut Response) {
    let timeout = Value::from("TIMEOUT");
    for error in &mut response.errors {
        let is_below = error.path.len() > 1;
        let Some(values) = error.extensions.as_mut() else { continue };
        if values.get("code") == Some(&timeout) || (is_below && values.get("retryable").is_some()) {
            values.set("retryable", false);
            values.unset("retryAfterMs");
        }
    }
}

/// With a path it is a value that a field refused; without, it is the document.
fn library_code(error: &ServerError) -> &'static str {
    if error.path.is_empty() { "GRAPHQL_VALIDATION_FAILED" } else { "BAD_USER_INPUT" }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let error =
                Error::from(ApiError::retryable("OVERLOADED", "too much")).into_server_error(Pos::default());
            let path = path.iter().map(|name| PathSegment::Field((*name).to_owned())).collect();
            ServerError { path, ..error }
        };
        let mut response =
            Response::from_errors(vec![overloaded(&["a"]), overloaded(&["b", "contact", "phones"])]);
        forbid_repeating(&mut response);
        let told = |index: usize, name| {
            response.errors[index].extensions.as_ref().and_then(|values| values.get(name)).cloned()
        };
        assert_eq!([told(0, "retryable"), told(1, "retryable")], [Some(true.into()), Some(false.into())]);
        assert_eq!([told(0, "retryAfterMs").is_some(), told(1, "retryAfterMs").is_some()], [true, false]);
    }
}
