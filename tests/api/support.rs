//! What every test starts from: a store of its own, an organization with a key, and the router.

pub(crate) mod arguments;
pub(crate) mod engine;
pub(crate) mod filled;
mod folder;
pub(crate) mod pages;
#[cfg(postgres_found)]
mod postgres;
pub(crate) mod related;
pub(crate) mod schema;
pub(crate) mod steps;

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use contacts_gateway::{
    access::{FailedKeyLimiter, Keys, Rate, RateLimiter, Scope, mint},
    clock::now_ms,
    database::{Database, KeyStore, Options},
    graphql::{DocumentLimits, Gateway},
    http::{self, Hosts, Limits, Origins},
    organizations,
};
use entity::api_key;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DatabaseConnection, IntoActiveModel as _,
    Statement, sea_query::Query,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;

use engine::{Engine, ForEngine, TestDatabase};

/// A gateway over a store of its own.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) database: Database,
    /// The first organization, and a key of it with every scope.
    pub(crate) org_id: Uuid,
    pub(crate) key: String,
    /// Past the gateway: for rows that no mutation makes, and to look at what was written.
    pub(crate) raw: DatabaseConnection,
    router: Router,
    pub(crate) store: KeyStore,
    statements: Arc<Mutex<Vec<Statement>>>,
    // Goes last, after all that is connected to it.
    files: TestDatabase,
}

impl ForEngine for App {
    async fn for_engine(engine: Engine) -> Self {
        Self::new(engine).await
    }
}

