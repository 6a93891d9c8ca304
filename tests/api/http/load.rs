//! How many requests there may be under way.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use contacts_gateway::http::Limits;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::{sync::mpsc, task::JoinSet};

use super::{Answer, Server, assert_refused, bare, server, server_with};

const ASK: &str = r#"{"query":"{ viewer { id } }"}"#;

/// Nothing here waits so long.
const NEVER: Duration = Duration::from_hours(1);

/// Requests whose bodies never come, each under way.
struct Stalled {
    requests: JoinSet<Answer>,
    begun: mpsc::UnboundedSender<()>,
    seen: mpsc::UnboundedReceiver<()>,
}

impl Stalled {
    fn new() -> Self {
        let (begun, seen) = mpsc::unbounded_channel();
        Self { requests: JoinSet::new(), begun, seen }
    }

    /// Sends so many with a key, and returns when the server asks for the body of each.
    async fn add(&mut self, server: &Server, key: &str, number: usize) {
        for _ in 0..number {
            let (router, request) = (server.router.clone(), stalled(key, self.begun.clone()));
            self.requests.spawn(async move { super::send(router, request).await });
        }
        for _ in 0..number {
            tokio::select! {
                _ = self.seen.recv() => {}
                Some(answer) = self.requests.join_next() => panic!("{answer:?}"),
            }
        }
    }
}

/// A request that says when its body is asked for, and never gives it.
fn stalled(key: &str, begun: mpsc::UnboundedSender<()>) -> Request<Body> {
    let asked = async move {
        begun.send(()).expect("the test waits");
        std::future::pending::<Result<Bytes, Infallible>>().await
    };
    ask(key, Body::from_stream(stream::once(asked).boxed()))
}

fn ask(key: &str, body: impl Into<Body>) -> Request<Body> {
    let request =
        Request::post("/graphql").header("x-api-key", key).header("content-type", "application/json");
    request.body(body.into()).expect("a request")
}

#[track_caller]
fn assert_overloaded(answer: &Answer) {
    assert_refused(answer, 503, "OVERLOADED");
    assert_eq!(answer.header("retry-after"), Some("1"));
    let body = answer.json();
    let extensions = &body["errors"][0]["extensions"];
    assert_eq!(extensions["retryable"], true, "{body}");
    assert_eq!(extensions["retryAfterMs"], 1_000, "{body}");
}

async fn assert_answered(server: &Server, key: &str) {
    let answer = server.send(ask(key, ASK)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.json()["data"]["viewer"]["id"].is_string(), "{answer:?}");
}

#[tokio::test]
async fn an_organization_has_32_requests_under_way_and_all_have_256_and_the_next_is_refused() {
    let server = server_with(Limits { body_time: NEVER, ..Limits::default() }, &[]).await;
    let mut stalled = Stalled::new();
    stalled.add(&server, &server.key, 31).await;
    assert_answered(&server, &server.key).await;
    stalled.add(&server, &server.key, 1).await;
    assert_overloaded(&server.send(ask(&server.key, ASK)).await);
    assert_overloaded(&server.send(bare(server.get("query={viewer{id}}"))).await);

    for number in 1..8 {
        let (_, key) = server.app.organization(&format!("Organization {number}")).await;
        assert_answered(&server, &key).await;
        stalled.add(&server, &key, 32).await;
    }
    let (_, key) = server.app.organization("The ninth").await;
    assert_overloaded(&server.send(ask(&key, ASK)).await);

    // What is no request to the API needs no place.
    for path in ["/livez", "/readyz", "/schema.graphql", "/graphiql/"] {
        assert_eq!(server.send(bare(Request::get(path))).await.status, 200, "{path}");
    }
    assert_refused(&server.send(ask("cgw_wrong", ASK)).await, 401, "UNAUTHENTICATED");

    stalled.requests.shutdown().await;
    assert_answered(&server, &key).await;
    assert_answered(&server, &server.key).await;
}

#[tokio::test]
async fn a_request_gives_its_place_back_however_it_ends() {
    let limits =
        Limits { requests: 1, requests_per_organization: 1, body_time: Duration::ZERO, ..Limits::default() };
    let server = server_with(limits, &[]).await;
    for (body, status) in [(ASK, 200), ("nonsense", 400), (r#"{"query":"{"}"#, 400)] {
        let request = server.post().header("accept", super::GRAPHQL_RESPONSE);
        let answer = server.send(request.body(Body::from(body)).expect("a request")).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_answered(&server, &server.key).await;
    }
    let too_large = server.post_body(vec![b' '; limits.body_bytes + 1]).await;
    assert_refused(&too_large, 413, "BODY_TOO_LARGE");
    assert_answered(&server, &server.key).await;

    let (begun, _seen) = mpsc::unbounded_channel();
    assert_refused(&server.send(stalled(&server.key, begun)).await, 408, "REQUEST_TIMEOUT");
    assert_answered(&server, &server.key).await;

    let odd = server.post().header("idempotency-key", "").body(Body::from(ASK)).expect("a request");
    assert_refused(&server.send(odd).await, 400, "BAD_REQUEST");
    assert_answered(&server, &server.key).await;
}

#[tokio::test]
async fn a_client_that_hangs_up_gives_its_place_back() {
    let limits = Limits { requests: 1, body_time: NEVER, ..Limits::default() };
    let server = server_with(limits, &[]).await;
    let mut stalled = Stalled::new();
    stalled.add(&server, &server.key, 1).await;
    assert_overloaded(&server.send(ask(&server.key, ASK)).await);
    stalled.requests.shutdown().await;
    assert_answered(&server, &server.key).await;
}

/// The key is known from before, so the request is refused at its first step.
#[tokio::test]
async fn a_refusal_waits_for_nothing() {
    let server = server().await;
    assert_answered(&server, &server.key).await;
    let full = server_with(Limits { requests: 0, ..Limits::default() }, &[]).await;
    assert_overloaded(&full.send(ask(&full.key, ASK)).await);
    let refused = full.send(ask(&full.key, ASK)).now_or_never();
    assert_overloaded(&refused.expect("an answer at once"));
}
