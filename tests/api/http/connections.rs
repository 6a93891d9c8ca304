//! How many connections there may be, and how long one may take.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes},
    routing::get,
};
use contacts_gateway::http::Limits;
use futures_util::Stream;
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    time::timeout,
};

use super::listener::{LONG, Listening, SHORT, held, hello, listen, rest, send, until};

const ASK: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const ASK_LAST: &str = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// A connection from another address than all others; the whole of 127.0.0.0/8 is this machine.
async fn from_address(server: &Listening, address: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    let address = format!("{address}:0").parse::<SocketAddr>().expect("an address");
    socket.bind(address).expect("an address of this machine");
    socket.connect(server.address).await.expect("a connection")
}

async fn assert_served(stream: &mut TcpStream) {
    send(stream, ASK).await;
    let answer = until(stream, "hello").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

async fn assert_refused(mut stream: TcpStream) {
    send(&mut stream, ASK).await;
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    for header in ["retry-after: 1", "connection: close", "content-type: application/json; charset=utf-8"] {
        assert!(head.lines().any(|line| line == header), "{header}: {head}");
    }
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let extensions = &body["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "OVERLOADED", "{body}");
    assert_eq!(extensions["retryable"], true, "{body}");
    assert_eq!(extensions["retryAfterMs"], 1_000, "{body}");
    assert!(head.contains(extensions["requestId"].as_str().expect("an id")), "{head} {body}");
}

#[tokio::test]
async fn an_address_has_as_many_connections_as_it_may_and_the_next_is_refused() {
    let limits = Limits { connections_per_address: 2, ..Limits::default() };
    let server = listen(hello(), limits).await;
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    assert_refused(server.connect().await).await;
    assert_served(&mut first).await;
    assert_served(&mut second).await;
    assert_served(&mut from_address(&server, "127.0.0.2").await).await;
}

#[tokio::test]
async fn all_together_have_as_many_connections_as_they_may_and_the_next_is_refused() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let server = listen(hello(), limits).await;
    let mut first = server.connect().await;
    let mut second = from_address(&server, "127.0.0.2").await;
    assert_refused(from_address(&server, "127.0.0.3").await).await;
    assert_served(&mut first).await;
    assert_served(&mut second).await;
}

/// One thread runs all of it, so the server has put a connection away before its end is seen.
#[tokio::test]
async fn a_connection_that_ended_makes_room_whoever_ended_it() {
    let limits = Limits { connections: 1, head_time: SHORT, ..Limits::default() };
    let server = listen(hello(), limits).await;
    for _ in 0..3 {
        let mut answered = server.connect().await;
        send(&mut answered, ASK_LAST).await;
        assert!(rest(answered).await.starts_with("HTTP/1.1 200 OK\r\n"));

        let mut nonsense = server.connect().await;
        send(&mut nonsense, "nonsense\r\n\r\n").await;
        assert!(rest(nonsense).await.starts_with("HTTP/1.1 400 "));

        assert_eq!(rest(server.connect().await).await, "", "a silent one is served, and then closed");
    }
}

#[tokio::test]
async fn refusing_connections_keeps_none_of_their_places() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let server = listen(hello(), limits).await;
    let mut first = server.connect().await;
    for _ in 0..3 {
        assert_refused(server.connect().await).await;
    }
    send(&mut first, ASK_LAST).await;
    assert!(rest(first).await.ends_with("hello"));
    assert_served(&mut server.connect().await).await;
}

/// An answer without end; it tells when it is given up.
struct Endless(#[expect(dead_code, reason = "its drop is what tells")] mpsc::Sender<()>);

impl Stream for Endless {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(Some(Ok(Bytes::from_static(&[b'a'; 16_384]))))
    }
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_cut_off() {
    let (alive, mut given_up) = mpsc::channel(1);
    let endless = async move || Body::from_stream(Endless(alive.clone()));
    let limits = Limits { answer_time: SHORT, ..Limits::default() };
    let server = listen(Router::new().route("/", get(endless)), limits).await;
    let mut stream = server.connect().await;
    send(&mut stream, ASK).await;
    until(&mut stream, "\r\n\r\n").await;
    // The route has a sender too, so the end is told by the message that never comes.
    server.stop.send(()).expect("the server runs");
    assert_eq!(timeout(LONG, given_up.recv()).await, Ok(None));
    timeout(LONG, server.done).await.expect("in time").expect("no panic");
}

#[tokio::test]
async fn a_request_that_grows_too_old_ends_with_its_connection() {
    let (reached, release) = (std::sync::Arc::default(), std::sync::Arc::default());
    let limits = Limits { request_age: SHORT, ..Limits::default() };
    let server = listen(held(&reached, &release), limits).await;
    let mut stream = server.connect().await;
    send(&mut stream, ASK).await;
    reached.notified().await;
    assert_eq!(rest(stream).await, "");
}
