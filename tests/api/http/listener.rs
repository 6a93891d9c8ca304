//! The listener: connections that do not behave, and an orderly end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use contacts_gateway::http::{Limits, listener};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::server_with;

/// A failing test ends after this time; a passing one does not wait for it.
pub(super) const LONG: Duration = Duration::from_secs(5);
pub(super) const SHORT: Duration = Duration::from_millis(50);

pub(super) struct Listening {
    pub(super) address: SocketAddr,
    pub(super) stop: oneshot::Sender<()>,
    pub(super) done: JoinHandle<()>,
}

pub(super) async fn listen(router: Router, limits: Limits) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        stopped.await.ok();
    };
    let done = tokio::spawn(listener::serve(listener, router, limits, shutdown));
    Listening { address, stop, done }
}

pub(super) fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

impl Listening {
    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }
}

pub(super) async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.expect("sent");
}

/// Everything until the server closes.
pub(super) async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    timeout(LONG, stream.read_to_end(&mut bytes))
        .await
        .expect("the server closes")
        .expect("the server does not reset");
    String::from_utf8(bytes).expect("text")
}

/// Reads until `end` has come.
pub(super) async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let byte = timeout(LONG, stream.read_u8()).await.expect("in time");
        text.push(byte.expect("a byte").into());
    }
    text
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let limits = Limits { head_time: SHORT, ..Limits::default() };
    let server = listen(hello(), limits).await;
    assert_eq!(rest(server.connect().await).await, "");
}

