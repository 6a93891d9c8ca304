//! `ETag` and `If-None-Match`: a client that has an answer already is not sent it again.

use std::fmt::Write as _;

use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderMap, HeaderValue};
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};

/// Number of bytes of a SHA-256 that tell versions apart.
const ETAG_BYTES: usize = 16;

/// Returns the tag of a content with this SHA-256. It is weak, since the compressed and the plain form of a
/// document share it, and so do the media types of an answer.
pub(super) fn etag(sha256: &[u8]) -> Option<ETag> {
    let mut text = String::from("W/\"");
    for byte in sha256.iter().take(ETAG_BYTES) {
        write!(text, "{byte:02x}").ok()?;
    }
    text.push('"');
    text.parse().ok()
}

/// Returns true if the client has the content of this tag already.
pub(super) fn is_known(headers: &HeaderMap, etag: &ETag) -> bool {
    headers.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(etag))
}

/// Lets the client keep its answer, which it may use again after it has asked whether the tag is still right.
pub(super) fn add_headers(etag: ETag, headers: &mut HeaderMap) {
    headers.typed_insert(etag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    // Another key may see another answer at the same address.
    headers.append(VARY, HeaderValue::from_static("Accept, Authorization, X-API-Key"));
}
