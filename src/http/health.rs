//! Health checks: the process lives, and it can serve.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::App;
use super::accept::MediaType;
use super::rejection::Rejection;
use super::request_id::RequestId;
use crate::graphql::error::ApiError;
use crate::request_id;

/// Answers as long as the process does; the database is not asked, since restarting this
/// process would not bring it back.
pub(super) async fn live() -> Response {
    fine()
}

/// Answers 503 while the database cannot be reached, so that traffic goes elsewhere.
pub(super) async fn ready(State(app): State<Arc<App>>, id: RequestId) -> Response {
    match timeout(app.limits.ready_time, app.database.ping()).await {
        Ok(Ok(())) => return fine(),
        Ok(Err(error)) => {
            let request_id = request_id::current();
            tracing::warn!(request_id, %error, cause = %error.cause(), "the database does not answer");
        }
        Err(_) => {
            tracing::warn!(request_id = request_id::current(), "the database does not answer in time");
        }
    }
    Rejection::from(ApiError::unavailable()).answer(MediaType::Json, &id)
}

fn fine() -> Response {
    let fresh = HeaderValue::from_static("no-store");
    ([(CACHE_CONTROL, fresh)], "ok").into_response()
}
