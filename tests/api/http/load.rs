//! How many requests run at once, and how many wait for their turn.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use contacts_gateway::http::Limits;
use futures_util::{FutureExt as _, StreamExt as _, future::join_all, stream};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, JoinSet},
};

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

/// A write, which takes a place as long as the clock is held.
const WRITE: &str = r#"{"query":"mutation { createContact(input: {firstName: \"a\"}) { contact { id } } }"}"#;

/// A request that has come as far as it can without waiting. The key must be known from before.
fn begun(server: &Server, key: &str, body: &'static str) -> JoinHandle<Answer> {
    let mut request = super::send(server.router.clone(), ask(key, body)).boxed();
    assert!((&mut request).now_or_never().is_none(), "{body} is answered at once");
    tokio::spawn(request)
}

/// A client hangs up.
async fn cut(request: JoinHandle<Answer>) {
    request.abort();
    assert!(request.await.is_err_and(|error| error.is_cancelled()));
}

#[track_caller]
fn assert_overloaded(answer: &Answer) {
    assert_refused(answer, 503, "OVERLOADED");
    let body = answer.json();
    let extensions = &body["errors"][0]["extensions"];
    assert_eq!(extensions["retryable"], true, "{body}");
    let wait = extensions["retryAfterMs"].as_u64().expect("a number");
    assert!((100..=30_000).contains(&wait), "{body}");
    assert_eq!(answer.header("retry-after"), Some(wait.div_ceil(1_000).to_string().as_str()));
}

async fn assert_answered(server: &Server, key: &str) {
    let answer = server.send(ask(key, ASK)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.json()["data"]["viewer"]["id"].is_string(), "{answer:?}");
}

#[tokio::test]
async fn an_organization_runs_32_requests_and_the_next_224_wait_for_their_turn() {
    let server = server().await;
    let (_, other) = server.app.organization("Another").await;
    assert_answered(&server, &server.key).await;
    let held = server.app.hold_clock().await;
    let running: Vec<_> = (0..32).map(|_| begun(&server, &server.key, WRITE)).collect();
    let waiting: Vec<_> = (0..224).map(|_| begun(&server, &server.key, ASK)).collect();
    for refused in [ask(&server.key, ASK), bare(server.get("query={viewer{id}}"))] {
        let refused = server.send(refused).now_or_never();
        assert_overloaded(&refused.expect("an answer at once"));
    }
    // Others have places of their own, and what is no request to the API needs none.
    assert_answered(&server, &other).await;
    for path in ["/livez", "/readyz", "/schema.graphql", "/graphiql/"] {
        assert_eq!(server.send(bare(Request::get(path))).await.status, 200, "{path}");
    }
    assert_refused(&server.send(ask("cgw_wrong", ASK)).await, 401, "UNAUTHENTICATED");
    held.rollback().await.expect("the clock is let go");
    for answer in join_all(running.into_iter().chain(waiting)).await {
        assert_eq!(answer.expect("no panic").status, 200);
    }
    assert_answered(&server, &server.key).await;
}

#[tokio::test]
async fn who_hangs_up_leaves_the_queue() {
    let limits =
        Limits { requests_per_organization: 1, waiting_requests_per_organization: 1, ..Limits::default() };
    let server = server_with(limits, &[]).await;
    assert_answered(&server, &server.key).await;
    let held = server.app.hold_clock().await;
    let running = begun(&server, &server.key, WRITE);
    let gone = begun(&server, &server.key, ASK);
    assert_overloaded(&server.send(ask(&server.key, ASK)).await);
    cut(gone).await;
    let waiting = begun(&server, &server.key, ASK);
    held.rollback().await.expect("the clock is let go");
    for answer in [running.await, waiting.await] {
        assert_eq!(answer.expect("no panic").status, 200);
    }
}

#[tokio::test]
async fn when_all_places_are_taken_another_organization_waits_too() {
    let server = server_with(Limits { requests: 1, ..Limits::default() }, &[]).await;
    let (_, other) = server.app.organization("Another").await;
    for key in [&server.key, &other] {
        assert_answered(&server, key).await;
    }
    let held = server.app.hold_clock().await;
    let running = begun(&server, &server.key, WRITE);
    let waiting = begun(&server, &other, ASK);
    held.rollback().await.expect("the clock is let go");
    for answer in [running.await, waiting.await] {
        assert_eq!(answer.expect("no panic").status, 200);
    }
}

#[tokio::test]
async fn who_waits_until_the_deadline_is_refused_and_was_not_run() {
    let limits = Limits { requests_per_organization: 1, ..super::deadline::soon() };
    let server = server_with(limits, &[]).await;
    assert_answered(&server, &server.key).await;
    let held = server.app.hold_clock().await;
    let running = begun(&server, &server.key, WRITE);
    // Their deadlines come one after the other, and the first gives its place back by its own.
    let waiting = begun(&server, &server.key, WRITE);
    let waiting = waiting.await.expect("no panic");
    running.await.expect("no panic");
    held.rollback().await.expect("the clock is let go");
    assert_eq!(waiting.json()["errors"][0]["extensions"]["code"], "OVERLOADED", "{waiting:?}");
}

#[tokio::test]
async fn bodies_that_do_not_come_take_no_place() {
    let server = server_with(Limits { body_time: NEVER, ..Limits::default() }, &[]).await;
    let mut stalled = Stalled::new();
    stalled.add(&server, &server.key, 300).await;
    assert_answered(&server, &server.key).await;
    stalled.requests.shutdown().await;
}

