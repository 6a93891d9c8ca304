//! `serve`: the server from its first line to its last.

use std::net::SocketAddr;

use tokio::{net::TcpListener, signal};

use super::{Failure, first_start, say};
use crate::{
    access::{Keys, Rates},
    config::{ServeSettings, Settings},
    database::{Database, KeyStore, Options},
    graphql::{GRACE, Gateway},
    http::{self, App, Origins},
    upkeep,
};

pub(super) async fn run(settings: &Settings, serve: &ServeSettings) -> Result<(), Failure> {
    let origins = Origins::parse(&serve.cors_origins).map_err(|error| Failure::Setting(error.to_string()))?;
    let listener = TcpListener::bind(serve.listen).await.map_err(|error| {
        let listen = serve.listen;
        Failure::Setting(format!("cannot listen on {listen}: {error}; give another address with --listen"))
    })?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::Failed(format!("the listener has no address: {error}")))?;
    let stopped =
        stop_request().map_err(|error| Failure::Failed(format!("cannot listen for signals: {error}")))?;
    let limits = serve.limits();
    let options = Options { read_time: Some(limits.request_time + GRACE), ..settings.database() };
    let database = Database::open(&options).await?;
    greet(settings, address).await?;

    let keys = Keys::new(database.clone());
    let rates = Rates::new(serve.rate.rate());
    let upkeep = upkeep::start(database.clone(), keys.clone(), rates.clone());
    let app = App {
        gateway: Gateway::new(database.clone(), serve.documents.limits(), rates),
        keys: keys.clone(),
        database: database.clone(),
        origins,
        limits,
    };
    http::listener::serve(listener, http::router(app), limits, stopped).await;

    tracing::info!("no more requests; closing the database");
    upkeep.abort();
    keys.record_last_use().await;
    database.close().await;
    Ok(())
}

/// Says where the server is, and on the very first start with which key.
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
