//! The id of a request, in its answer, its errors and its log lines.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use super::observe::Record;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Maximum length of a client's own id, in bytes.
const MAX_REQUEST_ID_BYTES: usize = 128;

/// 1 to 128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestId(Arc<str>);

impl RequestId {
    /// Returns the client's own id if it is valid, otherwise a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        headers
            .get(X_REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|id| (1..=MAX_REQUEST_ID_BYTES).contains(&id.len()))
            .filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()))
            .map_or_else(|| Self(Uuid::now_v7().to_string().into()), |id| Self(id.into()))
    }

    /// Returns the id that the request has been given, or otherwise gives it one.
    pub(super) fn given(extensions: &Extensions, headers: &HeaderMap) -> Self {
        extensions.get::<Record>().map_or_else(|| Self::of(headers), |record| record.id().clone())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text, which the clones share.
    pub(super) fn shared(&self) -> Arc<str> {
        self.0.clone()
    }

    /// Returns the id as the value of a header, which visible ASCII always is.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::given(&parts.extensions, &parts.headers))
    }
}
