//! Reading a body within its limits.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::EXPECT;
use headers::{ContentLength, HeaderMapExt as _};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use super::bodies::{self, NoGrowth};
use super::limits::Limits;
use super::rejection::Rejection;
use crate::error::ErrorCode;

/// Maximum size of a refused body that is read for nothing, as a multiple of what is allowed.
const MAX_DISCARDED_FACTOR: usize = 8;

/// Returns the whole body, whose bytes `held` counts.
///
/// One that announces too many bytes is refused before any is read.
pub(super) async fn read(
    headers: &HeaderMap,
    mut body: Body,
    limits: &Limits,
    held: &mut bodies::Body,
) -> Result<Vec<u8>, Rejection> {
    if headers.typed_get::<ContentLength>().is_some_and(|length| length.0 > limits.body_bytes as u64) {
        discard(headers, body, limits);
        return Err(too_large(limits));
    }
    match timeout(limits.body_time, collect(&mut body, limits, held)).await {
        Ok(Ok(whole)) => Ok(whole),
        Ok(Err(Unread::GivenUp)) => Err(Rejection::new(
            ErrorCode::RequestTimeout,
            "The body came so slowly that others, for which there was no room, were served first.",
        )
        .closing()),
        Ok(Err(Unread::TooLarge)) => {
            discard(headers, body, limits);
            Err(too_large(limits))
        }
        Ok(Err(Unread::NoRoom)) => {
            discard(headers, body, limits);
            Err(Rejection::overloaded("Too many bytes of requests are held. Try again later."))
        }
        Ok(Err(Unread::BrokenOff)) => Err(Rejection::bad_request("The body broke off.").closing()),
        Err(_) => Err(Rejection::new(
            ErrorCode::RequestTimeout,
            format!("The body took longer than {:?}.", limits.body_time),
        )
        .closing()),
    }
}

/// Reason why a body was not read.
enum Unread {
    TooLarge,
    NoRoom,
    GivenUp,
    BrokenOff,
}

/// Reads a body to its end. What has come counts, and not what was announced: a client that is slow to
/// send holds no room for others' bodies.
async fn collect(body: &mut Body, limits: &Limits, held: &mut bodies::Body) -> Result<Vec<u8>, Unread> {
    let mut body = Limited::new(body, limits.body_bytes);
    let mut whole = Vec::new();
    loop {
        let frame = tokio::select! {
            biased;
            () = held.given_up() => return Err(Unread::GivenUp),
            frame = body.frame() => frame,
        };
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => Unread::TooLarge,
            false => Unread::BrokenOff,
        })?;
        if let Ok(data) = frame.into_data() {
            held.grow(data.len()).map_err(|reason| match reason {
                NoGrowth::GivenUp => Unread::GivenUp,
                NoGrowth::NoRoom => Unread::NoRoom,
            })?;
            whole.extend_from_slice(&data);
        }
    }
    held.is_whole();
    Ok(whole)
}

/// Reads the body of a refused request for a while and forgets it.
///
/// Closing a connection on unread bytes resets it, and the client may then lose the answer that
/// tells why. The answer does not wait for this. A client that waits for permission to send a
/// body is never given it.
pub(super) fn discard(headers: &HeaderMap, mut body: Body, limits: &Limits) {
    if body.is_end_stream() || headers.contains_key(EXPECT) {
        return;
    }
    let limits = *limits;
    tokio::spawn(async move {
        let reading = async {
            let mut left = limits.body_bytes.saturating_mul(MAX_DISCARDED_FACTOR);
            while let Some(Ok(frame)) = body.frame().await {
                let length = frame.data_ref().map_or(0, Bytes::len);
                match left.checked_sub(length) {
                    Some(rest) => left = rest,
                    None => break,
                }
            }
        };
        // Past its time the body is dropped, which is what would have happened anyway.
        drop(timeout(limits.body_time, reading).await);
    });
}

fn too_large(limits: &Limits) -> Rejection {
    Rejection::new(ErrorCode::BodyTooLarge, format!("The body may have at most {} bytes.", limits.body_bytes))
}
