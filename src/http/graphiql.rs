//! The page to write queries on, embedded as gzipped files and complete without the outside.

use std::borrow::Cow;
use std::io::Read as _;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use flate2::read::GzDecoder;
use headers::{ETag, HeaderMapExt as _};
use rust_embed::{Embed, EmbeddedFile};

use super::accept::{self, MediaType};
use super::conditional;
use super::rejection::{self, Rejection};
use super::request_id::RequestId;
use crate::graphql::error::ApiError;

const INDEX: &str = "index.html";

/// Content security policy: everything from this server, styles also inline, and no frames.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    font-src 'self' data:; img-src 'self' data:; connect-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The built page: every file is `name.gz`.
#[derive(Embed)]
#[folder = "playground/dist"]
struct Bundle;

/// `/graphiql/`
pub(super) async fn index(id: RequestId, headers: HeaderMap) -> Response {
    serve(INDEX, id, &headers).await
}

/// `/graphiql/…`
pub(super) async fn file(
    name: Result<Path<String>, PathRejection>,
    id: RequestId,
    headers: HeaderMap,
) -> Response {
    match name {
        Ok(Path(name)) => serve(&name, id, &headers).await,
        // No file has a name that is not UTF-8.
        Err(_) => rejection::not_found(id).await,
    }
}

async fn serve(name: &str, id: RequestId, headers: &HeaderMap) -> Response {
    let Some(file) = Bundle::get(&format!("{name}.gz")) else {
        return rejection::not_found(id).await;
    };
    let etag = conditional::etag(&file.metadata.sha256_hash());
    let known = etag.as_ref().is_some_and(|etag| conditional::is_known(headers, etag));
    let mut answer = if known {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        answer
    } else if accept::gzip(headers) {
        let mut answer = Response::new(Body::from(compressed(file)));
        let gzip = HeaderValue::from_static("gzip");
        answer.headers_mut().insert(CONTENT_ENCODING, gzip);
        answer
    } else {
        // Rarely needed: every browser takes gzip. So only that form is in the binary.
        match inflated(&file) {
            Ok(bytes) => Response::new(Body::from(bytes)),
            Err(error) => {
                tracing::error!(request_id = %id, %error, name, "an embedded file is not gzip");
                return Rejection::from(ApiError::internal()).answer(MediaType::Json, &id);
            }
        }
    };
    mark(answer.headers_mut(), name, etag);
    answer
}

fn mark(headers: &mut HeaderMap, name: &str, etag: Option<ETag>) {
    // Names under `assets/` change with their content, so they never need to be asked again.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let fixed = [
        (CONTENT_TYPE, content_type(name)),
        (CACHE_CONTROL, cache),
        (VARY, "accept-encoding"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(etag) = etag {
        headers.typed_insert(etag);
    }
}

fn compressed(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn inflated(file: &EmbeddedFile) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(&*file.data).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "ttf" => "font/ttf",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}
