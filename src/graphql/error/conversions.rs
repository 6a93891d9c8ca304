//! Errors of the layers below, as clients are told of them.

use super::{ApiError, ApiResult};
use crate::{
    access::Exhausted,
    api_keys,
    contacts::{self, CriteriaError},
    database::WriteError,
    directory::Directory,
    error::{DatabaseError, ErrorCode, FailureKind},
    graphql::documents::TooComplex,
    paging::{CursorError, Mark, PageError},
    writing::idempotency::Answered,
};

/// Returns the answer of a write that may have come with an `Idempotency-Key`. One whose outcome is
/// not known can be tried again under its key.
pub(in crate::graphql) fn answered<A>(
    written: Result<Answered<A>, WriteError>,
    repeatable: bool,
) -> ApiResult<A> {
    match written {
        Ok(Answered::Answer(answer)) => Ok(answer),
        Ok(Answered::KeyReused) => {
            let message = "This Idempotency-Key was used before, with another input; nothing was written.";
            Err(ApiError::new(ErrorCode::IdempotencyKeyReused, message))
        }
        Err(WriteError::OutcomeUnknown) => Err(outcome_unknown(repeatable)),
        Err(error) => Err(error.into()),
    }
}

fn outcome_unknown(repeatable: bool) -> ApiError {
    let message = if repeatable {
        "It is not known whether this was written. Send it again with the same Idempotency-Key."
    } else {
        "It is not known whether this was written. Look before you send it again."
    };
    ApiError::new(ErrorCode::OutcomeUnknown, message).with("retryable", repeatable)
}

impl From<std::convert::Infallible> for ApiError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl From<DatabaseError> for ApiError {
    /// Logs it: this is where it is handled.
    fn from(error: DatabaseError) -> Self {
        let retry_after = error.retry_after();
        let told = match error.log().kind {
            FailureKind::Unavailable => Self::unavailable(),
            FailureKind::Overloaded | FailureKind::Conflict => Self::overloaded(),
            FailureKind::RateLimited => {
                Self::rate_limited(Exhausted { retry_after: retry_after.unwrap_or_default() })
            }
            FailureKind::Timeout => Self::timeout(),
            FailureKind::StorageFull => {
                Self::new(ErrorCode::StorageFull, "The disk of the database is full. Try again later.")
            }
            FailureKind::Internal => Self::internal(),
        };
        match retry_after {
            Some(time) => told.retry_after(time),
            None => told,
        }
    }
}

impl From<WriteError> for ApiError {
    /// It has been logged where it happened, since one failure may be that of several writes.
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Overloaded => Self::new(
                ErrorCode::Overloaded,
                "The server is overloaded; nothing was written. Try again later.",
            ),
            WriteError::Unavailable => Self::new(
                ErrorCode::Unavailable,
                "The database cannot be reached; nothing was written. Try again later.",
            ),
            WriteError::StorageFull => Self::new(
                ErrorCode::StorageFull,
                "The disk of the database is full; nothing was written. Try again later.",
            ),
            // Not TIMEOUT, by which a mutation says that it was written.
            WriteError::Timeout => Self::new(
                ErrorCode::Overloaded,
                "The contacts that match could not be found in time; nothing was written. Narrow the filter, or try \
                 again later.",
            ),
            WriteError::RateLimited { retry_after } => Self::rate_limited(Exhausted { retry_after }),
            WriteError::OutcomeUnknown => outcome_unknown(false),
            WriteError::Internal => Self::internal(),
        }
    }
}

impl From<TooComplex> for ApiError {
    fn from(error: TooComplex) -> Self {
        let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
        Self::new(ErrorCode::QueryTooComplex, error.to_string())
            .with("limit", error.limit)
            .with("maximum", number(error.maximum))
            .with("actual", number(error.actual))
    }
}

impl From<CriteriaError> for ApiError {
    fn from(error: CriteriaError) -> Self {
        let message = error.to_string();
        let (argument, maximum) = error.argument();
        let maximum = i32::try_from(maximum).unwrap_or(i32::MAX);
        Self::new(ErrorCode::BadUserInput, message).with("argument", argument).with("maximum", maximum)
    }
}

impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        let message = error.to_string();
        match error {
            PageError::Argument { argument, maximum, .. } => {
                let refused = Self::new(ErrorCode::BadUserInput, message).with("argument", argument);
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
        return ApiError::new(ErrorCode::CursorMismatch, message)
            .with("argument", argument)
            .with("cursorOrder", made_for)
            .with("listOrder", used_for);
    }
    // A mark that no order has is one that this API never gave out.
    ApiError::new(ErrorCode::InvalidCursor, format!("`{argument}`: {}", CursorError::Malformed))
        .with("argument", argument)
        .with("reason", "MALFORMED")
}

/// Returns the name of the order whose cursors have this mark.
fn order_name(mark: Mark) -> Option<String> {
    let of_contacts = contacts::Order::marked(mark).map(|order| order.to_string());
    let of_keys = || (mark == api_keys::MARK).then(|| "the time at which API keys were created".to_owned());
    of_contacts.or_else(|| Directory::marked(mark).map(|directory| directory.to_string())).or_else(of_keys)
}
