//! Connections: accepting them, bounding what they may take, and letting them end well.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tower::layer::layer_fn;

use super::backlog;
use super::concurrency::ConcurrencyLimit;
use super::connection::Connection;
use super::limits::Limits;
use super::observe::Observe;
use super::rejection;
use crate::access::Network;

/// Pause after no connection could be accepted, for instance for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Maximum number of connections beyond the limit that are told so at once; any other is closed without
/// a word.
const MAX_REFUSALS: usize = 64;

/// Maximum time that a refused connection takes for its request and the answer.
const MAX_REFUSAL_TIME: Duration = Duration::from_secs(1);

/// Maximum number of waiting connections that are accepted when the server stops. It is more than may
/// wait at a time, so only a flood does not get in whole.
const MAX_DRAINED_CONNECTIONS: usize = 4096;

/// Serves connections until `shutdown` completes.
///
/// Then no new connections begin, and those that had begun are still accepted, for
/// `limits.handshake_time`; idle ones are closed at once, new ones have `limits.first_request_time`
/// for their first request, and requests under way are answered, as far as `limits.drain_time`
/// allows; it returns when that is done. Nothing a client does, and no error of the listener, ends it
/// earlier.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let (running, stopping) = watch::channel(());
    let mut connections = Connections::new(router, limits, stopping);
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            // Ended connections are taken out, or the sets would grow for ever.
            Some(_) = connections.served.join_next() => {}
            Some(_) = connections.refused.join_next() => {}
            (stream, client) = accept(&listener) => connections.begin(stream, client),
        }
    }
    drop(running);
    if let Err(error) = backlog::refuse_handshakes(&listener) {
        tracing::debug!(%error, "clients that come in the last moment may be reset");
    }
    let mut arrived = pin!(sleep(limits.handshake_time));
    loop {
        tokio::select! {
            () = &mut arrived => break,
            (stream, client) = accept(&listener) => connections.begin(stream, client),
        }
    }
    for (stream, client) in backlog::drain(listener).take(MAX_DRAINED_CONNECTIONS) {
        connections.begin(stream, client);
    }
    connections.finish().await;
}

/// The open connections, and what they are served with.
struct Connections {
    protocol: http1::Builder,
    service: TowerToHyperService<Router>,
    refusal: TowerToHyperService<Router>,
    limits: Limits,
    limit: ConcurrencyLimit<Network>,
    stopping: watch::Receiver<()>,
    served: JoinSet<()>,
    refused: JoinSet<()>,
}

impl Connections {
    fn new(router: Router, limits: Limits, stopping: watch::Receiver<()>) -> Self {
        // `axum::serve` sets no timer: a silent client would keep its connection for ever.
        let mut protocol = http1::Builder::new();
        protocol
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_time)
            .max_header_size(limits.head_bytes);
        Self {
            protocol,
            service: TowerToHyperService::new(router),
            refusal: refusal(limits),
            limits,
            limit: ConcurrencyLimit::new(limits.connections, limits.connections_per_address),
            stopping,
            served: JoinSet::new(),
            refused: JoinSet::new(),
        }
    }

    /// Serves a connection within the limits, and refuses any other.
    fn begin(&mut self, stream: TcpStream, client: SocketAddr) {
        // With Nagle's algorithm the second half of an answer would wait until the client has acknowledged
        // the first, which clients put off.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection takes no option");
        }
        match self.limit.try_acquire(Network::from(client.ip())) {
            Some(permit) => {
                let stream = Connection::new(stream, permit, self.limits.answer_time);
                let (begun, last_begun) = watch::channel(Instant::now());
                let service = TrackedService { service: self.service.clone(), client, begun };
                let connection =
                    self.protocol.serve_connection(TokioIo::new(stream), service).with_upgrades();
                self.served.spawn(serve_connection(
                    connection,
                    last_begun,
                    self.limits,
                    self.stopping.clone(),
                ));
            }
            None if self.refused.len() < MAX_REFUSALS => {
                let connection = self.protocol.serve_connection(TokioIo::new(stream), self.refusal.clone());
                self.refused.spawn(async move { drop(timeout(MAX_REFUSAL_TIME, connection).await) });
            }
            None => {}
        }
    }

    /// Waits for the connections to end, once they are told to.
    async fn finish(mut self) {
        let ended = async {
            while self.served.join_next().await.is_some() {}
            while self.refused.join_next().await.is_some() {}
        };
        if timeout(self.limits.drain_time, ended).await.is_err() {
            let connections = self.served.len();
            tracing::warn!(connections, "requests under way were cut off");
        }
        self.served.shutdown().await;
    }
}

/// Returns the service of connections beyond the limit.
fn refusal(limits: Limits) -> TowerToHyperService<Router> {
    let refused = move |id, request| rejection::too_many_connections(id, limits, request);
    TowerToHyperService::new(Router::new().fallback(refused).layer(layer_fn(Observe)))
}

/// The routes, which are told whose connection a request comes by. It notes when the last one began.
struct TrackedService {
    service: TowerToHyperService<Router>,
    client: SocketAddr,
    begun: watch::Sender<Instant>,
}

impl Service<Request<Incoming>> for TrackedService {
    type Response = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.client));
        self.begun.send_replace(Instant::now());
        self.service.call(request)
    }
}

/// Completes when the last request is too old. One that has been answered does not get so old: the next
/// one comes before, or the connection is closed as idle.
async fn request_expired(begun: watch::Receiver<Instant>, age: Duration) {
    loop {
        let end = *begun.borrow() + age;
        if Instant::now() >= end {
            return;
        }
        sleep_until(end).await;
    }
}

/// Serves one connection to its end, or until a request is too old. Once the listener drops the
/// sender of `stopping`, the request under way is the last.
async fn serve_connection(
    connection: http1::UpgradeableConnection<TokioIo<Connection>, TrackedService>,
    begun: watch::Receiver<Instant>,
    limits: Limits,
    mut stopping: watch::Receiver<()>,
) {
    let mut first = begun.clone();
    let first_end = *begun.borrow() + limits.first_request_time;
    let to_its_end = async {
        let mut connection = pin!(connection);
        tokio::select! {
            outcome = &mut connection => return outcome,
            _ = stopping.changed() => {}
        }
        // The protocol closes a connection that has had no request yet, even if one is on its way:
        // who was let in a moment ago would be reset.
        tokio::select! {
            biased;
            outcome = &mut connection => return outcome,
            _ = first.changed() => {}
            () = sleep_until(first_end) => {}
        }
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    tokio::select! {
        biased;
        outcome = to_its_end => if let Err(error) = outcome {
            tracing::debug!(%error, "a connection broke off");
        },
        () = request_expired(begun, limits.request_age) => {
            tracing::debug!("a request took too long, and its connection was cut");
        }
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Returns true if the client was gone before it was accepted; the next one may be served at once.
pub(super) fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}
