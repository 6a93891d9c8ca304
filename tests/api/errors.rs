//! Top-level errors: their whole shape, and what stands beside one.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::support::App;

mod away;
mod beside;
pub(crate) mod codes;
mod documents;
mod top_level;
mod unstorable;
mod values;

/// Sends JSON as a program would, asking for the media type whose statuses tell; the status and
/// the answer.
async fn post(app: &App, body: Value) -> (u16, Value) {
    let request = Request::post("/graphql")
        .header("x-api-key", &app.key)
        .header("content-type", "application/json")
        .header("accept", "application/graphql-response+json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    send(app, request).await
}

async fn send(app: &App, request: Request<Body>) -> (u16, Value) {
    use tower::ServiceExt as _;
    let Ok(response) = app.router().oneshot(request).await;
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
    (status, serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {body:?}")))
}

/// The status and the whole `errors` array, its request ids checked and cut out; the answer may
/// have nothing else.
async fn refusal(app: &App, body: Value) -> Value {
    let (status, mut answer) = post(app, body).await;
    assert_eq!(answer.as_object().map(serde_json::Map::len), Some(1), "{answer:#}");
    redact(&mut answer);
    json!({"status": status, "errors": answer["errors"]})
}

/// Every error has a code and the id of the request; the ids become `[id]`.
fn redact(answer: &mut Value) {
    let errors = answer["errors"].as_array_mut().expect("errors");
    assert!(!errors.is_empty());
    for error in errors {
        assert!(error["extensions"]["code"].is_string(), "{error:#}");
        let id = error["extensions"]["requestId"].as_str().unwrap_or_else(|| panic!("no id: {error:#}"));
        assert!(!id.is_empty());
        error["extensions"]["requestId"] = json!("[id]");
    }
}
