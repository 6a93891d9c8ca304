//! A request that never reached GraphQL.

use std::borrow::Cow;

use async_graphql::Value;
use axum::Extension;
use axum::extract::Request;
use axum::http::header::{ALLOW, CONNECTION, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use super::accept::MediaType;
use super::limits::Limits;
use super::request_id::RequestId;
use super::{answer, body, status};
use crate::access::Empty;
use crate::graphql::error::transport_error;

/// How long a client should wait when it is not known what it waits for, in milliseconds.
const RETRY_AFTER_MS: u32 = 1000;

/// A request refused by the transport. Its status is that of its code whatever the client
/// accepts: nothing of it was well-formed GraphQL.
#[derive(Debug)]
pub(super) struct Fault {
    code: &'static str,
    message: Cow<'static, str>,
    extensions: Vec<(&'static str, Value)>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), extensions: Vec::new(), headers: Vec::new() }
    }

    /// The body or the query string is not a GraphQL request.
    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("BAD_REQUEST", message)
    }

    /// The path exists, but not for this method; `allow` lists those it has.
    pub(super) fn wrong_method(allow: &'static str) -> Self {
        Self::method(format!("This path answers {allow} only."))
            .header(ALLOW, HeaderValue::from_static(allow))
    }

    fn method(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("METHOD_NOT_ALLOWED", message)
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

    /// What was given is no valid key. It is not said why: that would help to guess.
    pub(super) fn invalid_key() -> Self {
        Self::unauthenticated("INVALID_KEY", "The API key is not valid.", "Bearer error=\"invalid_token\"")
    }

    fn unauthenticated(reason: &'static str, message: &'static str, challenge: &'static str) -> Self {
        Self::new("UNAUTHENTICATED", message)
            .extension("reason", reason)
            .header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// The database is away.
    pub(super) fn unavailable() -> Self {
        Self::retryable("UNAVAILABLE", "The database cannot be reached. Try again later.")
    }

    /// Too much is under way; nothing was done.
    pub(super) fn overloaded(message: &'static str) -> Self {
        Self::retryable("OVERLOADED", message)
    }

    /// The deadline passed before anything was executed.
    pub(super) fn timeout() -> Self {
        Self::retryable("TIMEOUT", "The answer took too long; nothing was done. Try again later.")
    }

    fn retryable(code: &'static str, message: &'static str) -> Self {
        Self::new(code, message).extension("retryable", true).extension("retryAfterMs", RETRY_AFTER_MS)
    }

    /// The organization has asked for too much in too short a time.
    pub(super) fn rate_limited(empty: Empty) -> Self {
        Self::empty(empty, "Your organization asks for too much. Try again later.")
    }

    /// From where the request comes, too many came with a key that is not valid. It is not said
    /// whether this one is.
    pub(super) fn too_many_failed_keys(empty: Empty) -> Self {
        Self::empty(empty, "Too many API keys from your address are not valid. Try again later.")
    }

    fn empty(empty: Empty, message: &'static str) -> Self {
        Self::new("RATE_LIMITED", message)
            .extension("retryable", true)
            .extension("retryAfterMs", empty.retry_after_ms())
    }

    /// A fault of ours: the log has its cause.
    pub(super) fn internal() -> Self {
        Self::new("INTERNAL_SERVER_ERROR", "The server failed.")
    }

    fn extension(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.push((name, value.into()));
        self
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Lets the connection end with this answer, since its rest cannot be understood.
    pub(super) fn closing(self) -> Self {
        self.header(CONNECTION, HeaderValue::from_static("close"))
    }

    /// The answer to the client.
    pub(super) fn answer(self, media: MediaType, id: &RequestId) -> Response {
        let response = transport_error(self.code, self.message.into_owned(), &self.extensions, id.as_str());
        let mut answer = answer::with_status(&response, media, status::of(self.code));
        answer.headers_mut().extend(self.headers);
        answer
    }
}

/// Answers a path that no route has.
pub(super) async fn not_found(Extension(id): Extension<RequestId>) -> Response {
    Fault::new("NOT_FOUND", "There is nothing here. The API is at `/graphql`.").answer(MediaType::Json, &id)
}

/// Answers a method that a route has not; the router adds `Allow`.
pub(super) async fn method_not_allowed(Extension(id): Extension<RequestId>) -> Response {
    Fault::method("This path does not answer this method; `Allow` names those it does.")
        .answer(MediaType::Json, &id)
}

/// Answers whatever comes on a connection that is one too many.
pub(super) async fn too_many_connections(
    Extension(id): Extension<RequestId>,
    limits: Limits,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    body::discard(&parts.headers, body, &limits);
    Fault::overloaded("There are too many connections.").closing().answer(MediaType::Json, &id)
}
