//! `ETag` and `If-None-Match` for documents that are fixed in the binary.

use std::fmt::Write as _;

use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, HeaderValue};

/// How many bytes of a SHA-256 tell versions apart.
const SHORT: usize = 16;

/// The tag of a document with this SHA-256. It is weak, since the compressed and the plain
/// form of a document share it.
pub(super) fn etag(sha256: &[u8]) -> Option<HeaderValue> {
    let mut text = String::from("W/\"");
    for byte in sha256.iter().take(SHORT) {
        write!(text, "{byte:02x}").ok()?;
    }
    text.push('"');
    HeaderValue::from_str(&text).ok()
}

/// Whether the client has the document of this tag already.
pub(super) fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let Ok(etag) = etag.to_str().map(opaque) else {
        return false;
    };
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim() == "*" || opaque(tag) == etag)
}
