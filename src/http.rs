//! The transport: the terms of HTTP are used here and nowhere below.
//!
//! A request to `/graphql` passes its gates in this order, and the first that refuses it answers:
//! host, path, method and media type; key; rate; length of the queue; body (size, then deadline); turn; JSON;
//! GraphQL. Every answer of every route carries `X-Request-Id`, and every error has
//! the same JSON shape.

use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{any, get};
use tower::layer::layer_fn;
use tower::util::option_layer;

use self::endpoint::Endpoint;
use self::host::HostCheck;
use self::observe::{Guard, Observe};
use crate::access::Keys;
use crate::database::Database;
use crate::graphql::Gateway;

mod accept;
mod admission;
mod answer;
mod backlog;
mod bodies;
mod body;
mod codes;
mod concurrency;
mod conditional;
mod connection;
mod cors;
mod credential;
mod endpoint;
mod graphiql;
mod health;
mod host;
mod limits;
pub mod listener;
pub mod metrics;
mod observe;
mod payload;
mod rate;
mod rejection;
mod request_id;
mod sdl;
mod status;

pub use cors::{InvalidOrigin, Origins};
pub use host::{Hosts, InvalidHost};
pub use limits::Limits;

/// The parts of the layers below that the routes need.
#[derive(Clone)]
pub struct App {
    /// Executes GraphQL requests.
    pub gateway: Gateway,
    /// Finds the caller of a request.
    pub keys: Keys,
    /// Asked by `/readyz`.
    pub database: Database,
    /// The web origins whose scripts may read answers.
    pub origins: Origins,
    /// The names under which the server answers.
    pub hosts: Hosts,
    /// Sizes and times a request may take.
    pub limits: Limits,
}

/// Returns all routes of the server. Tests call the same router in process.
pub fn router(app: App) -> Router {
    let cors = app.origins.layer();
    let hosts = app.hosts.clone();
    let host_check = move |service| HostCheck { hosts: hosts.clone(), service };
    let sdl = sdl::routes(app.gateway.sdl());
    let app = Arc::new(app);
    let endpoint = any(endpoint::graphql).with_state(Arc::new(Endpoint::new(app.clone())));
    Router::new()
        .route("/", get(async || Redirect::temporary("/graphiql/")))
        .route("/graphiql", get(async || Redirect::temporary("/graphiql/")))
        .route("/graphiql/", get(graphiql::index))
        .route("/graphiql/{*file}", get(graphiql::file))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/schema.graphql", sdl)
        // For the routes so far. The endpoint answers every method itself, since the type of a refusal
        // depends there on what the client accepts.
        .method_not_allowed_fallback(rejection::method_not_allowed)
        .route(endpoint::PATH, endpoint)
        .fallback(rejection::not_found)
        // Each wraps those after it. The log line is outermost, so that no answer is without one; panics are
        // caught within CORS, so that a page may read the refusal.
        .layer((layer_fn(Observe), layer_fn(host_check), option_layer(cors), layer_fn(Guard)))
        .with_state(app)
}