#[tokio::test]
async fn an_organization_holds_bodies_up_to_its_maximum_of_bytes() {
    let limits =
        Limits { held_bytes: 300, held_bytes_per_organization: 100, body_time: NEVER, ..Limits::default() };
    let server = server_with(limits, &[]).await;
    let (_, other) = server.app.organization("Another").await;
    let (begun, mut seen) = mpsc::unbounded_channel();
    let part = stream::once(async { Ok(Bytes::from_static(&[b' '; 90])) });
    let rest = stream::once(async move {
        begun.send(()).expect("the test waits");
        std::future::pending::<Result<Bytes, Infallible>>().await
    });
    let slow = ask(&server.key, Body::from_stream(part.chain(rest).boxed()));
    let slow = tokio::spawn(super::send(server.router.clone(), slow));
    seen.recv().await.expect("the rest is asked for");
    assert_answered(&server, &other).await;
    assert_answered(&server, &server.key).await;
    let slow = slow.await.expect("no panic");
    assert_refused(&slow, 408, "REQUEST_TIMEOUT");
    assert_eq!(slow.header("connection"), Some("close"));
    let long = format!("{ASK}{}", " ".repeat(101 - ASK.len()));
    assert_overloaded_bytes(&server.send(ask(&server.key, long)).await);
}

#[tokio::test]
async fn the_slowest_of_too_many_bodies_gives_way_and_not_the_newcomer() {
    let server = server_with(Limits { bodies: 3, body_time: NEVER, ..Limits::default() }, &[]).await;
    let (_, other) = server.app.organization("Another").await;
    let mut stalled = Stalled::new();
    stalled.add(&server, &server.key, 3).await;
    for key in [&server.key, &other] {
        assert_answered(&server, key).await;
    }
    // The first of the newcomers took the place of one, and left it to the second.
    let given_up = stalled.requests.join_next().await.expect("one").expect("no panic");
    assert_refused(&given_up, 408, "REQUEST_TIMEOUT");
    assert_answered(&server, &server.key).await;
    stalled.requests.shutdown().await;
}

/// Two requests whose clients leave the answers; both are dropped by the test.
async fn untaken(server: &Server, key: &str) -> axum::response::Response {
    let Ok(response) = tower::ServiceExt::oneshot(server.router.clone(), ask(key, ASK)).await;
    assert_eq!(response.status(), 200);
    response
}

#[tokio::test]
async fn while_answers_are_not_taken_the_next_request_is_refused_before_it_is_executed() {
    // Each answer has more than the half.
    let limits = Limits { untaken_answer_bytes_per_organization: 80, ..Limits::default() };
    let server = server_with(limits, &[]).await;
    let (_, other) = server.app.organization("Another").await;
    let first = untaken(&server, &server.key).await;
    let second = untaken(&server, &server.key).await;
    for refused in [ask(&server.key, WRITE), bare(server.get("query={viewer{id}}"))] {
        assert_overloaded_bytes(&server.send(refused).await);
    }
    assert_eq!(server.app.number("SELECT count(*) FROM contact").await, 0);
    assert_answered(&server, &other).await;
    drop(first);
    assert_answered(&server, &server.key).await;
    drop(second);
}

#[tokio::test]
async fn at_the_maximum_of_all_an_organization_still_has_an_equal_share() {
    let limits = Limits { untaken_answer_bytes: 130, ..Limits::default() };
    let server = server_with(limits, &[]).await;
    let (_, other) = server.app.organization("Another").await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(untaken(&server, &server.key).await);
    }
    assert_overloaded_bytes(&server.send(ask(&server.key, ASK)).await);
    held.push(untaken(&server, &other).await);
    held.clear();
    assert_answered(&server, &server.key).await;
}

/// The time in which others give bytes back is not known.
#[track_caller]
fn assert_overloaded_bytes(answer: &Answer) {
    assert_overloaded(answer);
    assert_eq!(answer.json()["errors"][0]["extensions"]["retryAfterMs"], 1_000);
}

#[tokio::test]
async fn a_request_gives_its_place_back_however_it_ends() {
    let limits = Limits {
        requests: 1,
        waiting_requests_per_organization: 0,
        body_time: Duration::ZERO,
        ..Limits::default()
    };
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
    let limits = Limits { requests: 1, waiting_requests_per_organization: 0, ..Limits::default() };
    let server = server_with(limits, &[]).await;
    assert_answered(&server, &server.key).await;
    let held = server.app.hold_clock().await;
    let running = begun(&server, &server.key, WRITE);
    assert_overloaded(&server.send(ask(&server.key, ASK)).await);
    cut(running).await;
    assert_answered(&server, &server.key).await;
    held.rollback().await.expect("the clock is let go");
}

/// The key is known from before, so the request is refused at its first step.
#[tokio::test]
async fn a_refusal_waits_for_nothing() {
    let limits = Limits { requests: 0, waiting_requests_per_organization: 0, ..Limits::default() };
    let full = server_with(limits, &[]).await;
    assert_overloaded(&full.send(ask(&full.key, ASK)).await);
    let refused = full.send(ask(&full.key, ASK)).now_or_never();
    assert_overloaded(&refused.expect("an answer at once"));
}
