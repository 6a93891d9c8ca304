//! The transport: what `/graphql` and its neighbours answer before and after GraphQL.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, request};
use contacts_gateway::http::Limits;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::support::{App, engine::Engine};

mod connections;
mod cors;
mod credentials;
mod deadline;
#[cfg(postgres_found)]
mod hanging;
mod listener;
mod load;
mod negotiation;
mod pages;
mod requests;
mod validators;

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

/// The routes over a database of their own, and a key that may ask.
struct Server {
    router: Router,
    key: String,
    app: App,
}

/// With the limits and the origins a server has by default.
async fn server() -> Server {
    server_with(Limits::default(), &[]).await
}

async fn server_with(limits: Limits, origins: &[&str]) -> Server {
    let app = App::with(Engine::Sqlite, limits, origins).await;
    Server { router: app.router(), key: app.key.clone(), app }
}

impl Server {
    async fn send(&self, request: Request<Body>) -> Answer {
        send(self.router.clone(), request).await
    }

    /// A POST of JSON with the key.
    fn post(&self) -> request::Builder {
        Request::post("/graphql").header("x-api-key", &self.key).header("content-type", "application/json")
    }

    /// A GET with the key.
    fn get(&self, query_string: &str) -> request::Builder {
        Request::get(format!("/graphql?{query_string}")).header("x-api-key", &self.key)
    }

    /// Sends a body by POST.
    async fn post_body(&self, body: impl Into<Body>) -> Answer {
        self.send(self.post().body(body.into()).expect("a request")).await
    }
}

async fn send(router: Router, request: Request<Body>) -> Answer {
    let Ok(response) = router.oneshot(request).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a whole body");
    Answer { status: parts.status, headers: parts.headers, body: body.to_vec() }
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII"))
    }

    /// The code of the only error, whose shape every refusal shares: no data, and the id that the
    /// header has.
    #[track_caller]
    fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let error = &body["errors"][0];
        assert!(body.get("data").is_none(), "{body}");
        assert_eq!(body["errors"].as_array().map(Vec::len), Some(1), "{body}");
        assert_eq!(error["extensions"]["requestId"].as_str(), self.header("x-request-id"), "{body}");
        let code = error["extensions"]["code"].as_str().expect("a code");
        (self.status.as_u16(), code.to_owned())
    }
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.refusal(), (status, code.to_owned()), "{answer:?}");
}

/// A request without body.
fn bare(request: request::Builder) -> Request<Body> {
    request.body(Body::empty()).expect("a request")
}
