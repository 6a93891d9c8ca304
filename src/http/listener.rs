//! Connections: accepting them, bounding what they may take, and letting them end well.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::from_fn;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::connection::Connection;
use super::limits::Limits;
use super::places::Places;
use super::{fault, observe};
use crate::access::Network;

/// How long to wait when no connection can be accepted, for instance for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Connections beyond the limit that are told so, at once; any other is closed without a word.
const REFUSALS: usize = 64;

/// How long one of them may take for its request and the answer to it.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// Serves connections until `shutdown` completes.
///
/// Then none is accepted any more, idle ones are closed at once, and requests under way are
/// answered, as far as `limits.drain_time` allows; it returns when that is done. Nothing a client
/// does, and no error of the listener, ends it earlier.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    // `axum::serve` sets no timer: a silent client would keep its connection for ever.
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_header_size(limits.head_bytes);
    let service = TowerToHyperService::new(router);
    let places = Places::new(limits.connections, limits.connections_per_address);
    let refusal = refusal(limits);
    let (running, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut refusals = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            Some(_) = refusals.join_next() => {}
            (stream, client) = accept(&listener) => match places.take(Network::from(client.ip())) {
                Some(place) => {
                    let stream = Connection::new(stream, place, limits.answer_time);
                    let (begun, last_begun) = watch::channel(Instant::now());
                    let connection = protocol
                        .serve_connection(TokioIo::new(stream), Noted { service: service.clone(), client, begun })
                        .with_upgrades();
                    let age = outlived(last_begun, limits.request_age);
                    connections.spawn(converse(connection, age, stopping.clone()));
                }
                None if refusals.len() < REFUSALS => {
                    let connection = protocol.serve_connection(TokioIo::new(stream), refusal.clone());
                    refusals.spawn(timeout(REFUSAL_TIME, connection));
                }
                None => {}
            }
        }
    }
    drop((listener, running));
    let finished = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.drain_time, finished).await.is_err() {
        let connections = connections.len();
        tracing::warn!(connections, "requests under way were cut off");
    }
    connections.shutdown().await;
}

/// What a connection beyond the limit is served with.
fn refusal(limits: Limits) -> TowerToHyperService<Router> {
    let refused = move |id, request| fault::too_many_connections(id, limits, request);
    TowerToHyperService::new(Router::new().fallback(refused).layer(from_fn(observe::observe)))
}

/// The routes, told whose connection a request comes by, and noting when the last one began.
struct Noted {
    service: TowerToHyperService<Router>,
    client: SocketAddr,
    begun: watch::Sender<Instant>,
}

impl Service<Request<Incoming>> for Noted {
    type Response = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.client));
        self.begun.send_replace(Instant::now());
        self.service.call(request)
    }
}

/// Completes when the last request is too old. One that has been answered never gets there: before,
/// the next one comes or the connection is closed as idle.
async fn outlived(begun: watch::Receiver<Instant>, age: Duration) {
    loop {
        let end = *begun.borrow() + age;
        if Instant::now() >= end {
            return;
        }
        sleep_until(end).await;
    }
}

/// Serves one connection to its end, or until it has `outlived` its time. Once the listener drops
/// the sender of `stopping`, the request under way is the last.
async fn converse(
    connection: http1::UpgradeableConnection<TokioIo<Connection>, Noted>,
    outlived: impl Future<Output = ()>,
    mut stopping: watch::Receiver<()>,
) {
    let to_its_end = async {
        let mut connection = pin!(connection);
        tokio::select! {
            outcome = &mut connection => outcome,
            _ = stopping.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    tokio::select! {
        biased;
        outcome = to_its_end => if let Err(error) = outcome {
            tracing::debug!(%error, "a connection broke off");
        },
        () = outlived => tracing::debug!("a request took too long, and its connection was cut"),
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => {
                // An answer leaves at once, not when the client acknowledged the one before.
                if let Err(error) = accepted.0.set_nodelay(true) {
                    tracing::debug!(%error, "a connection takes no option");
                }
                return accepted;
            }
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The client was gone before it was accepted; the next one may be served at once.
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}
