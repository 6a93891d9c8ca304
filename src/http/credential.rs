//! The API key among the headers of a request.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use super::rejection::Rejection;
use crate::access::{AuthenticationError, Caller, Keys, Network};
use crate::error::FailureKind;
use crate::graphql::error::ApiError;
use crate::metrics;
use crate::request_id;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Returns the caller whose key the request carries.
pub(super) async fn authenticate(keys: &Keys, parts: &Parts) -> Result<Arc<Caller>, Rejection> {
    let key = key(&parts.headers)?;
    // The address that a header such as `X-Forwarded-For` names does not count: a client can write
    // anything there, and would have a limit of failed keys for each.
    let client = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let network = client.map(|client| Network::from(client.ip()));
    keys.authenticate(key, network).await.map_err(|error| match error {
        AuthenticationError::InvalidKey => {
            metrics::failed_key("invalid");
            Rejection::invalid_key()
        }
        AuthenticationError::TooManyFailures(empty) => {
            metrics::failed_key("limited");
            Rejection::too_many_failed_keys(empty)
        }
        AuthenticationError::Unavailable(error) => {
            let request_id = request_id::current();
            tracing::error!(request_id, %error, cause = %error.cause(), "a key could not be looked up");
            match error.kind {
                FailureKind::Overloaded => ApiError::overloaded().into(),
                FailureKind::Timeout => ApiError::timeout().into(),
                FailureKind::Unavailable
                | FailureKind::StorageFull
                | FailureKind::Conflict
                | FailureKind::RateLimited
                | FailureKind::Internal => ApiError::unavailable().into(),
            }
        }
    })
}

/// Returns the one key of the request. It may come in both headers, and must then be the same. What is
/// not one key becomes a text that does not have the form of a key, and so counts as one that failed.
fn key(headers: &HeaderMap) -> Result<&str, Rejection> {
    const NO_KEY: &str = "";
    let mut keys = Vec::new();
    for value in headers.get_all(AUTHORIZATION) {
        match value.to_str().map(|value| value.trim().split_once(' ')) {
            Ok(Some((scheme, key))) if scheme.eq_ignore_ascii_case("bearer") => keys.push(key.trim_start()),
            // No key was tried, so it does not count as one that failed.
            Ok(None) => return Err(Rejection::no_scheme()),
            Ok(Some(_)) | Err(_) => keys.push(NO_KEY),
        }
    }
    keys.extend(headers.get_all(X_API_KEY).iter().map(|value| value.to_str().unwrap_or(NO_KEY)));
    let first = keys.first().copied().ok_or_else(Rejection::authentication_required)?;
    Ok(if keys.iter().all(|key| *key == first) { first } else { NO_KEY })
}
