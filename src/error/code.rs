//! The codes of top-level errors.

use axum::http::StatusCode;

/// Code of a top-level error: a part of the API, which clients act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the API's documentation describes each")]
pub enum ErrorCode {
    AmbiguousMatch,
    BadRequest,
    BadUserInput,
    BodyTooLarge,
    CursorMismatch,
    Forbidden,
    GraphqlParseFailed,
    GraphqlValidationFailed,
    IdempotencyKeyReused,
    InternalServerError,
    InvalidCursor,
    MethodNotAllowed,
    MisdirectedRequest,
    NotAcceptable,
    NotFound,
    OutcomeUnknown,
    Overloaded,
    QueryTooComplex,
    RateLimited,
    RequestTimeout,
    StorageFull,
    Timeout,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 25] = [
        Self::AmbiguousMatch,
        Self::BadRequest,
        Self::BadUserInput,
        Self::BodyTooLarge,
        Self::CursorMismatch,
        Self::Forbidden,
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::IdempotencyKeyReused,
        Self::InternalServerError,
        Self::InvalidCursor,
        Self::MethodNotAllowed,
        Self::MisdirectedRequest,
        Self::NotAcceptable,
        Self::NotFound,
        Self::OutcomeUnknown,
        Self::Overloaded,
        Self::QueryTooComplex,
        Self::RateLimited,
        Self::RequestTimeout,
        Self::StorageFull,
        Self::Timeout,
        Self::Unauthenticated,
        Self::Unavailable,
        Self::UnsupportedMediaType,
    ];

    /// Name in `extensions.code`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AmbiguousMatch => "AMBIGUOUS_MATCH",
            Self::BadRequest => "BAD_REQUEST",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BodyTooLarge => "BODY_TOO_LARGE",
            Self::CursorMismatch => "CURSOR_MISMATCH",
            Self::Forbidden => "FORBIDDEN",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::MisdirectedRequest => "MISDIRECTED_REQUEST",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::NotFound => "NOT_FOUND",
            Self::OutcomeUnknown => "OUTCOME_UNKNOWN",
            Self::Overloaded => "OVERLOADED",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::RateLimited => "RATE_LIMITED",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::StorageFull => "STORAGE_FULL",
            Self::Timeout => "TIMEOUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Unavailable => "UNAVAILABLE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
        }
    }

    /// Returns the code of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }

    /// Status of a response without data whose first error has this code.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequest
            | Self::BadUserInput
            | Self::GraphqlParseFailed
            | Self::GraphqlValidationFailed
            | Self::QueryTooComplex => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MisdirectedRequest => StatusCode::MISDIRECTED_REQUEST,
            Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::OutcomeUnknown | Self::Overloaded | Self::Unavailable | Self::StorageFull => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            // Codes of fields come beside data, where the status is 200 whatever they say.
            Self::Forbidden | Self::InvalidCursor | Self::CursorMismatch | Self::AmbiguousMatch => {
                StatusCode::OK
            }
        }
    }

    /// Returns true if the same request may succeed later. A write of unknown outcome is told with
    /// its own `retryable`, since only one with an idempotency key can be repeated.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Overloaded | Self::RateLimited | Self::StorageFull | Self::Timeout | Self::Unavailable => {
                true
            }
            Self::AmbiguousMatch
            | Self::BadRequest
            | Self::BadUserInput
            | Self::BodyTooLarge
            | Self::CursorMismatch
            | Self::Forbidden
            | Self::GraphqlParseFailed
            | Self::GraphqlValidationFailed
            | Self::IdempotencyKeyReused
            | Self::InternalServerError
            | Self::InvalidCursor
            | Self::MethodNotAllowed
            | Self::MisdirectedRequest
            | Self::NotAcceptable
            | Self::NotFound
            | Self::OutcomeUnknown
            | Self::QueryTooComplex
            | Self::RequestTimeout
            | Self::Unauthenticated
            | Self::UnsupportedMediaType => false,
        }
    }

    /// Returns true if the code sets the status although fields were executed: when every root
    /// field failed with such a code, a client or a balancer must see that without reading the body.
    #[must_use]
    pub fn speaks_for_the_request(self) -> bool {
        match self {
            Self::IdempotencyKeyReused
            | Self::OutcomeUnknown
            | Self::Overloaded
            | Self::StorageFull
            | Self::Timeout
            | Self::Unavailable => true,
            Self::AmbiguousMatch
            | Self::BadRequest
            | Self::BadUserInput
            | Self::BodyTooLarge
            | Self::CursorMismatch
            | Self::Forbidden
            | Self::GraphqlParseFailed
            | Self::GraphqlValidationFailed
            | Self::InternalServerError
            | Self::InvalidCursor
            | Self::MethodNotAllowed
            | Self::MisdirectedRequest
            | Self::NotAcceptable
            | Self::NotFound
            | Self::QueryTooComplex
            | Self::RateLimited
            | Self::RequestTimeout
            | Self::Unauthenticated
            | Self::UnsupportedMediaType => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn every_code_is_found_by_its_name() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::named(code.name()), Some(code));
        }
    }
}
