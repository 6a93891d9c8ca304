//! `/metrics`, on an address of its own: what it tells is the operator's, not a client's.

use std::time::Duration;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

use super::Limits;
use super::listener::serve;
use crate::database::Database;
use crate::metrics::{self, Exposition};

/// How often what was measured is folded, if nobody reads it.
const FOLDED_EVERY: Duration = Duration::from_secs(5);

/// Connections at once: few read it.
const CONNECTIONS: usize = 64;

/// Answers Prometheus until `shutdown` completes.
pub async fn serve_metrics(
    listener: TcpListener,
    exposition: Exposition,
    database: Database,
    shutdown: impl Future<Output = ()>,
) {
    let folded = exposition.clone();
    let text = move || {
        metrics::load(database.load());
        let headers =
            [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")];
        std::future::ready((headers, exposition.text()).into_response())
    };
    let router = Router::new().route("/metrics", get(text));
    let folding = async {
        let mut ticks = interval(FOLDED_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            folded.fold();
        }
    };
    let limits = Limits { connections: CONNECTIONS, ..Limits::default() };
    tokio::select! {
        () = serve(listener, router, limits, shutdown) => {}
        () = folding => {}
    }
}
