//! The statuses of GraphQL responses, beside those that [`ErrorCode`] tells by itself.

use axum::http::StatusCode;

use crate::error::ErrorCode;

/// Returns the status of a response whose root fields all failed, with these codes: that of the one
/// code, or 503 when they differ; `None` if one of the codes does not speak for the request.
pub(super) fn of_all_fields(codes: impl Iterator<Item = ErrorCode>) -> Option<StatusCode> {
    let mut statuses = codes.map(|code| code.speaks_for_the_request().then(|| code.status()));
    let first = statuses.next()??;
    statuses.try_fold(first, |status, told| {
        Some(if told? == status { status } else { StatusCode::SERVICE_UNAVAILABLE })
    })
}

/// Returns true if a response as `application/json` has this status too, where it would otherwise be
/// 200: errors of credential, transport and load do, since proxies and clients act on them.
pub(super) fn leaves_200(status: StatusCode) -> bool {
    // Not 400, 422 and 500: with `application/json` the specification answers well-formed requests 200.
    matches!(status.as_u16(), 401 | 404 | 405 | 406 | 408 | 413 | 415 | 421 | 429 | 503 | 504)
}
