//! The header `Host` (RFC 9112, section 3.2).

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request};
use axum::http::Version;
use axum::http::header::HOST;

use super::rejection::Rejection;

/// Refuses a request of HTTP/1.1 that came by a connection without exactly one `Host`: a proxy before
/// this server may have read it as a request for another host.
pub(super) fn check(request: &Request) -> Result<(), Rejection> {
    let by_wire = request.extensions().get::<ConnectInfo<SocketAddr>>().is_some();
    let hosts = request.headers().get_all(HOST).iter().count();
    if by_wire && request.version() >= Version::HTTP_11 && hosts != 1 {
        return Err(Rejection::bad_request("The request needs the header `Host`, once."));
    }
    Ok(())
}
