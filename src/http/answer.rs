//! Writing a GraphQL response, the same way wherever it leaves.

use async_graphql::Value;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::accept::MediaType;
use super::codes::Codes;
use super::status;
use crate::error::ErrorCode;
use crate::graphql::Response as GraphqlResponse;
use crate::graphql::error::code;

/// Returns the answer to an executed or refused GraphQL request.
///
/// `held` is kept until the last byte of it has been sent, or its client has gone.
pub(super) fn graphql(
    mut response: GraphqlResponse,
    media: MediaType,
    held: impl Send + 'static,
) -> Response {
    let status = match failed_as_one(&response) {
        Some(status) if media == MediaType::GraphqlResponse || status::leaves_200(status) => {
            response.data = None;
            status
        }
        Some(_) | None => status(&response, media),
    };
    let mut answer = answer(Body::empty(), &response, media, status);
    let bytes = response.into_json();
    *answer.body_mut() = Body::from(Bytes::from_owner(HeldBytes { bytes, _held: held }));
    answer
}

/// Returns an answer whose status is known.
pub(super) fn with_status(response: &GraphqlResponse, media: MediaType, status: StatusCode) -> Response {
    answer(Body::from(response.to_json()), response, media, status)
}

/// Bytes of an answer, with what is to be kept as long as they are.
struct HeldBytes<H> {
    bytes: Vec<u8>,
    _held: H,
}

impl<H> AsRef<[u8]> for HeldBytes<H> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn answer(body: Body, response: &GraphqlResponse, media: MediaType, status: StatusCode) -> Response {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    if !response.errors.is_empty() {
        answer.extensions_mut().insert(Codes::of(response));
    }
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, media.header());
    // An answer to a GET holds contacts too, and depends on the key, which caches do not know.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Beside 200 the header has no meaning; there `retryAfterMs` of each error tells.
    if !status.is_success()
        && let Some(seconds) = retry_after(response)
    {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    answer
}

/// Returns the status, which is that of the first error if data is absent; an error beside data is 200.
fn status(response: &GraphqlResponse, media: MediaType) -> StatusCode {
    if response.data.is_some() {
        return StatusCode::OK;
    }
    let status = response.errors.first().map_or(ErrorCode::InternalServerError, code).status();
    if media == MediaType::GraphqlResponse || status::leaves_200(status) { status } else { StatusCode::OK }
}

/// Returns the status of a response whose root fields all failed, if their codes speak for the request.
fn failed_as_one(response: &GraphqlResponse) -> Option<StatusCode> {
    status::of_all_fields(response.errors.iter().map(code).filter(|_| response.is_empty()))
}

/// Returns `retryAfterMs` of the first error that has it, in whole seconds, rounded up.
fn retry_after(response: &GraphqlResponse) -> Option<u64> {
    response.errors.iter().find_map(|error| match error.extensions.as_ref()?.get("retryAfterMs")? {
        Value::Number(milliseconds) => Some(milliseconds.as_u64()?.div_ceil(1000)),
        _ => None,
    })
}
