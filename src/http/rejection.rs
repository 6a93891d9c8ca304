//! Requests that never reached GraphQL.

use async_graphql::Value;
use axum::extract::Request;
use axum::http::header::{ALLOW, CONNECTION, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use super::accept::MediaType;
use super::admission::Overloaded;
use super::limits::Limits;
use super::request_id::RequestId;
use super::{answer, body};
use crate::access::Exhausted;
use crate::error::ErrorCode;
use crate::graphql::error::{ApiError, refused};

/// A request that the transport refuses. The status is that of the code whatever the client
/// accepts: nothing of the request was well-formed GraphQL.
#[derive(Debug)]
pub(super) struct Rejection {
    error: ApiError,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl From<ApiError> for Rejection {
    fn from(error: ApiError) -> Self {
        Self { error, headers: Vec::new() }
    }
}

impl Rejection {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ApiError::new(code, message).into()
    }

    /// The body or the query string is not a GraphQL request.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    /// The path exists, but not for this method; `allow` lists the methods it has.
    pub(super) fn wrong_method(allow: &'static str) -> Self {
        Self::method(format!("This path answers {allow} only."))
            .header(ALLOW, HeaderValue::from_static(allow))
    }

    fn method(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::MethodNotAllowed, message)
    }

    /// The header `Authorization` has a scheme or a key, but not both.
    pub(super) fn no_scheme() -> Self {
        Self::unauthenticated(
            "AUTHENTICATION_REQUIRED",
            "The header `Authorization` needs a scheme and a key: write `Authorization: Bearer KEY`.",
            "Bearer",
        )
    }

    /// No key was given.
    pub(super) fn authentication_required() -> Self {
        Self::unauthenticated(
            "AUTHENTICATION_REQUIRED",
            "Give an API key, as `Authorization: Bearer KEY` or as `X-API-Key: KEY`.",
            "Bearer",
        )
    }

    /// The key that was given is not valid. The reason is not told: it would help to guess.
    pub(super) fn invalid_key() -> Self {
        Self::unauthenticated("INVALID_KEY", "The API key is not valid.", "Bearer error=\"invalid_token\"")
    }

    fn unauthenticated(reason: &'static str, message: &'static str, challenge: &'static str) -> Self {
        Self::from(ApiError::new(ErrorCode::Unauthenticated, message).with("reason", Value::from(reason)))
            .header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// The request could not get its turn in time.
    pub(super) fn out_of_turn(overloaded: Overloaded) -> Self {
        let message = "Too many requests of your organization are under way. Try again later.";
        ApiError::new(ErrorCode::Overloaded, message).retry_after(overloaded.retry_after).into()
    }

    /// A limit on what is under way at once is reached.
    pub(super) fn overloaded(message: &'static str) -> Self {
        Self::new(ErrorCode::Overloaded, message)
    }

    /// Too many requests with a key that is not valid came from the network of the client. Whether
    /// this key is valid is not told.
    pub(super) fn too_many_failed_keys(exhausted: Exhausted) -> Self {
        let message = "Too many API keys from your address are not valid. Try again later.";
        ApiError::exhausted(exhausted, message).into()
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Lets the connection end with this answer, since what follows on it cannot be understood.
    pub(super) fn closing(self) -> Self {
        self.header(CONNECTION, HeaderValue::from_static("close"))
    }

    /// Returns the answer to the client.
    pub(super) fn answer(self, media: MediaType, id: &RequestId) -> Response {
        let status = self.error.code().status();
        let response = refused(vec![self.error], id.as_str());
        let mut answer = answer::with_status(&response, media, status);
        answer.headers_mut().extend(self.headers);
        answer
    }
}

/// Answers a path that no route has.
pub(super) async fn not_found(id: RequestId) -> Response {
    Rejection::new(ErrorCode::NotFound, "There is nothing here. The API is at `/graphql`.")
        .answer(MediaType::Json, &id)
}

/// Answers a method that a route has not; the router adds `Allow`.
pub(super) async fn method_not_allowed(id: RequestId) -> Response {
    Rejection::method("This path does not answer this method; `Allow` names those it does.")
        .answer(MediaType::Json, &id)
}

/// Answers whatever comes on a connection that is one too many.
pub(super) async fn too_many_connections(id: RequestId, limits: Limits, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // Closed with unread bytes, the connection would be reset, and the answer lost with it.
    body::discard(&parts.headers, body, &limits);
    Rejection::overloaded("Too many connections are open. Try again later.")
        .closing()
        .answer(MediaType::Json, &id)
}
