//! `/schema.graphql`: the schema for people and code generators. It is public and needs no key.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use headers::{ETag, HeaderMapExt as _};
use sha2::{Digest, Sha256};

use super::{App, conditional};

/// Returns the route; the tag is computed once.
pub(super) fn routes(sdl: &str) -> MethodRouter<Arc<App>> {
    let etag = conditional::etag(&Sha256::digest(sdl.as_bytes()));
    get(async |State(app): State<Arc<App>>, headers: HeaderMap| answer(&app, &headers, etag))
}

fn answer(app: &App, headers: &HeaderMap, etag: Option<ETag>) -> Response {
    let mut answer = if etag.as_ref().is_some_and(|etag| conditional::is_known(headers, etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        ([(CONTENT_TYPE, plain)], app.gateway.sdl().to_owned()).into_response()
    };
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(etag) = etag {
        headers.typed_insert(etag);
    }
    answer
}
