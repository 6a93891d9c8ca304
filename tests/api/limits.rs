//! What may be asked: at each limit, and one above it.

mod costs;
mod documents;
mod failed_keys;
mod rates;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::App;

/// The status, headers and body of an answer.
struct Told {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Told {
    /// The extensions of its one error, without the request's id.
    fn error(&self) -> Value {
        let errors = self.body["errors"].as_array().unwrap_or_else(|| panic!("no errors: {:#}", self.body));
        assert_eq!(errors.len(), 1, "{:#}", self.body);
        let mut extensions = errors[0]["extensions"].clone();
        let id = extensions.as_object_mut().and_then(|extensions| extensions.remove("requestId"));
        assert!(id.is_some_and(|id| id.is_string()), "{:#}", self.body);
        extensions
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }
}

impl App {
    /// Sends a document by POST, as another key.
    async fn tell_as(&self, key: &str, document: &str, variables: Value) -> Told {
        let body = json!({"query": document, "variables": variables}).to_string();
        let request = Request::post("/graphql")
            .header("x-api-key", key)
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json");
        self.told(request.body(Body::from(body)).expect("a request")).await
    }

    async fn tell(&self, document: &str) -> Told {
        self.tell_as(&self.key, document, json!({})).await
    }

    /// Sends a document by GET.
    async fn tell_by_get(&self, document: &str) -> Told {
        let query: String = url::form_urlencoded::byte_serialize(document.as_bytes()).collect();
        let request = Request::get(format!("/graphql?query={query}"))
            .header("x-api-key", &self.key)
            .header("accept", "application/graphql-response+json");
        self.told(request.body(Body::empty()).expect("a request")).await
    }

    async fn told(&self, request: Request<Body>) -> Told {
        let Ok(answer) = self.router().oneshot(request).await;
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a whole body");
        let body = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {body:?}"));
        Told { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
