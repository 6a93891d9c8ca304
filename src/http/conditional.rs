//! `ETag` and `If-None-Match` for documents that are fixed in the binary.

use std::fmt::Write as _;

use axum::http::HeaderMap;
use headers::{ETag, HeaderMapExt as _, IfNoneMatch};

/// Number of bytes of a SHA-256 that tell versions apart.
const ETAG_BYTES: usize = 16;

/// Returns the tag of a document with this SHA-256. It is weak, since the compressed and the plain
/// form of a document share it.
pub(super) fn etag(sha256: &[u8]) -> Option<ETag> {
    let mut text = String::from("W/\"");
    for byte in sha256.iter().take(ETAG_BYTES) {
        write!(text, "{byte:02x}").ok()?;
    }
    text.push('"');
    text.parse().ok()
}

/// Returns true if the client has the document of this tag already.
pub(super) fn is_known(headers: &HeaderMap, etag: &ETag) -> bool {
    headers.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(etag))
}
