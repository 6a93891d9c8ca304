//! Cross-origin requests: the web pages whose scripts may read answers.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::{Origin, Url};

use super::rate::RATE_LIMIT;
use super::request_id::X_REQUEST_ID;

/// Time for which a browser may remember that a request is allowed.
const PREFLIGHT_TTL: Duration = Duration::from_hours(2);

/// The allowed origins; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Allowed);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Allowed {
    #[default]
    Nobody,
    Everybody,
    These(Vec<HeaderValue>),
}

/// A text that is neither an origin nor `*`.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is not an origin: give `https://app.example.com`, without a path, for each of them, or `*` alone for all; a \
     `*` cannot stand for a part of one"
)]
pub struct InvalidOrigin(String);

impl Origins {
    /// Reads a list of origins, any of which may be `*`, which allows all.
    ///
    /// # Errors
    /// One of them is not an origin.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, InvalidOrigin> {
        let texts: Vec<&str> = texts.iter().map(|text| text.as_ref().trim()).collect();
        if texts.contains(&"*") {
            return Ok(Self(Allowed::Everybody));
        }
        let list: Vec<_> = texts
            .into_iter()
            .map(|text| origin(text).ok_or_else(|| InvalidOrigin(text.to_owned())))
            .collect::<Result<_, _>>()?;
        Ok(Self(if list.is_empty() { Allowed::Nobody } else { Allowed::These(list) }))
    }

    /// Returns the layer that answers preflights and marks answers; `None` if no origin is allowed.
    pub(super) fn layer(&self) -> Option<CorsLayer> {
        let origin = match &self.0 {
            Allowed::Nobody => return None,
            Allowed::Everybody => AllowOrigin::any(),
            Allowed::These(list) => AllowOrigin::list(list.iter().cloned()),
        };
        Some(
            CorsLayer::new()
                .allow_origin(origin)
                .allow_methods([Method::GET, Method::POST])
                .allow_headers([
                    AUTHORIZATION,
                    HeaderName::from_static("x-api-key"),
                    CONTENT_TYPE,
                    HeaderName::from_static("idempotency-key"),
                    IF_NONE_MATCH,
                    X_REQUEST_ID,
                ])
                .expose_headers([RETRY_AFTER, ETAG, X_REQUEST_ID, RATE_LIMIT])
                .max_age(PREFLIGHT_TTL),
        )
    }
}

/// Returns the origin as browsers write it. Schemes of applications (`tauri://localhost`) have no
/// standard form and are kept as they are.
fn origin(text: &str) -> Option<HeaderValue> {
    let url = Url::parse(text).ok()?;
    let bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    // The parser takes a `*` for a part of a name, and no browser ever sends such an origin.
    if !bare || !url.has_host() || text.contains('*') {
        return None;
    }
    let text = match url.origin() {
        origin @ Origin::Tuple(..) => origin.ascii_serialization(),
        Origin::Opaque(_) => text.trim_end_matches('/').to_owned(),
    };
    HeaderValue::from_str(&text).ok()
}
