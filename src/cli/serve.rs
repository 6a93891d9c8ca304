//! `serve`: the server from its first line to its last.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::{net::TcpListener, signal, sync::oneshot, task::JoinHandle, time::timeout};

use super::{Failure, first_start, say};
use crate::{
    access::{FailedKeyLimiter, Keys, RateLimiter},
    config::{ServeSettings, Settings},
    database::{Database, KeyStore, Options},
    graphql::{Gateway, MAX_READ_AFTER_WRITE},
    http::{self, App, Hosts, Origins, metrics::serve_metrics},
    maintenance,
    metrics::{self, Exposition},
};

/// Maximum time for closing the database. With the times of [`Limits`](crate::http::Limits) for handshakes and for
/// requests under way, the program ends within 10 s.
const MAX_CLOSE_TIME: Duration = Duration::from_secs(2);

pub(super) async fn run(settings: &Settings, serve: &ServeSettings) -> Result<(), Failure> {
    let origins = Origins::parse(&serve.cors_origins).map_err(|error| Failure::Setting(error.to_string()))?;
    // Settings and ports come first, so that a mistake in them leaves nothing behind.
    let hosts =
        Hosts::new(&serve.hosts, serve.listen.ip()).map_err(|error| Failure::Setting(error.to_string()))?;
    let (listener, address) = listen(serve.listen, "--listen").await?;
    // From here on, or a signal that comes while the database is opened would end the process at once.
    let stopped =
        stop_request().map_err(|error| Failure::Failed(format!("cannot listen for signals: {error}")))?;
    let metrics = Metrics::install(serve).await?;
    let limits = serve.limits();
    let mut options =
        Options { read_time: Some(limits.request_time + MAX_READ_AFTER_WRITE), ..settings.database() };
    if metrics.is_some() {
        options.on_statement = Some(Arc::new(|info| metrics::statement(info.elapsed, info.failed)));
    }
    let database = Database::open(&options).await?;
    let metrics = metrics.map(|metrics| metrics.start(database.clone()));
    greet(settings, address).await?;

    let keys = Keys::new(database.clone()).limited(FailedKeyLimiter::per_minute(serve.failed_keys));
    let limiter = RateLimiter::new(serve.rate.rate());
    let maintenance = maintenance::start(database.clone(), keys.clone(), limiter.clone());
    let app = App {
        gateway: Gateway::new(database.clone(), serve.documents.limits(), limiter)
            .caching(serve.answer_cache_bytes),
        keys: keys.clone(),
        database: database.clone(),
        origins,
        hosts,
        limits,
    };
    http::listener::serve(listener, http::router(app), limits, stopped).await;

    tracing::info!("no more requests; closing the database");
    let closing = async {
        // Maintenance first, as it writes; last uses are written down once no request can note another; and
        // the database last, as all of these need it.
        maintenance.abort();
        if let Some((stop, done)) = metrics {
            drop(stop);
            drop(done.await);
        }
        keys.record_last_use().await;
        database.close().await;
    };
    // Whoever still waits has been cut off, and either engine recovers from an end at any moment.
    if timeout(MAX_CLOSE_TIME, closing).await.is_err() {
        tracing::warn!("the database was still at work; it was left");
    }
    Ok(())
}

/// The listener for Prometheus, before it answers.
struct Metrics {
    listener: TcpListener,
    exposition: Exposition,
}

impl Metrics {
    /// Starts counting, and listens, where the settings say so.
    async fn install(serve: &ServeSettings) -> Result<Option<Self>, Failure> {
        let Some(address) = serve.metrics_listen else {
            return Ok(None);
        };
        let (listener, address) = listen(address, "--metrics-listen").await?;
        let exposition = metrics::install()
            .map_err(|error| Failure::Failed(format!("metrics cannot be counted: {error}")))?;
        say(&format!("Metrics: http://{address}/metrics"));
        Ok(Some(Self { listener, exposition }))
    }

    /// Answers until the sender is dropped.
    fn start(self, database: Database) -> (oneshot::Sender<()>, JoinHandle<()>) {
        let (stop, stopped) = oneshot::channel();
        let stopped = stopped.map(drop);
        (stop, tokio::spawn(serve_metrics(self.listener, self.exposition, database, stopped)))
    }
}

async fn listen(address: SocketAddr, setting: &str) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::Setting(format!("cannot listen on {address}: {error}; give another address with {setting}"))
    })?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::Failed(format!("the listener has no address: {error}")))?;
    Ok((listener, address))
}

/// Prints where the server is, and on the very first start with which key.
async fn greet(settings: &Settings, address: SocketAddr) -> Result<(), Failure> {
    let store = KeyStore::open(&settings.database()).await?;
    if !address.ip().is_loopback() {
        if store.organizations().await?.is_empty() {
            say(&"There is no organization yet. Make one, and its first key, with:");
            say(&"  contacts-gateway keys create --name first --scopes all");
        }
        say(&format!("Listening on http://{address}/"));
        return Ok(());
    }
    match first_start::ensure(&store).await? {
        Some(key) => {
            say(&"Made your organization and an API key for it. The key is not shown again:");
            say(&format!("  {}", key.reveal()));
            say(&format!("GraphiQL, ready to run: http://{address}/#key={}", key.reveal()));
        }
        None => say(&format!("GraphiQL: http://{address}/")),
    }
    say(&format!("The API: http://{address}/graphql"));
    Ok(())
}

/// Listens for the request to stop from now on; the future completes when it comes.
#[cfg(unix)]
fn stop_request() -> std::io::Result<impl Future<Output = ()>> {
    use signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        tracing::info!("asked to stop; answering what is under way");
    })
}

/// Listens for the request to stop from now on; the future completes when it comes.
#[cfg(not(unix))]
fn stop_request() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        tracing::info!("asked to stop; answering what is under way");
    })
}
