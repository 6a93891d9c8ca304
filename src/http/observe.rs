//! What happens around every request: its id, its log line, and panics.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::Extension;
use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::accept::MediaType;
use super::fault::Fault;
use super::request_id::{RequestId, X_REQUEST_ID};

/// Names the request, and logs one line when it is answered.
///
/// The line has the path of the route, not the path that was asked: what a client writes there
/// may be anything, also an address or a key.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", request_id = %id);

    let mut response = next.run(request).instrument(span).await;

    let headers = response.headers_mut();
    if let Some(id) = id.header() {
        headers.insert(X_REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    tracing::info!(
        request_id = %id,
        %method,
        path = path.as_ref().map_or("-", MatchedPath::as_str),
        status = response.status().as_u16(),
        duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
    response
}

/// Answers a request whose handler panicked; the connection and the server go on.
pub(super) async fn catch_panics(
    Extension(id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(request_id = %id, panic = text(&*panic), "a handler panicked");
            Fault::internal().answer(MediaType::Json, &id)
        }
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::middleware::from_fn;
    use axum::routing::get;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_without_its_text() {
        let router = Router::new()
            .route("/", get(async || -> () { panic!("secret") }))
            .layer(from_fn(catch_panics))
            .layer(from_fn(observe));
        let request = Request::get("/").header(X_REQUEST_ID, "a");
        let request = request.body(Body::empty()).expect("a request");

        let Ok(answer) = router.oneshot(request).await;
        assert_eq!(answer.status(), 500);
        let body = to_bytes(answer.into_body(), 1024).await.expect("a body");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        let extensions = json!({"code": "INTERNAL_SERVER_ERROR", "requestId": "a"});
        let error = json!({"message": "The server failed.", "extensions": extensions});
        assert_eq!(body, json!({ "errors": [error] }));
    }
}
