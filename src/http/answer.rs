//! Writing a GraphQL response, the same way wherever it leaves.

use async_graphql::{Response as GraphqlResponse, Value};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::accept::MediaType;
use super::codes::Codes;
use super::status;
use crate::error::ErrorCode;
use crate::graphql::error::code;

/// Returns the response as JSON. `data` is absent, not null, when nothing was executed.
pub(super) fn json(response: &GraphqlResponse) -> Vec<u8> {
    write(&JsonBody { response, data: !is_request_error(response) })
}

/// Returns the answer to an executed or refused GraphQL request.
///
/// `held` is kept until the last byte of it has been sent, or its client has gone.
pub(super) fn graphql(response: &GraphqlResponse, media: MediaType, held: impl Send + 'static) -> Response {
    let (bytes, status) = match failed_as_one(response) {
        Some(status) if media == MediaType::GraphqlResponse || status::leaves_200(status) => {
            (write(&JsonBody { response, data: false }), status)
        }
        Some(_) | None => (json(response), status(response, media)),
    };
    let body = Body::from(Bytes::from_owner(HeldBytes { bytes, _held: held }));
    let mut answer = answer(body, response, media, status);
    for (name, value) in &response.http_headers {
        answer.headers_mut().append(name, value.clone());
    }
    answer
}

/// Returns an answer whose status is known.
pub(super) fn with_status(response: &GraphqlResponse, media: MediaType, status: StatusCode) -> Response {
    answer(Body::from(json(response)), response, media, status)
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
    answer.extensions_mut().insert(Codes::of(response, is_request_error(response)));
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
    if !is_request_error(response) {
        return StatusCode::OK;
    }
    let status = response.errors.first().map_or(ErrorCode::InternalServerError, code).status();
    if media == MediaType::GraphqlResponse || status::leaves_200(status) { status } else { StatusCode::OK }
}

/// Returns true if execution never began. A null that a failed non-null root field left behind is an
/// executed answer: its error has a path.
fn is_request_error(response: &GraphqlResponse) -> bool {
    !response.errors.is_empty()
        && response.data == Value::Null
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Returns the status of a response whose root fields all failed, if their codes speak for the request.
fn failed_as_one(response: &GraphqlResponse) -> Option<StatusCode> {
    let nothing = match &response.data {
        Value::Null => true,
        // `__typename` is the only root field that is text. It cannot fail, so it does not count.
        Value::Object(fields) => fields.values().all(|field| matches!(field, Value::Null | Value::String(_))),
        _ => false,
    };
    status::of_all_fields(response.errors.iter().map(code).filter(|_| nothing))
}

/// Returns `retryAfterMs` of the first error that has it, in whole seconds, rounded up.
fn retry_after(response: &GraphqlResponse) -> Option<u64> {
    response.errors.iter().find_map(|error| match error.extensions.as_ref()?.get("retryAfterMs")? {
        Value::Number(milliseconds) => Some(milliseconds.as_u64()?.div_ceil(1000)),
        _ => None,
    })
}

/// A response in the order in which people read it: what went wrong first.
struct JsonBody<'a> {
    response: &'a GraphqlResponse,
    data: bool,
}

impl Serialize for JsonBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.response.errors.is_empty() {
            map.serialize_entry("errors", &self.response.errors)?;
        }
        if self.data {
            map.serialize_entry("data", &self.response.data)?;
        }
        if !self.response.extensions.is_empty() {
            map.serialize_entry("extensions", &self.response.extensions)?;
        }
        map.end()
    }
}

fn write(written: &JsonBody<'_>) -> Vec<u8> {
    serde_json::to_vec(written).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        br#"{"errors":[{"message":"Something went wrong on our side.","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#
            .to_vec()
    })
}
