//! `/metrics`, on an address of its own: what it tells is for the operator, not for clients.

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

/// Interval at which measurements are folded, if nobody reads them.
const FOLD_INTERVAL: Duration = Duration::from_secs(5);

/// Maximum number of connections at once: few read metrics.
const MAX_CONNECTIONS: usize = 64;

/// Answers Prometheus until `shutdown` completes.
pub async fn serve_metrics(
    listener: TcpListener,
    exposition: Exposition,
    database: Database,
    shutdown: impl Future<Output = ()>,
) {
    // Gauges of the database are read when somebody asks, so that nothing is spent on them otherwise.
    let folded = exposition.clone();
    let text = move || {
        metrics::load(database.load());
        let headers =
            [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")];
        std::future::ready((headers, exposition.text()).into_response())
    };
    let router = Router::new().route("/metrics", get(text));
    let folding = async {
        let mut ticks = interval(FOLD_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            folded.fold();
        }
    };
    let limits = Limits { connections: MAX_CONNECTIONS, ..Limits::default() };
    tokio::select! {
        () = serve(listener, router, limits, shutdown) => {}
        () = folding => {}
    }
}
