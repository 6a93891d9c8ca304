//! Which HTTP status a code means: the table of the README.

use axum::http::StatusCode;

/// The status of an answer without data whose first error has this code.
pub(super) fn of(code: &str) -> StatusCode {
    match code {
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "NOT_FOUND" => StatusCode::NOT_FOUND,
        "METHOD_NOT_ALLOWED" => StatusCode::METHOD_NOT_ALLOWED,
        "NOT_ACCEPTABLE" => StatusCode::NOT_ACCEPTABLE,
        "REQUEST_TIMEOUT" => StatusCode::REQUEST_TIMEOUT,
        "BODY_TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
        "UNSUPPORTED_MEDIA_TYPE" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "IDEMPOTENCY_KEY_REUSED" => StatusCode::UNPROCESSABLE_ENTITY,
        "RATE_LIMITED" => StatusCode::TOO_MANY_REQUESTS,
        "INTERNAL_SERVER_ERROR" => StatusCode::INTERNAL_SERVER_ERROR,
        "OUTCOME_UNKNOWN" | "OVERLOADED" | "UNAVAILABLE" | "STORAGE_FULL" => StatusCode::SERVICE_UNAVAILABLE,
        "TIMEOUT" => StatusCode::GATEWAY_TIMEOUT,
        // Codes of fields come beside data, where the status is 200 whatever they say.
        "FORBIDDEN" | "INVALID_CURSOR" | "CURSOR_MISMATCH" | "AMBIGUOUS_MATCH" => StatusCode::OK,
        // BAD_REQUEST, GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED, BAD_USER_INPUT,
        // QUERY_TOO_COMPLEX.
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The codes that change the status although fields were executed: when every root field failed
/// with one of them, a client or a balancer must see that without reading the body.
const OF_ALL_FIELDS: [&str; 6] =
    ["IDEMPOTENCY_KEY_REUSED", "TIMEOUT", "OUTCOME_UNKNOWN", "OVERLOADED", "UNAVAILABLE", "STORAGE_FULL"];

/// The status of an answer whose root fields all failed, with these codes: that of the one code, or
/// 503 when they differ; none if there is a code among them that leaves it alone.
pub(super) fn of_all_fields<'a>(mut codes: impl Iterator<Item = &'a str>) -> Option<StatusCode> {
    let first = of(codes.next().filter(|code| OF_ALL_FIELDS.contains(code))?);
    codes.try_fold(first, |status, code| {
        let told = OF_ALL_FIELDS.contains(&code).then(|| of(code))?;
        Some(if told == status { status } else { StatusCode::SERVICE_UNAVAILABLE })
    })
}

/// Whether an answer as `application/json` has this status too, where it would otherwise be 200:
/// faults of credential, transport and load do, since proxies and clients act on them.
pub(super) fn leaves_200(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 404 | 405 | 406 | 408 | 413 | 415 | 429 | 503 | 504)
}
