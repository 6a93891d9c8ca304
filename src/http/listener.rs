//! Connections: accepting them, bounding what they may take, and letting them end well.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::middleware::AddExtension;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::Layer as _;

use super::limits::Limits;

/// How long to wait when no connection can be accepted, for instance for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

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
    let (running, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            (stream, client) = accept(&listener) => {
                let service = TowerToHyperService::new(Extension(ConnectInfo(client)).layer(router.clone()));
                let connection = protocol
                    .serve_connection(TokioIo::new(stream), service)
                    .with_upgrades();
                connections.spawn(converse(connection, stopping.clone()));
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

type Connection = http1::UpgradeableConnection<TokioIo<TcpStream>, TowerToHyperService<Routes>>;

/// The routes, told whose connection a request comes by.
type Routes = AddExtension<Router, ConnectInfo<SocketAddr>>;

/// Serves one connection to its end. Once the listener drops the sender of `stopping`, the
/// request under way is the last.
async fn converse(connection: Connection, mut stopping: watch::Receiver<()>) {
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = &mut connection => outcome,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection broke off");
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
