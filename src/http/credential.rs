//! Who is asking: the key among the headers.

use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::fault::Fault;
use crate::access::{AuthenticationError, Caller, Keys};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The caller whose key the request carries.
pub(super) async fn authenticate(keys: &Keys, headers: &HeaderMap) -> Result<Arc<Caller>, Fault> {
    keys.authenticate(key(headers)?).await.map_err(|error| match error {
        AuthenticationError::InvalidKey => Fault::invalid_key(),
        AuthenticationError::Unavailable(error) => {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::error!(error, "a key could not be looked up");
            Fault::unavailable()
        }
    })
}

/// The one key of the request. It may come in both headers, and must then be the same.
fn key(headers: &HeaderMap) -> Result<&str, Fault> {
    let bearers = headers.get_all(AUTHORIZATION).iter().map(bearer);
    let plain = headers.get_all(X_API_KEY).iter().map(|it| it.to_str().ok());
    let mut found = None;
    for key in bearers.chain(plain) {
        let key = key.ok_or_else(Fault::invalid_key)?;
        if found.is_some_and(|other| other != key) {
            return Err(Fault::invalid_key());
        }
        found = Some(key);
    }
    found.ok_or_else(Fault::authentication_required)
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim_start_matches(' '))
}
