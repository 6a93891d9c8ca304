//! The header `Host` (RFC 9112, section 3.2).

use std::net::SocketAddr;

use axum::Extension;
use axum::extract::{ConnectInfo, Request};
use axum::http::Version;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::Response;

use super::accept::MediaType;
use super::rejection::Rejection;
use super::request_id::RequestId;

/// Refuses a request of HTTP/1.1 that came by a connection without exactly one `Host`: a proxy before
/// this server may have read it as a request for another host.
pub(super) async fn required(Extension(id): Extension<RequestId>, request: Request, next: Next) -> Response {
    let by_wire = request.extensions().get::<ConnectInfo<SocketAddr>>().is_some();
    let hosts = request.headers().get_all(HOST).iter().count();
    if by_wire && request.version() >= Version::HTTP_11 && hosts != 1 {
        let message = "The request needs the header `Host`, once.";
        return Rejection::bad_request(message).answer(MediaType::Json, &id);
    }
    next.run(request).await
}
