//! Raw bytes over a connection.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use contacts_gateway::http::{Limits, listener};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

/// A failing test ends after this time; a passing one does not wait for it.
const LONG: Duration = Duration::from_secs(30);
/// How long the server waits for more.
const SHORT: Duration = Duration::from_millis(200);
/// How long a client waits: one that announces more than it sends may not be told that this is all.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            stopped.await.ok();
        };
        let limits = Limits { head_time: SHORT, body_time: SHORT, ..Limits::default() };
        let done = tokio::spawn(listener::serve(listener, router, limits, shutdown));
        Self { address, stop, done }
    }

    /// What comes back until one of both has waited long enough for more. The connection stays open
    /// for it: a client that ends its side first may be left without an answer.
    pub(super) async fn answer(&self, bytes: &[u8]) -> Vec<u8> {
        let stream = TcpStream::connect(self.address).await.expect("a connection");
        let (mut reader, mut writer) = stream.into_split();
        let mut answer = vec![];
        // The server may close before it has read all, which resets the connection.
        let writing = async { writer.write_all(bytes).await.ok() };
        let reading = async { reader.read_to_end(&mut answer).await.ok() };
        timeout(PATIENCE, async { tokio::join!(writing, reading) }).await.ok();
        answer
    }

    /// Whether it still answers.
    pub(super) async fn is_alive(&self) -> bool {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        let asked = b"GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        stream.write_all(asked).await.expect("sent");
        let mut answer = vec![];
        let read = timeout(LONG, stream.read_to_end(&mut answer)).await;
        read.is_ok() && answer.starts_with(b"HTTP/1.1 200 OK\r\n")
    }

    /// Ends it, and sees that it had not ended before.
    pub(super) async fn stop(self) {
        self.stop.send(()).expect("the server runs");
        timeout(LONG, self.done).await.expect("in time").expect("no panic");
    }
}

/// What is wrong with what came back; nothing at all may have come.
pub(super) fn fault(answer: &[u8]) -> Option<String> {
    let end = |text: &[u8]| text.windows(4).position(|four| four == b"\r\n\r\n");
    let mut rest = answer;
    // Bytes may have become several requests.
    while let Some(length) = end(rest) {
        let (head, body) = rest.split_at(length + 4);
        let head = String::from_utf8_lossy(head).to_lowercase();
        let status = head.strip_prefix("http/1.1 ").or(head.strip_prefix("http/1.0 "));
        let Some(status) = status.and_then(|rest| rest.get(..3)?.parse().ok()) else {
            return Some(format!("no HTTP: {}", String::from_utf8_lossy(rest)));
        };
        let announced =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let body = &body[..announced.unwrap_or_default().min(body.len())];
        if let Some(fault) = super::fault(status, body) {
            return Some(fault);
        }
        rest = &rest[length + 4 + body.len()..];
    }
    (!rest.is_empty()).then(|| format!("no end: {}", String::from_utf8_lossy(rest)))
}
