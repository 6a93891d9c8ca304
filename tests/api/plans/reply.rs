//! Answers, as they are compared.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::Value;
use tower::ServiceExt as _;

/// Answer without what differs between any two.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn has_data(&self) -> bool {
        self.body.contains(r#""data":{"#)
    }

    pub(super) fn has_errors(&self) -> bool {
        self.body.starts_with(r#"{"errors":"#)
    }
}

/// Asks a gateway.
pub(super) async fn reply(router: &Router, key: &str, body: &str) -> Reply {
    let request =
        Request::post("/graphql").header("x-api-key", key).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let Ok(response) = router.clone().oneshot(request).await;
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
    let Ok(mut body) = serde_json::from_slice::<Value>(&body) else {
        return Reply { status, body: String::from_utf8_lossy(&body).into_owned() };
    };
    let mut errors = body.get_mut("errors").and_then(Value::as_array_mut);
    for error in errors.iter_mut().flat_map(|errors| errors.iter_mut()) {
        error["extensions"].as_object_mut().expect("extensions").remove("requestId").expect("an id");
    }
    // The library tells errors as they happen, in no fixed order.
    if let Some(errors) = errors {
        errors.sort_by_key(Value::to_string);
    }
    Reply { status, body: body.to_string() }
}