#[tokio::test]
async fn a_head_that_does_not_end_is_given_up() {
    let limits = Limits { head_time: SHORT, ..Limits::default() };
    let server = listen(hello(), limits).await;
    let mut stream = server.connect().await;
    send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n").await;
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_answer() {
    let limits = Limits { head_time: SHORT, ..Limits::default() };
    let server = listen(hello(), limits).await;
    let mut stream = server.connect().await;
    send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    until(&mut stream, "hello").await;
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn a_head_may_have_64_kibibytes_and_not_more() {
    let server = listen(hello(), Limits::default()).await;
    let head = |length: usize| {
        let start = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: ";
        let filling = "y".repeat(length - start.len() - 4);
        format!("{start}{filling}\r\n\r\n")
    };
    let mut stream = server.connect().await;
    send(&mut stream, &head(64 * 1024)).await;
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");

    let mut stream = server.connect().await;
    send(&mut stream, &head(64 * 1024 + 1)).await;
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn a_refused_body_does_not_cost_the_client_the_answer() {
    let routes = server_with(Limits::default(), &[]).await;
    let key = routes.key;
    let server = listen(routes.router, Limits::default()).await;
    let body = " ".repeat(3 * 1024 * 1024);
    for (key, status) in [(key.as_str(), "413"), ("cgw_wrong", "401")] {
        let mut stream = server.connect().await;
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: a\r\nx-api-key: {key}\r\nconnection: close\r\n\
            content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        send(&mut stream, &head).await;
        send(&mut stream, &body).await;
        let answer = rest(stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test]
async fn a_body_is_not_asked_for_before_the_key_is_known() {
    let routes = server_with(Limits::default(), &[]).await;
    let server = listen(routes.router, Limits::default()).await;
    let mut stream = server.connect().await;
    let head = "POST /graphql HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\
        content-type: application/json\r\ncontent-length: 30\r\n\r\n";
    send(&mut stream, head).await;
    let answer = until(&mut stream, "\r\n").await;
    assert_eq!(answer, "HTTP/1.1 401 Unauthorized\r\n");
}

#[tokio::test]
async fn a_body_that_does_not_come_ends_the_connection() {
    let limits = Limits { body_time: SHORT, ..Limits::default() };
    let routes = server_with(limits, &[]).await;
    let key = routes.key;
    let server = listen(routes.router, limits).await;
    let mut stream = server.connect().await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\nx-api-key: {key}\r\n\
        content-type: application/json\r\ncontent-length: 30\r\n\r\n{{"
    );
    send(&mut stream, &head).await;
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("REQUEST_TIMEOUT"), "{answer}");
}

#[tokio::test]
async fn a_stopping_server_closes_idle_connections_at_once() {
    let server = listen(hello(), Limits::default()).await;
    let mut used = server.connect().await;
    send(&mut used, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    until(&mut used, "hello").await;

    server.stop.send(()).expect("the server runs");
    timeout(LONG, server.done).await.expect("in time").expect("no panic");
    assert_eq!(rest(used).await, "");
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_stopping_server_does_not_wait_for_a_new_connection_that_stays_silent() {
    let limits = Limits { first_request_time: SHORT, ..Limits::default() };
    let server = listen(hello(), limits).await;
    let silent = server.connect().await;
    server.stop.send(()).expect("the server runs");
    timeout(LONG, server.done).await.expect("in time").expect("no panic");
    assert_eq!(rest(silent).await, "");
}

/// One thread runs all of it, so the server accepts none before it is asked to stop.
#[tokio::test]
async fn a_stopping_server_answers_whoever_has_connected() {
    let server = listen(hello(), Limits::default()).await;
    let connected: Vec<_> =
        (0..50).map(|_| std::net::TcpStream::connect(server.address).expect("a connection")).collect();
    server.stop.send(()).expect("the server runs");
    tokio::task::yield_now().await;
    for stream in connected {
        stream.set_nonblocking(true).expect("a stream that can be waited for");
        let mut stream = TcpStream::from_std(stream).expect("a stream");
        send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        assert!(rest(stream).await.ends_with("hello"));
    }
    timeout(LONG, server.done).await.expect("in time").expect("no panic");
}

/// Whose handshake is completed between the last accept and the close of the listener is reset.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_stopping_server_completes_no_further_handshake() {
    let limits = Limits { handshake_time: LONG, ..Limits::default() };
    let server = listen(hello(), limits).await;
    let mut used = server.connect().await;
    send(&mut used, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    until(&mut used, "hello").await;
    server.stop.send(()).expect("the server runs");
    assert_eq!(rest(used).await, "", "it is stopping");
    let late = timeout(SHORT, TcpStream::connect(server.address)).await;
    assert!(late.is_err(), "neither let in nor refused yet: {late:?}");
}

/// A route that tells when it was reached, and answers when it is told to.
pub(super) fn held(reached: &Arc<Notify>, release: &Arc<Notify>) -> Router {
    let (reached, release) = (reached.clone(), release.clone());
    let handler = async move || {
        reached.notify_one();
        release.notified().await;
        "held"
    };
    Router::new().route("/", get(handler))
}

#[tokio::test]
async fn a_stopping_server_answers_what_is_under_way() {
    let (reached, release) = (Arc::default(), Arc::default());
    let server = listen(held(&reached, &release), Limits::default()).await;
    let mut stream = server.connect().await;
    send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    reached.notified().await;

    server.stop.send(()).expect("the server runs");
    release.notify_one();
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("held"), "{answer}");
    timeout(LONG, server.done).await.expect("in time").expect("no panic");
}

#[tokio::test]
async fn a_stopping_server_does_not_wait_for_ever() {
    let (reached, release) = (Arc::default(), Arc::default());
    let limits = Limits { drain_time: SHORT, ..Limits::default() };
    let server = listen(held(&reached, &release), limits).await;
    let mut stream = server.connect().await;
    send(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    reached.notified().await;

    server.stop.send(()).expect("the server runs");
    timeout(LONG, server.done).await.expect("in time").expect("no panic");
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn a_request_without_a_host_or_with_two_is_refused() {
    let server = listen(server_with(Limits::default(), &[]).await.router.clone(), Limits::default()).await;
    for (head, status) in [
        ("GET /livez HTTP/1.1\r\n", 400),
        ("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n", 400),
        ("GET /livez HTTP/1.1\r\nHost: a\r\n", 200),
        ("GET /livez HTTP/1.0\r\n", 200),
    ] {
        let mut stream = server.connect().await;
        send(&mut stream, &format!("{head}Connection: close\r\n\r\n")).await;
        let answer = rest(stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.{} {status}", &head[18..19])), "{head}: {answer}");
        assert_eq!(answer.contains("\"code\":\"BAD_REQUEST\""), status == 400, "{answer}");
    }
}