impl App {
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::with(engine, any_load(), &[]).await
    }

    /// With limits of its own for what may be asked.
    pub(crate) async fn limited(engine: Engine, documents: DocumentLimits, rate: Rate) -> Self {
        let mut app = Self::new(engine).await;
        let gateway = Gateway::new(app.database.clone(), documents, RateLimiter::new(rate));
        app.router = router(&app.database, gateway, Limits::default(), &[]);
        app
    }

    /// With a limit of its own for keys that are not valid, of one address in a minute.
    pub(crate) async fn with_failed_keys(engine: Engine, failed_keys: u32) -> Self {
        let mut app = Self::new(engine).await;
        app.router = http::router(http::App {
            gateway: gateway(&app.database),
            keys: Keys::new(app.database.clone()).limited(FailedKeyLimiter::per_minute(failed_keys)),
            database: app.database.clone(),
            origins: Origins::parse::<&str>(&[]).expect("origins"),
            hosts: Hosts::default(),
            limits: Limits::default(),
        });
        app
    }

    /// With limits and origins of its own.
    pub(crate) async fn with(engine: Engine, limits: Limits, origins: &[&str]) -> Self {
        let files = TestDatabase::migrated(engine);
        let statements = Arc::new(Mutex::new(Vec::new()));
        let seen = statements.clone();
        let options = Options {
            readers: 4,
            on_statement: Some(Arc::new(move |info| {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.push(info.statement.clone());
            })),
            ..Options::new(&files.url)
        };
        let database = Database::open(&options).await.expect("a store");
        let store = KeyStore::open(&options).await.expect("a key store");
        let raw = engine::connect(&files.url, None).await.expect("a connection");
        let (org_id, key) = organization(&store, "Acme").await;
        let router = router(&database, gateway(&database), limits, origins);
        Self { engine, database, org_id, key, raw, router, store, statements, files }
    }

    /// A second server over the same handle of the store, with a cache of answers of its own; 0 for none.
    pub(crate) fn beside(&self, cached_bytes: usize) -> Router {
        let gateway = Gateway::new(self.database.clone(), DocumentLimits::default(), RateLimiter::default());
        router(&self.database, gateway.caching(cached_bytes), any_load(), &[])
    }

    /// A second server over the same store, with a writer of its own: PostgreSQL only.
    #[cfg(postgres_found)]
    pub(crate) async fn replica(&self) -> Router {
        self.replica_at(self.url()).await
    }

    /// As [`Self::replica`], by another way to the store.
    #[cfg(postgres_found)]
    pub(crate) async fn replica_at(&self, url: &str) -> Router {
        let database = Database::open(&Options::new(url)).await.expect("a second store");
        router(&database, gateway(&database), any_load(), &[])
    }

    /// A server over the same store, with a gateway of its own.
    pub(crate) fn served_by(&self, gateway: Gateway) -> Router {
        router(&self.database, gateway, any_load(), &[])
    }

    /// The store's URL.
    pub(crate) fn url(&self) -> &str {
        &self.files.url
    }

    /// Another organization: its id, and a key of it with every scope.
    pub(crate) async fn organization(&self, name: &str) -> (Uuid, String) {
        organization(&self.store, name).await
    }

    /// A key of the first organization.
    pub(crate) async fn key_with(&self, scopes: &[Scope]) -> String {
        self.key_in(self.org_id, scopes).await
    }

    /// A key of any organization.
    pub(crate) async fn key_in(&self, org_id: Uuid, scopes: &[Scope]) -> String {
        let (key, row) = mint(org_id, "test", scopes.iter().copied().collect(), None);
        self.store.add(None, row).await.expect("a key");
        key.reveal().to_owned()
    }

    /// Gives the first organization's key to a user. To be called before the key is used.
    pub(crate) async fn act_as(&self, user_id: Uuid) {
        let update = Query::update()
            .table(api_key::Entity)
            .value(api_key::Column::UserId, user_id)
            .and_where(api_key::Column::OrgId.eq(self.org_id))
            .to_owned();
        self.raw.execute(&update).await.expect("a user's key");
    }

    /// The router that a server would serve.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// Asks with the first organization's key; the whole answer.
    pub(crate) async fn ask(&self, query: &str) -> Value {
        self.ask_as(&self.key, query, json!({})).await
    }

    /// Asks with variables.
    pub(crate) async fn ask_with(&self, query: &str, variables: Value) -> Value {
        self.ask_as(&self.key, query, variables).await
    }

    /// Asks with another key.
    pub(crate) async fn ask_as(&self, key: &str, query: &str, variables: Value) -> Value {
        ask(self.router(), key, query, variables).await
    }

    /// Asks, and expects no errors; the answer's `data`.
    #[track_caller]
    pub(crate) fn data(&self, query: &str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let mut answer = self.ask(query).await;
            assert_eq!(answer.get("errors"), None, "{answer:#} at {caller}");
            answer["data"].take()
        }
    }

    /// The `createContact` payload for an input.
    pub(crate) async fn create(&self, input: Value) -> Value {
        const CREATE: &str = "mutation($input: CreateContactInput!) { createContact(input: $input) {
            contact { id version createdAt updatedAt } userErrors { field code message conflictingContacts { id } } } }";
        let mut answer = self.ask_with(CREATE, json!({"input": input})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"]["createContact"].take()
    }

    /// Creates a sound contact; its id.
    pub(crate) async fn created(&self, input: Value) -> Uuid {
        let payload = self.create(input).await;
        let id = payload["contact"]["id"].as_str().and_then(|id| id.parse().ok());
        id.unwrap_or_else(|| panic!("not created: {payload:#}"))
    }

    /// Runs a statement past the gateway.
    pub(crate) async fn raw_execute(&self, sql: &str) {
        self.raw.execute_unprepared(sql).await.expect("a statement");
    }

    /// The number in the column `count` of the one row of a select, past the gateway.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.raw.get_database_backend(), sql);
        let row = self.raw.query_one_raw(statement).await.expect("a row").expect("a row");
        row.try_get("", "count").expect("a number")
    }

    /// The statements sent since the last time this was asked.
    pub(crate) fn statements(&self) -> Vec<Statement> {
        std::mem::take(&mut self.statements.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn gateway(database: &Database) -> Gateway {
    Gateway::new(database.clone(), DocumentLimits::default(), RateLimiter::default())
        .caching(Gateway::DEFAULT_ANSWER_CACHE_BYTES)
}

/// Tests that are not about load send as many requests at once as they like.
fn any_load() -> Limits {
    Limits { requests: usize::MAX, requests_per_organization: usize::MAX, ..Limits::default() }
}

fn router(database: &Database, gateway: Gateway, limits: Limits, origins: &[&str]) -> Router {
    http::router(http::App {
        gateway,
        keys: Keys::new(database.clone()),
        database: database.clone(),
        origins: Origins::parse(origins).expect("origins"),
        hosts: Hosts::default(),
        limits,
    })
}

/// Asks a server; the whole answer.
pub(crate) async fn ask(router: Router, key: &str, query: &str, variables: Value) -> Value {
    ask_once(router, key, None, query, variables).await
}

/// As [`ask`], with an `Idempotency-Key` or without.
pub(crate) async fn ask_once(
    router: Router,
    key: &str,
    once: Option<&str>,
    query: &str,
    variables: Value,
) -> Value {
    let body = json!({"query": query, "variables": variables});
    let mut request =
        Request::post("/graphql").header("x-api-key", key).header("content-type", "application/json");
    if let Some(once) = once {
        request = request.header("idempotency-key", once);
    }
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let Ok(response) = router.oneshot(request).await;
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a whole body");
    let mut answer: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    if answer.get("data").is_some() {
        // Every answer tells its cost, of which most tests say nothing.
        let extensions = answer.as_object_mut().and_then(|answer| answer.remove("extensions"));
        assert!(extensions.is_some_and(|extensions| extensions["cost"].is_u64()), "{answer:#}");
    }
    answer
}

async fn organization(store: &KeyStore, name: &str) -> (Uuid, String) {
    let row = organizations::new(Uuid::now_v7(), name, now_ms());
    let (key, key_row) = mint(row.id, "test", Scope::ALL.into_iter().collect(), None);
    let org_id = row.id;
    store.add(Some(row.into_active_model().reset_all()), key_row).await.expect("an organization");
    (org_id, key.reveal().to_owned())
}
